#include "signer/mac/collected_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Bytes;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;

std::string TextOf(const CollectedText& text) {
  return {text.bytes().begin(), text.bytes().end()};
}

TEST(CollectedTextTest, PiecesAreOneText) {
  CollectedText text;
  EXPECT_EQ(TextOf(text), "");
  for (const char* piece : {"", "a", "bc", "", "def"}) {
    ASSERT_THAT(text.Append(Bytes(piece)), IsOk());
  }
  EXPECT_EQ(TextOf(text), "abcdef");
  text.CutTo(2);
  EXPECT_EQ(TextOf(text), "ab");
  Must(text.Append(Bytes("C")));
  const CollectedText moved = std::move(text);
  EXPECT_EQ(TextOf(moved), "abC");
}

TEST(CollectedTextTest, OneByteTooManyIsRefusedAndNothingIsChanged) {
  const std::vector<std::uint8_t> most(CollectedText::kMostBytes);
  CollectedText text;
  ASSERT_THAT(text.Append(Bytes("abc")), IsOk());
  const auto refused = text.Append(most);
  EXPECT_THAT(refused, FailsWith(kNoRoom));
  EXPECT_EQ(MessageOf(refused),
            "the text of one chain is longer than 64 MiB, which sigtoken keeps "
            "for it");
  EXPECT_EQ(TextOf(text), "abc");
  EXPECT_THAT(text.Append(std::span(most).first(most.size() - 3)), IsOk());
  EXPECT_THAT(text.Append(Bytes("x")), FailsWith(kNoRoom));
  EXPECT_THAT(text.Append({}), IsOk());
  EXPECT_EQ(text.size(), CollectedText::kMostBytes);
}

TEST(CollectedTextTest, AllTextsTogetherHaveABoundWhichIsGivenBack) {
  const std::vector<std::uint8_t> most(CollectedText::kMostBytes);
  for (int round = 0; round < 2; ++round) {
    std::vector<CollectedText> texts;
    for (std::size_t bytes = 0; bytes < CollectedText::kMostBytesOfAll;
         bytes += most.size()) {
      texts.emplace_back();
      ASSERT_THAT(texts.back().Append(most), IsOk());
    }
    CollectedText other;
    const auto refused = other.Append(Bytes("x"));
    EXPECT_THAT(refused, FailsWith(kNoRoom));
    EXPECT_EQ(MessageOf(refused),
              "the text of all chains is longer than 256 MiB, which sigtoken "
              "keeps for it");
    EXPECT_EQ(other.size(), 0U);
    texts.back().CutTo(most.size() - 1);
    EXPECT_THAT(other.Append(Bytes("x")), IsOk());
    EXPECT_THAT(other.Append(Bytes("x")), FailsWith(kNoRoom));
    texts.pop_back();
    EXPECT_THAT(other.Append(Bytes("x")), IsOk());
  }
}

}  // namespace
}  // namespace sigtoken
