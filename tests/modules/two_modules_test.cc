// Two modules in one process, one of which fails: the other is not disturbed.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "pkcs11/cryptoki/environment.h"
#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"
#include "tests/fault_module.h"
#include "tests/import_key.h"
#include "tests/modules/contract.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::testing {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr const char* kGood = "IDT.GOOD";
constexpr const char* kBad = "IDT.BAD";
constexpr int kThreads = 8;
constexpr unsigned kRequests = 400;
// Two seconds are promised; five times as long on a machine that does much
// else.
constexpr milliseconds kBackWithin{5 * 2000};

// The one that fails is the fault module, around that of the row.
class TwoModulesTest : public ::testing::TestWithParam<const ModuleTraits*> {
 protected:
  // The good one is the other of the two.
  TwoModulesTest()
      : bad_(GetParam()->make()),
        good_(std::string(GetParam()->name) == "nss" ? MakeSoftHsmFixture()
                                                     : MakeNssFixture()),
        fault_(bad_->module_path()) {}

  Configuration Both() const {
    Configuration both = good_->configuration();
    Configuration bad = bad_->configuration();
    both.tokens.front().name = Name(kGood);
    BoundToken& failing = bad.tokens.front();
    failing.name = Name(kBad);
    failing.uri =
        Must(Uri::Parse(std::string("pkcs11:token=") + ModuleFixture::kLabel +
                        "?module-path=" + FaultModule::path()));
    both.tokens.push_back(failing);
    return both;
  }

  // SoftHSM2 is one of the two, and both fixtures have a store for it.
  void UseStoreOfSoftHsm() const {
    const auto& soft = std::string(GetParam()->name) == "nss" ? *good_ : *bad_;
    setenv("SOFTHSM2_CONF", soft.hsm().conf().c_str(), 1);
  }

  const std::unique_ptr<ModuleFixture> bad_;
  const std::unique_ptr<ModuleFixture> good_;
  FaultModule fault_;
};

// The answers to requests of one token.
struct Asked {
  std::atomic<unsigned> right = 0;
  std::atomic<unsigned> refused = 0;  // Not available.
  std::atomic<unsigned> wrong = 0;
};

// Both tokens, each with a key of that value.
class BothTokens {
 public:
  explicit BothTokens(const Configuration& configuration)
      : directory_(Must(Directory::Open(configuration))) {
    for (const char* name : {kGood, kBad}) {
      ImportKey(*Must(directory_->FindToken(Name(name))), {1, 'T'}, value_);
      keys_.push_back(Must(directory_->FindKey(HandleIn(name))));
    }
  }

  const Key& good() const { return keys_[0]; }
  const Key& bad() const { return keys_[1]; }

  // By the key, and now and then by one that is looked for.
  void Ask(const char* name, const Key& key, unsigned number,
           Asked& asked) const {
    const auto mac = [&]() -> Result<Mac> {
      if (number % 8 != 0) return key.Sign(Hs256(), Bytes("data"));
      SIGTOKEN_ASSIGN(const Key found, directory_->FindKey(HandleIn(name)));
      return found.Sign(Hs256(), Bytes("data"));
    }();
    if (mac) {
      ++(std::ranges::equal(mac->bytes(), right_) ? asked.right : asked.wrong);
    } else {
      ++(ToIcsf(mac.error()) == kNotAvailable ? asked.refused : asked.wrong);
    }
  }

  // Eight threads ask the good one; beside them `beside` threads ask the other
  // one until they are done.
  void ExpectGood(int beside, Asked& others) const {
    Asked asked;
    std::atomic<int> working = kThreads;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
          for (unsigned n = 0; n < kRequests; ++n) {
            Ask(kGood, good(), n, asked);
          }
          --working;
        });
      }
      for (int i = 0; i < beside; ++i) {
        threads.emplace_back([&] {
          for (unsigned n = 0; working > 0; ++n) Ask(kBad, bad(), n, others);
        });
      }
    }
    EXPECT_EQ(asked.right, kThreads * kRequests);
    EXPECT_EQ(asked.refused, 0U);
    EXPECT_EQ(asked.wrong, 0U);
  }

  void ExpectBack() const {
    const auto since = Clock::now();
    while (!bad().Sign(Hs256(), {}) && Clock::now() < since + kBackWithin) {
      std::this_thread::sleep_for(milliseconds{10});
    }
    Asked asked;
    Ask(kBad, bad(), 0, asked);
    EXPECT_EQ(asked.right, 1U);
  }

 private:
  static std::string HandleIn(const char* name) {
    return std::string(name) + ":1T";
  }

  const std::vector<std::uint8_t> value_ = std::vector<std::uint8_t>(64, 0xA5);
  const std::vector<std::uint8_t> right_ =
      OpenSslMac(Hs256(), value_, Bytes("data"));
  const std::unique_ptr<Directory> directory_;
  std::vector<Key> keys_;
};

