// A module in a process of its own.

#include "pkcs11/cryptoki/helper_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "pkcs11/cryptoki/module.h"
#include "pkcs11/cryptoki/session.h"
#include "tests/children.h"
#include "tests/embedded_home.h"
#include "tests/forked.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/private_soft_hsm2.h"
#include "tests/process_usage.h"

namespace sigtoken {
namespace {

using std::chrono::milliseconds;
using testing::Children;
using testing::CureOf;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::ProcessUsage;

using Clock = std::chrono::steady_clock;

constexpr const char* kAddress = "P11_KIT_SERVER_ADDRESS";

std::string CommandLineOf(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/cmdline");
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

class HelperProcessTest : public ::testing::Test {
 protected:
  HelperProcessTest() : before_(std::signal(SIGPIPE, SIG_IGN)) {
    hsm_.MakeToken("one");
  }
  ~HelperProcessTest() override {
    static_cast<void>(std::signal(SIGPIPE, before_));
  }

  std::shared_ptr<Module> Load() { return Must(Module::Load(spec_)); }
  // Of the one child that there is to be.
  pid_t Helper() const {
    const auto children = Children();
    EXPECT_EQ(children.size(), 1U);
    return children.empty() ? 0 : children.front().pid;
  }
  Callee& TheCallee() const { return Module::CalleeOf(spec_); }

  const testing::PrivateSoftHsm2 hsm_;
  const ModuleSpec spec_{SIGTOKEN_SOFTHSM2_MODULE, "", "", true};

 private:
  void (*before_)(int);
};

TEST_F(HelperProcessTest, StartsWithTheModuleAndEndsWithIt) {
  {
    const auto module = Load();
    EXPECT_EQ(Must(module->Slots()).size(), 2U);
    const auto children = Children();
    ASSERT_EQ(children.size(), 1U);
    EXPECT_EQ(children[0].command_line, "remote " SIGTOKEN_SOFTHSM2_MODULE " ");
    // What a terminal sends does not reach it.
    EXPECT_EQ(children[0].session, children[0].pid);
    EXPECT_EQ(Load(), module);
  }
  EXPECT_TRUE(Children().empty());
  // As often as one likes.
  EXPECT_EQ(Must(Load()->Slots()).size(), 2U);
  EXPECT_TRUE(Children().empty());
}

TEST_F(HelperProcessTest, LetsInWhatSignalsThisThreadKeepsOut) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const auto module = Load();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // A helper that does not end with its socket is asked to by p11-kit.
  kill(Helper(), SIGTERM);
  const auto end = Clock::now() + milliseconds{5000};
  while (Children().at(0).state != 'Z' && Clock::now() < end) {
    std::this_thread::sleep_for(milliseconds{1});
  }
  EXPECT_EQ(Children().at(0).state, 'Z');
}

TEST_F(HelperProcessTest, TheEnvironmentIsPutBack) {
  setenv(kAddress, "unix:path=/somebody/elses", 1);
  const auto module = Load();
  EXPECT_STREQ(std::getenv(kAddress), "unix:path=/somebody/elses");
  unsetenv(kAddress);
}

TEST_F(HelperProcessTest, AModuleIsInOnePlaceAtATime) {
  const ModuleSpec here{spec_.path, "", ""};
  const std::string refused =
      "the module '" + spec_.path +
      "' is in use in this process with another configuration";
  {
    const auto module = Load();
    EXPECT_EQ(MessageOf(Module::Load(here)), refused);
  }
  const auto module = Must(Module::Load(here));
  EXPECT_TRUE(Children().empty());
  EXPECT_EQ(MessageOf(Module::Load(spec_)), refused);
}

TEST_F(HelperProcessTest, IsKilledAndTheCallComesBack) {
  for (int i = 0; i < 3; ++i) {
    auto module = Load();
    kill(Helper(), SIGSTOP);
    CK_RV rv = CKR_OK;
    std::thread caller([&] {
      const auto slots = module->Slots();
      if (!slots) rv = slots.error().rv;
    });
    std::this_thread::sleep_for(milliseconds{20});
    EXPECT_TRUE(TheCallee().EndCalls());
    caller.join();
    EXPECT_EQ(rv, CKR_DEVICE_ERROR);
    const auto begin = Clock::now();
    module.reset();
    // p11-kit waits for its end, for 100 ms where it is alive.
    EXPECT_LT(Clock::now() - begin, milliseconds{5 * 100});
    EXPECT_TRUE(Children().empty());
  }
  EXPECT_THAT(Load()->Slots(), IsOk());
}

TEST_F(HelperProcessTest, OnlyOneThatIsThereIsKilled) {
  EXPECT_FALSE(TheCallee().EndCalls());
  const ModuleSpec here{spec_.path, "", ""};
  {
    const auto module = Must(Module::Load(here));
    EXPECT_FALSE(TheCallee().EndCalls());
    EXPECT_THAT(module->Slots(), IsOk());
  }
  { const auto module = Load(); }
  // Its number may be another process's by now.
  EXPECT_FALSE(TheCallee().EndCalls());
}

TEST_F(HelperProcessTest, WhatEndsItLeavesThisProcessAlone) {
  auto module = Load();
  kill(Helper(), SIGSEGV);
  const auto slots = module->Slots();
  ASSERT_FALSE(slots);
  EXPECT_EQ(slots.error().rv, CKR_DEVICE_ERROR);
  module.reset();
  EXPECT_TRUE(Children().empty());
  EXPECT_THAT(Load()->Slots(), IsOk());
}

TEST_F(HelperProcessTest, WhatIsNoModuleLeavesNothingBehind) {
  const testing::TemporaryFolder folder;
  const ModuleSpec text{folder.Write("text.so", "no module"), "", "", true};
  std::size_t descriptors = 0;
  for (int i = 0; i < 20; ++i) {
    const auto module = Module::Load(text);
    EXPECT_THAT(module, FailsWith(kNotAvailable));
    EXPECT_EQ(MessageOf(module),
              "could not initialise the PKCS#11 module '" + text.path + "'");
    EXPECT_EQ(CureOf(module),
              "it ended in its helper process: see whether it is a PKCS#11 "
              "module, and whether it works without 'isolated'");
    EXPECT_TRUE(Children().empty());
    const auto now = ProcessUsage::Now().descriptors;
    if (i > 0) {
      EXPECT_EQ(now, descriptors);
    }
    descriptors = now;
  }
  EXPECT_THAT(Load()->Slots(), IsOk());
}

TEST_F(HelperProcessTest, WhatTheModuleAnswersIsHandedOn) {
  const testing::TemporaryFolder folder;
  const std::string before = std::getenv("SOFTHSM2_CONF");
  setenv("SOFTHSM2_CONF", "/nonexistent", 1);
  for (int i = 0; i < 3; ++i) {
    const auto module = Module::Load(spec_);
    ASSERT_FALSE(module);
    EXPECT_EQ(module.error().rv, CKR_GENERAL_ERROR);
    EXPECT_TRUE(Children().empty());
  }
  setenv("SOFTHSM2_CONF", before.c_str(), 1);
  EXPECT_THAT(Load()->Slots(), IsOk());
}

TEST_F(HelperProcessTest, ThePathMayHaveAnyCharacterButOne) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path odd = folder.path() / "a b'c\"d$f;g|h*\xC3\xA9'";
  std::filesystem::create_directory(odd);
  const ModuleSpec spec{(odd / "m.so").string(), "", "", true};
  std::filesystem::copy_file(SIGTOKEN_SOFTHSM2_MODULE, spec.path);
  const auto module = Must(Module::Load(spec));
  EXPECT_EQ(Must(module->Slots()).size(), 2U);
  EXPECT_EQ(Children().at(0).command_line, "remote " + spec.path + " ");
  // p11-kit's reader of command lines does not keep it.
  EXPECT_EQ(MessageOf(Module::Load({"/a\\b.so", "", "", true})),
            "the PKCS#11 module '/a\\b.so' cannot run in a helper process: its "
            "path has a backslash");
}

TEST_F(HelperProcessTest, SaysWhichPackageIsMissing) {
  HelperProcess helper;
  auto loaded =
      helper.Load("/m.so", {"/nonexistent/p11-kit", "p11-kit-client.so"});
  EXPECT_THAT(loaded, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(loaded),
            "the PKCS#11 module '/m.so' cannot run in a helper process: "
            "'/nonexistent/p11-kit' is not there");
  EXPECT_EQ(CureOf(loaded),
            "install the package p11-kit, or leave 'isolated' out of the "
            "[[token]]");
  loaded = helper.Load("/m.so", {"/bin/true", "/nonexistent/client.so"});
  EXPECT_THAT(loaded, FailsWith(kNotAvailable));
  EXPECT_THAT(MessageOf(loaded),
              ::testing::StartsWith(
                  "the PKCS#11 module '/m.so' cannot run in a helper process: "
                  "p11-kit's client could not be loaded: "));
  EXPECT_EQ(CureOf(loaded),
            "install the package p11-kit-modules, or leave 'isolated' out of "
            "the [[token]]");
}

TEST_F(HelperProcessTest, OfTheParentIsNotAForkedChilds) {
  auto module = Load();
  const CK_SLOT_ID slot = Must(module->Slots()).front().id;
  const pid_t parents = Helper();
  int pipe_[2];
  ASSERT_EQ(pipe(pipe_), 0);
  // It stays while the parent goes on, as a child does that does not exec.
  const pid_t child = testing::Fork([&] {
    close(pipe_[1]);
    if (TheCallee().EndCalls()) return 1;
    if (module->Check()) return 2;
    if (Session::Open(module, slot, Access::kReadOnly)) return 3;
    const auto own = Module::Load(spec_);
    if (!own || !(*own)->Slots()) return 4;
    if (Children().size() != 1 || Children()[0].pid == parents) return 5;
    char byte = 0;
    return read(pipe_[0], &byte, 1) == 0 ? 42 : 6;
  });
  EXPECT_THAT(module->Slots(), IsOk());
  std::this_thread::sleep_for(milliseconds{50});
  EXPECT_THAT(module->Slots(), IsOk());
  // The child has its copy of the socket no more: for three seconds p11-kit
  // would wait for an end that does not come.
  const auto begin = Clock::now();
  module.reset();
  EXPECT_LT(Clock::now() - begin, milliseconds{5 * 100});
  close(pipe_[1]);
  EXPECT_EQ(testing::Wait(child), 42);
  close(pipe_[0]);
}

// Of whatever it dies.
TEST_F(HelperProcessTest, EndsWithTheProcess) {
  int pipe_[2];
  ASSERT_EQ(pipe(pipe_), 0);
  const pid_t child = testing::Fork([&] {
    const auto module = Module::Load(spec_);
    const pid_t helper =
        module && Children().size() == 1 ? Children()[0].pid : 0;
    if (write(pipe_[1], &helper, sizeof helper) != sizeof helper) return 1;
    return kill(getpid(), SIGKILL);
  });
  pid_t helper = 0;
  ASSERT_EQ(read(pipe_[0], &helper, sizeof helper), ssize_t{sizeof helper});
  EXPECT_GT(helper, 0);
  EXPECT_EQ(testing::Wait(child), 128 + SIGKILL);
  close(pipe_[0]);
  close(pipe_[1]);
  // Who takes orphans over may not wait for it at once: what a zombie has of a
  // command line is nothing.
  const auto line = [&] { return CommandLineOf(helper); };
  const auto end = Clock::now() + milliseconds{5000};
  while (!line().empty() && Clock::now() < end) {
    std::this_thread::sleep_for(milliseconds{1});
  }
  EXPECT_EQ(line(), "");
}

// It does not see that its socket has ended.
TEST_F(HelperProcessTest, EndsWithTheProcessWhateverItHangsIn) {
  int pipe_[2];
  ASSERT_EQ(pipe(pipe_), 0);
  const pid_t child = testing::Fork([&] {
    std::shared_ptr<Module> module;
    // The thread that has asked for it may end long before.
    std::thread loading([&] { module = Must(Module::Load(spec_)); });
    loading.join();
    pid_t helper = module->Slots() ? Children().at(0).pid : 0;
    kill(helper, SIGSTOP);
    if (write(pipe_[1], &helper, sizeof helper) != sizeof helper) return 1;
    return kill(getpid(), SIGKILL);
  });
  pid_t helper = 0;
  ASSERT_EQ(read(pipe_[0], &helper, sizeof helper), ssize_t{sizeof helper});
  ASSERT_GT(helper, 0);
  EXPECT_EQ(testing::Wait(child), 128 + SIGKILL);
  close(pipe_[0]);
  close(pipe_[1]);
  const auto is_there = [&] { return !CommandLineOf(helper).empty(); };
  const auto end = Clock::now() + milliseconds{5000};
  while (is_there() && Clock::now() < end) {
    std::this_thread::sleep_for(milliseconds{1});
  }
  EXPECT_FALSE(is_there());
  if (is_there()) kill(helper, SIGKILL);
}

// Keys may be in it. 1 is what keeps it from programs that collect cores, too;
// where this process may have none, 0 stays.
TEST_F(HelperProcessTest, LeavesNoCore) {
  const auto module = Load();
  rlimit core{};
  ASSERT_EQ(prlimit(Helper(), RLIMIT_CORE, nullptr, &core), 0);
  EXPECT_LE(core.rlim_cur, 1U);
  EXPECT_LE(core.rlim_max, 1U);
}

// Others may be killed meanwhile, too.
TEST_F(HelperProcessTest, ThatIsKilledWhileItStartsLeavesNothingBehind) {
  std::size_t descriptors = 0;
  for (int i = 0; i < 50; ++i) {
    std::atomic<bool> done = false;
    std::thread killer([&] {
      while (!done) {
        TheCallee().EndCalls();
        std::this_thread::sleep_for(std::chrono::microseconds{100 * (i % 20)});
      }
    });
    for (int k = 0; k < 2; ++k) {
      const auto module = Module::Load(spec_);
      if (module) static_cast<void>((*module)->Slots().has_value());
    }
    done = true;
    killer.join();
    EXPECT_TRUE(Children().empty());
    if (i == 10) descriptors = ProcessUsage::Now().descriptors;
    if (i > 10) {
      EXPECT_LE(ProcessUsage::Now().descriptors, descriptors + 1);
    }
  }
  EXPECT_THAT(Load()->Slots(), IsOk());
}

}  // namespace
}  // namespace sigtoken
