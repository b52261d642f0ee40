#include "signer/mac/chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::Name;

constexpr std::array<std::string_view, 2> kColours = {"RED", "BLUE"};

Result<ChainRules> Parse(std::string_view rules) {
  return ParseChainRules(rules, {{"colour", kColours}});
}

TEST(ChainRulesTest, OnlyHoldsWhereNothingIsSaid) {
  struct Row {
    std::string_view rules;
    ChainStep step;
  };
  for (const Row& row : {Row{"RED     ", ChainStep::kOnly},
                         Row{"RED     ONLY    ", ChainStep::kOnly},
                         Row{"RED     FIRST   ", ChainStep::kFirst},
                         Row{"MIDDLE  RED     ", ChainStep::kMiddle},
                         Row{"LAST    RED     ", ChainStep::kLast}}) {
    const auto rules = Must(Parse(row.rules));
    EXPECT_EQ(rules.step, row.step) << row.rules;
    EXPECT_THAT(rules.keywords, ElementsAre("RED"));
  }
  EXPECT_FALSE(EndsChain(ChainStep::kFirst));
  EXPECT_FALSE(EndsChain(ChainStep::kMiddle));
  EXPECT_TRUE(EndsChain(ChainStep::kLast));
  EXPECT_TRUE(EndsChain(ChainStep::kOnly));
}

TEST(ChainRulesTest, OtherRulesAreRefused) {
  for (const std::string_view rules :
       {"", "FIRST   ", "RED", "RED     FIRST", "RED     first   ",
        "RED     FIRST   LAST    ", "RED     FIRST   FIRST   ",
        "RED     BLUE    ", "RED     NEXT    ", "RED     ONLY    ONLY    ",
        "RED             ", "GREEN   ONLY    "}) {
    EXPECT_THAT(Parse(rules), FailsWith(kRuleArrayInvalid)) << rules;
  }
}

TEST(KeyHandleTest, IsThatOfAKey) {
  for (const char category : {'T', 'Y', 'S', 'X'}) {
    const Handle handle(Name("IDT.KEYS"), {7, category});
    EXPECT_EQ(Must(KeyHandleOf(handle.Format())), handle);
  }
}

TEST(KeyHandleTest, OthersAreRefused) {
  const Handle token(Name("IDT.KEYS"));
  for (const std::string& text :
       {std::string(), std::string(44, ' '), token.Format(),
        Handle(Name("IDT.KEYS"), {7, 'U'}).Format(),
        Handle(Name("IDT.KEYS"), {7, 'Z'}).Format(),
        Handle(Name("IDT.KEYS"), {7, 'T'}).FormatShort(),
        Handle(Name("IDT.KEYS"), {7, 'T'}).Format() + " ",
        token.Format().substr(0, 32) + "0000000GT   ",
        token.Format().substr(0, 32) + "00000000T   ",
        token.Format().substr(0, 32) + "00000007E   "}) {
    EXPECT_THAT(KeyHandleOf(text), FailsWith(kHandleInvalid)) << text;
  }
}

class ChainTest : public ::testing::Test {
 protected:
  static ChainTerms Terms(std::string_view service = "CSFPHMG",
                          std::vector<std::string_view> keywords = {"MD5"},
                          std::uint32_t sequence = 1) {
    return {service, std::move(keywords),
            Handle(Name("IDT.KEYS"), {sequence, 'T'})};
  }
  Status Begin(ChainTerms terms) {
    return BeginChain(states_, Name("IDT.KEYS"), std::move(terms), 42, data_);
  }
  Result<HeldChain> Find(const ChainTerms& terms) {
    return HeldChain::Find(states_, data_, terms);
  }

  StateObjects states_;
  std::array<std::uint8_t, kChainDataBytes> data_{};
};

