// A module that does not come back, beside a good one in the same process.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "pkcs11/deadline/executor.h"
#include "tests/embedded_home.h"
#include "tests/fault_module.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken {
namespace {

using std::chrono::milliseconds;
using testing::Bytes;
using testing::FailsWith;
using testing::FaultModule;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::Name;
using testing::OpenSslMac;

using Clock = std::chrono::steady_clock;
using MacBytes = std::vector<std::uint8_t>;

constexpr milliseconds kDeadline{600};
constexpr milliseconds kBackWithin{5 * 2000};

// BAD is a token behind the fault module, in this process. GOOD is one of the
// same store in a helper process: SoftHSM2 is not twice in one.
class StuckModuleTest : public ::testing::TestWithParam<std::string> {
 protected:
  StuckModuleTest() : before_(std::signal(SIGPIPE, SIG_IGN)) {
    hsm_.MakeToken("bad");
    hsm_.MakeToken("good");
    configuration_ = hsm_.Configure();
    configuration_.tokens = {hsm_.Bind("BAD", "token=bad", FaultModule::path()),
                             hsm_.Bind("GOOD", "token=good")};
    configuration_.tokens[1].isolated = true;
    const auto directory = Must(Directory::Open(configuration_));
    for (const char* name : {"BAD", "GOOD"}) {
      testing::ImportKey(*Must(directory->FindToken(Name(name))), {1, 'T'},
                         value_);
    }
  }
  ~StuckModuleTest() override {
    fault_.Release("door");
    while (executor_.stuck() > 0) std::this_thread::sleep_for(milliseconds{1});
    directory_.reset();
    static_cast<void>(std::signal(SIGPIPE, before_));
  }

  // Finds the token and the key, as the first request of a service does.
  Result<MacBytes> Sign(const std::string& name) {
    return executor_.Run<MacBytes>([this, name]() -> Result<MacBytes> {
      SIGTOKEN_ASSIGN(const Key key, directory_->FindKey(name + ":1T"));
      SIGTOKEN_ASSIGN(const Mac mac, key.Sign(Hs256(), Bytes("data")));
      return MacBytes(mac.bytes().begin(), mac.bytes().end());
    });
  }
  MacBytes Right() const { return OpenSslMac(Hs256(), value_, Bytes("data")); }

  const testing::PrivateSoftHsm2 hsm_;
  FaultModule fault_;
  Configuration configuration_;
  const MacBytes value_ = MacBytes(64, 0xA5);
  std::unique_ptr<Directory> directory_;
  Executor executor_{{kDeadline, 4}};

 private:
  void (*before_)(int);
};

TEST_P(StuckModuleTest, RefusesNothingForAnother) {
  directory_ = Must(Directory::Open(configuration_));
  fault_.Script(GetParam() + " * hang door");
  for (int i = 0; i < 4; ++i) {
    const auto begin = Clock::now();
    EXPECT_THAT(Sign("BAD"), FailsWith(kNotAvailable));
    EXPECT_LT(Clock::now() - begin, 5 * kDeadline);
    EXPECT_EQ(Must(Sign("GOOD")), Right());
  }
  EXPECT_EQ(executor_.stuck(), 4U);
  const auto begin = Clock::now();
  const auto refused = Sign("BAD");
  EXPECT_LT(Clock::now() - begin, kDeadline);
  EXPECT_THAT(refused, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(refused),
            "4 calls of the PKCS#11 module '" + FaultModule::path() +
                "' have not come back: nothing is begun until one of them "
                "does");
  EXPECT_EQ(Must(Sign("GOOD")), Right());

  // Those that come back are threads of before; the next request is served.
  fault_.Script("");
  fault_.Release("door");
  const auto end = Clock::now() + kBackWithin;
  auto made = Sign("BAD");
  while (!made && Clock::now() < end) {
    EXPECT_THAT(made, FailsWith(kNotAvailable));
    std::this_thread::sleep_for(milliseconds{5});
    made = Sign("BAD");
  }
  EXPECT_EQ(Must(made), Right());
  while (executor_.stuck() > 0) std::this_thread::sleep_for(milliseconds{1});
  EXPECT_EQ(Must(Sign("BAD")), Right());
}

INSTANTIATE_TEST_SUITE_P(Functions, StuckModuleTest,
                         ::testing::Values("C_Initialize", "C_GetSlotList",
                                           "C_OpenSession", "C_Login",
                                           "C_FindObjects", "C_Sign"),
                         [](const auto& row) { return row.param; });

}  // namespace
}  // namespace sigtoken
