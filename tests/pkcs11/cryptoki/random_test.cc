#include "pkcs11/cryptoki/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "pkcs11/tokens/token_random.h"
#include "tests/faulty_token.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;

using Bytes = std::vector<std::uint8_t>;

class RandomTest : public testing::FaultyTokenTest {
 protected:
  Status Fill(Bytes& bytes) {
    Must(token().Login());
    const auto held = Must(token().Look());
    Session session = Must(token().OpenSession(held, Access::kReadOnly));
    return GenerateRandom(session, bytes);
  }
  std::size_t Calls() const { return fault_.Calls("C_GenerateRandom"); }
};

TEST_F(RandomTest, FillsWhatItGetsInPiecesTo4096Bytes) {
  struct Row {
    std::size_t bytes;
    std::size_t calls;
  };
  for (const Row& row : {Row{0, 0}, Row{1, 1}, Row{8, 1}, Row{4096, 1},
                         Row{4097, 2}, Row{20'000, 5}}) {
    const std::size_t before = Calls();
    Bytes bytes(row.bytes + 1, 0xEE);
    std::span<std::uint8_t> all(bytes);
    Must(token().Login());
    {
      const auto held = Must(token().Look());
      Session session = Must(token().OpenSession(held, Access::kReadOnly));
      ASSERT_THAT(GenerateRandom(session, all.first(row.bytes)), IsOk());
    }
    EXPECT_EQ(Calls() - before, row.calls) << row.bytes;
    EXPECT_EQ(bytes.back(), 0xEE);
  }
}

TEST_F(RandomTest, ItsPiecesAreNotAlike) {
  Bytes bytes(3 * 4096);
  ASSERT_THAT(Fill(bytes), IsOk());
  std::set<Bytes> blocks;
  for (auto at = bytes.begin(); at != bytes.end(); at += 16) {
    blocks.emplace(at, at + 16);
  }
  EXPECT_EQ(blocks.size(), bytes.size() / 16);
}

// The module says CKR_OK and writes nothing.
TEST_F(RandomTest, AnAnswerOfZerosIsADeviceThatFails) {
  fault_.Script("C_GenerateRandom * return CKR_OK");
  for (const std::size_t size : {16U, 17U, 4096U, 5000U}) {
    Bytes bytes(size, 0xEE);
    const Status filled = Fill(bytes);
    ASSERT_THAT(filled, FailsWith(kNotAvailable)) << size;
    EXPECT_EQ(filled.error().rv, CKR_DEVICE_ERROR);
    EXPECT_EQ(MessageOf(filled),
              "could not get random bytes from the token: the module gave " +
                  std::to_string(std::min<std::size_t>(size, 4096)) + " zeros");
  }
  Bytes few(15, 0xEE);
  EXPECT_THAT(Fill(few), IsOk());
}

TEST_F(RandomTest, ALaterPieceOfZerosIsSeenToo) {
  fault_.Script("C_GenerateRandom 3 return CKR_OK");
  Bytes bytes(3 * 4096);
  EXPECT_THAT(Fill(bytes), FailsWith(kNotAvailable));
}

TEST_F(RandomTest, ErrorsAreTheModules) {
  struct Row {
    const char* rv;
    IcsfCode code;
  };
  for (const Row& row : {Row{"CKR_RANDOM_NO_RNG", kServiceNotAvailable},
                         Row{"CKR_FUNCTION_NOT_SUPPORTED", {12, 8}},
                         Row{"CKR_DEVICE_ERROR", kNotAvailable},
                         Row{"CKR_DEVICE_REMOVED", kNotAvailable},
                         Row{"0x80000001", kNotAvailable}}) {
    fault_.Script(std::string("C_GenerateRandom 2 return ") + row.rv);
    Bytes bytes(5000);
    const Status filled = Fill(bytes);
    ASSERT_THAT(filled, FailsWith(row.code)) << row.rv;
    EXPECT_EQ(filled.error().call, "C_GenerateRandom");
  }
}

TEST_F(RandomTest, OfATokenItIsAskedForAgainWhereTheDeviceWasGone) {
  token();
  fault_.Script("C_GenerateRandom 2 return CKR_DEVICE_ERROR");
  const auto bytes = RandomBytesOf(token(), 5000);
  ASSERT_THAT(bytes, IsOk());
  EXPECT_EQ(bytes->size(), 5000U);
  fault_.Script("C_GenerateRandom * return CKR_RANDOM_NO_RNG");
  EXPECT_THAT(RandomBytesOf(token(), 8), FailsWith(kServiceNotAvailable));
}

}  // namespace
}  // namespace sigtoken