TEST_F(ChainTest, IsFoundByItsTermsUntilItEnds) {
  ASSERT_THAT(Begin(Terms()), IsOk());
  {
    HeldChain held = Must(Find(Terms()));
    EXPECT_EQ(held.work<int>(), 42);
    held.work<int>() = 43;
  }
  {
    HeldChain held = Must(Find(Terms()));
    EXPECT_EQ(held.work<int>(), 43);
    held.End();
  }
  EXPECT_EQ(states_.size(), 0U);
  // Who frees it once more is told so.
  const Handle freed = Must(Handle::Parse(
      {reinterpret_cast<const char*>(data_.data()), Handle::kLength}));
  EXPECT_THAT(states_.Delete(freed), FailsWith(kObjectGone));
  EXPECT_THAT(Find(Terms()), FailsWith(kSessionObjectGone));
}

TEST_F(ChainTest, OtherTermsAreRefusedAndItStays) {
  ASSERT_THAT(Begin(Terms()), IsOk());
  const auto before = data_;
  struct Row {
    ChainTerms terms;
    IcsfCode code;
    const char* message;
  };
  for (const Row& row :
       {Row{Terms("CSFPHMV"), kSessionObjectGone,
            "the chain data are of no chain of this service"},
        Row{Terms("CSFPOWH", {"SHA-1", "HASH"}, 2), kSessionObjectGone,
            "the chain data are of no chain of this service"},
        Row{Terms("CSFPHMG", {"SHA-1"}), kRuleArrayInvalid,
            "the chain was begun with MD5, not with SHA-1"},
        Row{Terms("CSFPHMG", {"MD5", "HASH"}), kRuleArrayInvalid,
            "the chain was begun with MD5, not with MD5 HASH"},
        Row{Terms("CSFPHMG", {"MD5"}, 2), kHandleInvalid,
            "the chain was begun with the key IDT.KEYS:00000001T, not with "
            "IDT.KEYS:00000002T"}}) {
    const auto found = Find(row.terms);
    EXPECT_THAT(found, FailsWith(row.code));
    EXPECT_EQ(MessageOf(found), row.message);
  }
  EXPECT_EQ(data_, before);
  EXPECT_THAT(Find(Terms()), IsOk());
}

TEST_F(ChainTest, StatesOfOthersAreNoChains) {
  struct Other : ChainState {};
  ASSERT_THAT(
      states_.Add(Name("IDT.KEYS"), false, std::make_shared<Other>(), data_),
      IsOk());
  EXPECT_THAT(Find(Terms()), FailsWith(kSessionObjectGone));
}

TEST_F(ChainTest, DataThatNobodyGaveAreNoChain) {
  ASSERT_THAT(Begin(Terms()), IsOk());
  const auto good = data_;
  EXPECT_THAT(HeldChain::Find(states_, data_, Terms()), IsOk());
  for (const std::size_t at : {0U, 33U, 39U, 40U, 44U, 59U}) {
    data_ = good;
    data_.at(at) ^= 1;
    EXPECT_THAT(Find(Terms()), FailsWith(kSessionObjectGone)) << at;
  }
  data_.fill(0);
  EXPECT_THAT(Find(Terms()), FailsWith(kSessionObjectGone));
}

TEST_F(ChainTest, ASecureKeyHasStatesOfCategoryZ) {
  struct Row {
    char key;
    char state;
  };
  for (const Row& row :
       {Row{'T', 'U'}, Row{'S', 'U'}, Row{'Y', 'Z'}, Row{'X', 'Z'}}) {
    ChainTerms terms = Terms();
    terms.key = Handle(Name("IDT.KEYS"), {1, row.key});
    ASSERT_THAT(Begin(terms), IsOk());
    EXPECT_EQ(data_[40], row.state) << row.key;
  }
  ChainTerms none = Terms();
  none.key.reset();
  ASSERT_THAT(Begin(none), IsOk());
  EXPECT_EQ(data_[40], 'U');
  EXPECT_THAT(Find(none), IsOk());
}

}  // namespace
}  // namespace sigtoken
