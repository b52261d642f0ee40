// A token whose module runs in a helper process, which hangs, crashes and is
// killed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "keygen/generate.h"
#include "pkcs11/deadline/executor.h"
#include "tests/children.h"
#include "tests/embedded_home.h"
#include "tests/fault_module.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/private_soft_hsm2.h"
#include "tests/process_usage.h"

namespace sigtoken {
namespace {

using std::chrono::milliseconds;
using testing::Bytes;
using testing::Children;
using testing::FailsWith;
using testing::FaultModule;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::Name;
using testing::OpenSslMac;
using testing::ProcessUsage;

using Clock = std::chrono::steady_clock;
using MacBytes = std::vector<std::uint8_t>;

constexpr milliseconds kDeadline{400};
// Within which service is back, and a margin of five.
constexpr milliseconds kBackWithin{5 * 2000};

class IsolatedTest : public ::testing::Test {
 protected:
  IsolatedTest() : before_(std::signal(SIGPIPE, SIG_IGN)) {
    hsm_.MakeToken("faulty");
    configuration_ = hsm_.Configure();
    configuration_.tokens = {
        hsm_.Bind("IDT.KEYS", "token=faulty", FaultModule::path_of_helpers())};
    configuration_.tokens[0].isolated = true;
    Open();
    testing::ImportKey(*token_, {1, 'T'}, value_);
    key_.emplace(Must(Key::Find(token_, {1, 'T'})));
  }
  ~IsolatedTest() override {
    while (executor_.stuck() > 0) std::this_thread::sleep_for(milliseconds{1});
    key_.reset();
    token_.reset();
    directory_.reset();
    EXPECT_TRUE(Children().empty());
    static_cast<void>(std::signal(SIGPIPE, before_));
  }

  void Open() {
    directory_ = Must(Directory::Open(configuration_));
    token_ = Must(directory_->FindToken(Name("IDT.KEYS")));
  }
  Result<MacBytes> Sign() {
    return executor_.Run<MacBytes>([key = *key_]() -> Result<MacBytes> {
      SIGTOKEN_ASSIGN(const Mac mac, key.Sign(Hs256(), Bytes("data")));
      return MacBytes(mac.bytes().begin(), mac.bytes().end());
    });
  }
  MacBytes Right() const { return OpenSslMac(Hs256(), value_, Bytes("data")); }
  // Until it signs again; each refusal meanwhile is that of a device that is
  // not there.
  void ExpectServiceIsBack() {
    const auto begin = Clock::now();
    auto made = Sign();
    while (!made && Clock::now() < begin + kBackWithin) {
      EXPECT_THAT(made, FailsWith(kNotAvailable));
      std::this_thread::sleep_for(milliseconds{10});
      made = Sign();
    }
    EXPECT_EQ(Must(made), Right());
  }
  static pid_t Helper() {
    const auto children = Children();
    EXPECT_EQ(children.size(), 1U);
    return children.empty() ? 0 : children.front().pid;
  }

  const testing::PrivateSoftHsm2 hsm_;
  FaultModule fault_;
  Configuration configuration_;
  std::unique_ptr<Directory> directory_;
  std::shared_ptr<Token> token_;
  std::optional<Key> key_;
  const MacBytes value_ = MacBytes(64, 0xA5);
  Executor executor_{{kDeadline, 4}};

