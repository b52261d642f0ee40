#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "signer/mac/collected_text.h"
#include "signer/mac/hmac.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/signer/mac/services.h"

namespace sigtoken {
namespace {

using testing::ChainBytes;
using testing::FailsWith;
using testing::kZeros;
using testing::MessageOf;
using testing::Must;
using testing::Octets;
using testing::Rules;
using testing::Unwritten;

class HmacChainTest : public testing::ServicesTest {
 protected:
  HmacChainTest() {
    for (const std::uint32_t number : {1U, 2U}) {
      testing::ImportKey(token(), {number, 'T'},
                         Octets(64, static_cast<std::uint8_t>(number)));
    }
  }

  Octets MacOf(std::string_view keyword, std::string_view text) {
    return testing::OpenSslMac(*FindHmacAlgorithm(keyword), Octets(64, 1),
                               testing::Bytes(text));
  }
  void Begin(std::string_view text = "da") {
    Must(Generate(Rules({"SHA-256", "FIRST"}), text, Text(1), 0));
  }
  Octets End(std::string_view text = "ta") {
    return Whole(Generate(Rules({"SHA-256", "LAST"}), text, Text(1)));
  }
  void DestroyKey(std::uint32_t number) {
    testing::Destroy(token(), FindKey(number).found().object);
  }
};

TEST_F(HmacChainTest, PiecesAreOneText) {
  using Pieces = std::vector<std::string>;
  for (const Pieces& pieces :
       {Pieces{"data", ""}, Pieces{"", "data"}, Pieces{"", "", "", ""},
        Pieces{"d", "a", "t", "a"},
        Pieces{std::string(100'000, 'x'), "", std::string(1 << 20, 'y')}}) {
    for (const char* keyword : {"MD5", "SHA-224", "SHA-512"}) {
      std::string whole;
      for (const std::string& piece : pieces) whole += piece;
      const Octets right = MacOf(keyword, whole);
      const auto run =
          [&](const std::function<void(const char*, std::size_t)>& call) {
            for (std::size_t i = 0; i < pieces.size(); ++i) {
              call(i == 0                   ? "FIRST"
                   : i + 1 == pieces.size() ? "LAST"
                                            : "MIDDLE",
                   i);
            }
            EXPECT_EQ(icsf_->states().size(), 0U);
          };
      run([&](const char* step, std::size_t i) {
        const auto made =
            Must(Generate(Rules({keyword, step}), pieces[i], Text(1)));
        const bool last = i + 1 == pieces.size();
        ASSERT_EQ(made.has_value(), last);
        if (!last) return;
        EXPECT_TRUE(std::ranges::equal(made->bytes(), right));
      });
      run([&](const char* step, std::size_t i) {
        EXPECT_TRUE(
            Must(Verify(Rules({step, keyword}), pieces[i], Text(1), right)));
      });
    }
  }
}

TEST_F(HmacChainTest, AWrongMacEndsTheChainToo) {
  Must(Verify(Rules({"MD5", "FIRST"}), "data", Text(1), {}));
  EXPECT_FALSE(
      Must(Verify(Rules({"MD5", "LAST"}), "!", Text(1), MacOf("MD5", "data"))));
  EXPECT_EQ(icsf_->states().size(), 0U);
}

TEST_F(HmacChainTest, TheReferenceHoldsNothingOfTextOrKey) {
  Begin("data");
  const ChainBytes one = chain_;
  Must(Generate(Rules({"SHA-256", "MIDDLE"}), "more", Text(1)));
  EXPECT_EQ(chain_, one);
  EXPECT_TRUE(std::all_of(one.begin() + 60, one.end(),
                          [](std::uint8_t byte) { return byte == 0; }));
}

TEST_F(HmacChainTest, OtherTermsAreRefusedAndTheChainGoesOn) {
  Begin();
  const ChainBytes before = chain_;
  struct Row {
    std::string keyword;
    std::uint32_t key;
    IcsfCode code;
  };
  for (const char* step : {"MIDDLE", "LAST"}) {
    for (const Row& row : {Row{"MD5", 1, kRuleArrayInvalid},
                           Row{"SHA-224", 1, kRuleArrayInvalid},
                           Row{"SHA-256", 2, kHandleInvalid},
                           Row{"SHA-256", 9, kHandleInvalid}}) {
      EXPECT_THAT(Generate(Rules({row.keyword, step}), "x", Text(row.key)),
                  FailsWith(row.code))
          << step << row.keyword << row.key;
    }
    EXPECT_THAT(Generate(Rules({"SHA-256", step}), "x", ""),
                FailsWith(kHandleInvalid));
    EXPECT_THAT(Generate(Rules({"SHA-256", step}), "x", Text(1, 'Y')),
                FailsWith(kHandleInvalid));
    EXPECT_THAT(Verify(Rules({"SHA-256", step}), "x", Text(1), Octets(32)),
                FailsWith(kSessionObjectGone));
    EXPECT_THAT(Hash(Rules({"SHA-256", step}), "x"),
                FailsWith(kSessionObjectGone));
  }
  EXPECT_EQ(chain_, before);
  EXPECT_EQ(End(), MacOf("SHA-256", "data"));
}

TEST_F(HmacChainTest, WithoutAChainThereIsNothingToGoOnWith) {
  Begin();
  const ChainBytes ended = chain_;
  End();
  for (const ChainBytes& chain : {Unwritten(), kZeros, ended}) {
    for (const char* step : {"MIDDLE", "LAST"}) {
      chain_ = chain;
      EXPECT_THAT(Generate(Rules({"SHA-256", step}), "x", Text(1)),
                  FailsWith(kSessionObjectGone));
      EXPECT_THAT(Verify(Rules({"SHA-256", step}), "x", Text(1), Octets(32)),
                  FailsWith(kSessionObjectGone));
      EXPECT_EQ(chain_, chain);
    }
  }
}

TEST_F(HmacChainTest, ARefusedLastLeavesTheChainAsItWas) {
  Begin();
  const auto last = Generate(Rules({"SHA-256", "LAST"}), "lost", Text(1), 31);
  EXPECT_THAT(last, FailsWith(kOutputTooShort));
  EXPECT_EQ(last.error().needed_bytes, 32U);
  fault_.Script("C_Sign * return CKR_DEVICE_ERROR");
  EXPECT_THAT(Generate(Rules({"SHA-256", "LAST"}), "lost", Text(1)),
              FailsWith(kNotAvailable));
  fault_.Script("");
  EXPECT_EQ(icsf_->states().size(), 1U);
  EXPECT_EQ(End(), MacOf("SHA-256", "data"));

  Must(Verify(Rules({"MD5", "FIRST"}), "da", Text(1), {}));
  const Octets mac = MacOf("MD5", "data");
  EXPECT_THAT(Verify(Rules({"MD5", "LAST"}), "lost", Text(1),
                     {mac.begin(), mac.end() - 1}),
              FailsWith(kLengthInvalid));
  EXPECT_TRUE(Must(Verify(Rules({"MD5", "LAST"}), "ta", Text(1), mac)));
}

TEST_F(HmacChainTest, MiddleDoesNotLookAtTheKeyAndLastOfOneThatIsGoneEnds) {
  Begin();
  const ChainBytes before = chain_;
  DestroyKey(1);
  Must(Generate(Rules({"SHA-256", "MIDDLE"}), "x", Text(1)));
  EXPECT_EQ(chain_, before);
  EXPECT_THAT(Generate(Rules({"SHA-256", "LAST"}), "x", Text(1)),
              FailsWith(kObjectNotFound));
  EXPECT_EQ(icsf_->states().size(), 0U);
  EXPECT_EQ(chain_, before);
  EXPECT_THAT(Generate(Rules({"SHA-256", "LAST"}), "x", Text(1)),
              FailsWith(kSessionObjectGone));
}

TEST_F(HmacChainTest, ATextBeyondTheLimitIsRefusedAndTheChainGoesOn) {
  const std::string most(CollectedText::kMostBytes, 'x');
  Begin("d");
  for (const char* step : {"MIDDLE", "LAST"}) {
    EXPECT_THAT(Generate(Rules({"SHA-256", step}), most, Text(1)),
                FailsWith(kNoRoom));
  }
  EXPECT_EQ(End("ata"), MacOf("SHA-256", "data"));
  chain_ = Unwritten();
  EXPECT_THAT(Generate(Rules({"SHA-256", "FIRST"}), most + "x", Text(1)),
              FailsWith(kNoRoom));
  EXPECT_EQ(chain_, Unwritten());
  // It needs no room.
  EXPECT_EQ(Whole(Generate(Rules({"SHA-256"}), most + "x", Text(1))),
            MacOf("SHA-256", most + "x"));
}

TEST_F(HmacChainTest, AStateThatWasFreedIsGone) {
  Begin();
  icsf_->states().DeleteAllOf(testing::Name(kName));
  EXPECT_THAT(Generate(Rules({"SHA-256", "MIDDLE"}), "x", Text(1)),
              FailsWith(kSessionObjectGone));
}

TEST_F(HmacChainTest, WhatThreadsAddIsOneText) {
  Begin("");
  constexpr int kThreads = 4;
  constexpr int kTimes = 200;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this] {
      for (int n = 0; n < kTimes; ++n) {
        Must(Generate(Rules({"SHA-256", "MIDDLE"}), "ab", Text(1)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::string whole;
  for (int i = 0; i < kThreads * kTimes; ++i) whole += "ab";
  EXPECT_EQ(End(""), MacOf("SHA-256", whole));
}

// Each in a copy of the chain data, as threads have them.
TEST_F(HmacChainTest, OfManyLastsOneEndsTheChain) {
  for (int round = 0; round < 20; ++round) {
    Begin("data");
    std::atomic<int> made = 0;
    std::atomic<int> gone = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        ChainBytes copy = chain_;
        const std::string rules = Rules({"SHA-256", "LAST"});
        const auto mac =
            GenerateHmac(*icsf_, {rules, {}, copy, Text(1)}, kMaxMacBytes);
        if (mac) {
          ++made;
        } else if (ToIcsf(mac.error()) == kSessionObjectGone) {
          ++gone;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(made, 1);
    EXPECT_EQ(gone, 3);
  }
}

}  // namespace
}  // namespace sigtoken