TEST_P(TwoModulesTest, OneThatFailsDoesNotDisturbTheOther) {
  EXPECT_TRUE(RunForked([&] {
    UseStoreOfSoftHsm();
    const BothTokens tokens(Both());
    for (const std::string script :
         {"C_Sign * return CKR_DEVICE_ERROR",
          "C_SignInit * return CKR_DEVICE_REMOVED\n"
          "C_Initialize * return CKR_GENERAL_ERROR",
          "C_OpenSession * return CKR_SESSION_HANDLE_INVALID\n"
          "C_Sign * return CKR_DEVICE_REMOVED\n"
          "C_GetSlotList * no-slots"}) {
      SCOPED_TRACE(script);
      fault_.Script(script);
      Asked others;
      tokens.ExpectGood(kThreads, others);
      EXPECT_GT(others.refused, 0U);
      EXPECT_EQ(others.right, 0U);
      EXPECT_EQ(others.wrong, 0U);
    }
    fault_.Script("");
    tokens.ExpectBack();
  }));
}

// Whoever waits for it waits alone.
TEST_P(TwoModulesTest, OneThatHangsDoesNotDisturbTheOther) {
  EXPECT_TRUE(RunForked([&] {
    UseStoreOfSoftHsm();
    const BothTokens tokens(Both());
    fault_.Script(
        "C_Sign * return CKR_DEVICE_REMOVED\n"
        "C_Initialize * hang door");
    auto hung = std::async(std::launch::async, [&] {
      Asked asked;
      for (unsigned n = 0; n < 3; ++n) {
        tokens.Ask(kBad, tokens.bad(), n, asked);
      }
      return asked.wrong.load();
    });
    fault_.WaitUntilHung("door");
    Asked none;
    tokens.ExpectGood(0, none);
    EXPECT_EQ(hung.wait_for(milliseconds{0}), std::future_status::timeout);
    fault_.Script("");
    fault_.Release("door");
    EXPECT_EQ(hung.get(), 0U);
    tokens.ExpectBack();
  }));
}

// It may stand in the environment for good, which is changed for these two.
TEST_P(TwoModulesTest, OneThatHangsKeepsNoOtherFromItsFirstUse) {
  EXPECT_TRUE(RunForked([&] {
    UseStoreOfSoftHsm();
    fault_.Script("C_Initialize * hang door");
    const auto bad = Must(Directory::Open(Both()));
    auto hung = std::async(std::launch::async, [&] {
      return bad->FindToken(Name(kBad)).has_value();
    });
    fault_.WaitUntilHung("door");
    const auto begin = Clock::now();
    {
      const auto isolated =
          Must(Module::Load({SIGTOKEN_SOFTHSM2_MODULE, "", "", true}));
      EXPECT_FALSE(Must(isolated->Slots()).empty());
    }
    const EmbeddedHome home;
    const auto embedded = Must(Directory::Open(home.configuration()));
    EXPECT_THAT(embedded->CreateToken(Name(kGood), {}), IsOk());
    ImportKey(*Must(embedded->FindToken(Name(kGood))), {1, 'T'},
              std::vector<std::uint8_t>(64, 0xA5));
    EXPECT_THAT(Must(embedded->FindKey(std::string(kGood) + ":1T"))
                    .Sign(Hs256(), Bytes("data")),
                IsOk());
    EXPECT_LT(Clock::now() - begin, 5 * EnvironmentUse::kLongestUse);
    EXPECT_EQ(hung.wait_for(milliseconds{0}), std::future_status::timeout);
    fault_.Script("");
    fault_.Release("door");
    // Whatever it finds: SoftHSM2 may be the embedded store's by now.
    hung.wait();
  }));
}

INSTANTIATE_TEST_SUITE_P(SomeModules, TwoModulesTest,
                         ::testing::Values(&AllModules()[0], &AllModules()[1]),
                         ModuleName);

}  // namespace
}  // namespace sigtoken::testing