 private:
  void (*before_)(int);
};

TEST_F(IsolatedTest, SignsAndMakesKeysAsOthersDo) {
  EXPECT_EQ(Must(Sign()), Right());
  const FoundKey made = Must(GenerateKey(*token_, KeySpec{})).key;
  EXPECT_EQ(made.handle->FormatShort(), "IDT.KEYS:00000002T");
  EXPECT_EQ(Must(Sign()), Right());
}

TEST_F(IsolatedTest, ACallThatHangsCostsTheDeadlineAndTheNextRequestIsServed) {
  const pid_t first = Helper();
  fault_.Script("C_Sign 1 hang door");
  const auto begin = Clock::now();
  const auto hung = Sign();
  EXPECT_LT(Clock::now() - begin, 5 * kDeadline);
  EXPECT_THAT(hung, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(hung),
            "the PKCS#11 module has not come back from C_Sign within the 400 "
            "ms of this request");
  fault_.Script("");
  ExpectServiceIsBack();
  EXPECT_NE(Helper(), first);
}

TEST_F(IsolatedTest, AModuleThatHangsInTheNextHelperTooCostsNoMoreThreads) {
  // One more is the executor's, and one a sanitizer's.
  const auto most = ProcessUsage::Now().threads + 2;
  fault_.Script("C_Sign * hang a\nC_Initialize * hang b\nC_Finalize * hang c");
  for (int i = 0; i < 8; ++i) {
    EXPECT_THAT(Sign(), FailsWith(kNotAvailable));
  }
  const auto end = Clock::now() + 5 * kDeadline;
  while (executor_.stuck() > 0 && Clock::now() < end) {
    std::this_thread::sleep_for(milliseconds{1});
  }
  EXPECT_EQ(executor_.stuck(), 0U);
  // One that is not stuck any more has yet to end.
  while (ProcessUsage::Now().threads > most && Clock::now() < end) {
    std::this_thread::sleep_for(milliseconds{1});
  }
  EXPECT_LE(ProcessUsage::Now().threads, most);
  fault_.Script("");
  ExpectServiceIsBack();
}

TEST_F(IsolatedTest, AHelperThatIsStoppedIsReplaced) {
  kill(Helper(), SIGSTOP);
  EXPECT_THAT(Sign(), FailsWith(kNotAvailable));
  ExpectServiceIsBack();
}

TEST_F(IsolatedTest, ACrashOfTheModuleIsCuredByOpeningItAnew) {
  const pid_t first = Helper();
  fault_.Script("C_Sign 1 kill");
  // It would crash in the next helper, too, whose first call this is.
  std::thread mend([&] {
    const auto lives = [first] {
      const auto children = Children();
      return children.size() == 1 && children[0].pid == first &&
             children[0].state != 'Z';
    };
    while (lives()) std::this_thread::sleep_for(milliseconds{1});
    fault_.Script("");
  });
  const auto made = Sign();
  mend.join();
  if (made) {
    EXPECT_EQ(*made, Right());
  } else {
    EXPECT_THAT(made, FailsWith(kNotAvailable));
  }
  ExpectServiceIsBack();
}

TEST_F(IsolatedTest, AModuleThatCrashesAtEachSignIsNotAvailable) {
  fault_.Script("C_Sign * kill");
  for (int i = 0; i < 3; ++i) EXPECT_THAT(Sign(), FailsWith(kNotAvailable));
  fault_.Script("");
  ExpectServiceIsBack();
}

TEST_F(IsolatedTest, AHelperThatIsKilledUnderLoadLosesNoAnswer) {
  std::atomic<bool> stop = false;
  std::atomic<int> right = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> signers;
  for (int i = 0; i < 8; ++i) {
    signers.emplace_back([&] {
      while (!stop) {
        const auto made = Sign();
        if (made) {
          EXPECT_EQ(*made, Right());
          ++right;
        } else {
          EXPECT_THAT(made, FailsWith(kNotAvailable));
          ++refused;
        }
      }
    });
  }
  for (int i = 0; i < 10; ++i) {
    const int before = right;
    const auto end = Clock::now() + kBackWithin;
    while (right < before + 20 && Clock::now() < end) {
      std::this_thread::sleep_for(milliseconds{1});
    }
    EXPECT_GE(right, before + 20) << "service is not back";
    for (const auto& child : Children()) kill(child.pid, SIGKILL);
  }
  stop = true;
  for (auto& signer : signers) signer.join();
  ExpectServiceIsBack();
  RecordProperty("refused", refused);
}

TEST_F(IsolatedTest, ManyHangsLeaveNothingBehind) {
  // One hang behind another is no device that comes and goes.
  configuration_.pauses.opening = {{}, {}};
  key_.reset();
  token_.reset();
  directory_.reset();
  Open();
  key_.emplace(Must(Key::Find(token_, {1, 'T'})));
  const std::string functions[] = {"C_Sign", "C_SignInit", "C_OpenSession",
                                   "C_Login", "C_Initialize"};
  // Long enough for a helper to be started on a machine that does much else.
  Executor executor({milliseconds{500}, 4});
  const auto sign = [&]() -> Result<MacBytes> {
    return executor.Run<MacBytes>([key = *key_]() -> Result<MacBytes> {
      SIGTOKEN_ASSIGN(const Mac mac, key.Sign(Hs256(), Bytes("data")));
      return MacBytes(mac.bytes().begin(), mac.bytes().end());
    });
  };
  std::optional<ProcessUsage> first;
  for (std::size_t i = 0; i < 25; ++i) {
    const std::string& function = functions[i % std::size(functions)];
    SCOPED_TRACE(function + " " + std::to_string(i));
    // Else the sessions and the login of before are used.
    if (i % 5 > 1) kill(Helper(), SIGKILL);
    fault_.Script(function + " * hang door" + std::to_string(i));
    const auto hung = sign();
    EXPECT_THAT(hung, FailsWith(kNotAvailable));
    EXPECT_THAT(MessageOf(hung),
                ::testing::HasSubstr("has not come back from " + function));
    fault_.Script("");
    const auto end = Clock::now() + kBackWithin;
    auto made = sign();
    while (!made && Clock::now() < end) {
      std::this_thread::sleep_for(milliseconds{5});
      made = sign();
    }
    EXPECT_EQ(Must(made), Right());
    while (executor.stuck() > 0) std::this_thread::sleep_for(milliseconds{1});
    EXPECT_EQ(Children().size(), 1U);
    if (i == 9) first = ProcessUsage::Now();
  }
  const auto last = ProcessUsage::Now();
  // One more is left of a C_Initialize that failed (HelperProcess::CleanUp).
  EXPECT_LE(last.descriptors, first->descriptors + 1);
  EXPECT_LE(last.threads, first->threads + 1);
}

}  // namespace
}  // namespace sigtoken
