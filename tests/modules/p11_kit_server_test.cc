// A token server that goes away and comes back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "pkcs11/deadline/executor.h"
#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/modules/p11_kit_fixture.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using ::testing::ElementsAreArray;
using Clock = std::chrono::steady_clock;

// Two seconds are promised; five times as long on a machine that does much
// else.
constexpr milliseconds kBackWithin{5 * 2000};

class P11KitServerTest : public ::testing::Test {
 protected:
  P11KitServerTest() {
    EXPECT_EQ(Run({"key", "generate", "--token", kName}).status, 0);
  }

  Outcome Run(const std::vector<std::string>& words,
              const std::string& input = "") const {
    return programs_.Sigtoken(words, input);
  }
  Outcome Sign() const {
    return Run({"sign", "--key", kKey, "--alg", "HS256"}, "data");
  }

  static constexpr const char* kName = ModuleFixture::kBoundName;
  const std::string kKey = std::string(kName) + ":1T";

  P11KitFixture module_;
  const Programs programs_ = module_.programs();
};

TEST_F(P11KitServerTest, WhileItIsAwayNothingIsAvailableAndNothingIsLost) {
  const Outcome before = Sign();
  ASSERT_EQ(before.status, 0) << before.err;
  module_.StopServer();
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"token", "list"},
        {"key", "generate", "--token", kName},
        {"sign", "--key", kKey, "--alg", "HS256"},
        {"verify", "--key", kKey, "--alg", "HS256", "--mac", "AAAA"},
        {"key", "delete", kKey},
        {"token", "delete", kName, "--force"}}) {
    const Outcome outcome = Run(words);
    EXPECT_EQ(outcome.status, 12) << words[0] << outcome.out << outcome.err;
  }
  module_.StartServer();
  module_.AwaitServer();
  EXPECT_EQ(Sign().out, before.out);
  const Outcome next = Run({"--json", "key", "generate", "--token", kName});
  EXPECT_EQ(next.json()["sequence"], "00000002") << next.err;
}

TEST_F(P11KitServerTest, OneThatStartsLateIsWaitedFor) {
  module_.StopServer();
  Outcome outcome;
  std::thread early([&] { outcome = Sign(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  module_.StartServer();
  early.join();
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  module_.AwaitServer();
}

TEST_F(P11KitServerTest, AProcessUnderWhichItDiesGetsAnError) {
  // The programs ignore SIGPIPE, and whoever uses the library with such a
  // module has to: p11-kit's client writes to the socket without MSG_NOSIGNAL.
  EXPECT_TRUE(RunForked([&] {
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    const auto directory = Must(Directory::Open(module_.configuration()));
    const Key key = Must(directory->FindKey(kKey));
    ASSERT_TRUE(key.Sign(Hs256(), {}));
    module_.StopServer();
    for (int i = 0; i < 3; ++i) {
      const auto mac = key.Sign(Hs256(), {});
      ASSERT_FALSE(mac);
      EXPECT_EQ(ToIcsf(mac.error()), kNotAvailable) << ToText(mac.error());
    }
  }));
}

// PKCS#11 cannot end a call: its thread waits, and nobody else has to.
TEST_F(P11KitServerTest, OneThatHangsCostsTheDeadlineAndIsBackAfterwards) {
  EXPECT_TRUE(RunForked([&] {
    const auto directory = Must(Directory::Open(module_.configuration()));
    const Key key = Must(directory->FindKey(kKey));
    constexpr milliseconds kDeadline{300};
    Executor executor({.deadline = kDeadline});
    const auto sign = [&] {
      return executor.Run<Mac>([key] { return key.Sign(Hs256(), {}); });
    };
    const Mac right = Must(sign());
    for (int twice = 0; twice < 2; ++twice) {
      module_.FreezeServer();
      const auto begin = Clock::now();
      EXPECT_THAT(sign(), FailsWith(kNotAvailable));
      EXPECT_LT(Clock::now() - begin, 5 * kDeadline);
      module_.ThawServer();
      const auto thawed = Clock::now();
      auto made = sign();
      while (!made && Clock::now() < thawed + kBackWithin) {
        std::this_thread::sleep_for(milliseconds{5});
        made = sign();
      }
      EXPECT_THAT(Must(made).bytes(), ElementsAreArray(right.bytes()));
      EXPECT_EQ(executor.stuck(), 0U);
    }
  }));
}

// Whether it has a token of that label with another key of that handle, or
// none.
TEST_F(P11KitServerTest, OneThatComesBackWithAnotherStoreSignsNothing) {
  const PrivateSoftHsm2 empty;
  const PrivateSoftHsm2 other;
  other.MakeToken(P11KitFixture::kLabel);
  EXPECT_TRUE(RunForked([&] {
    Configuration configuration = other.Configure();
    configuration.tokens = {
        other.Bind(kName, std::string("token=") + P11KitFixture::kLabel)};
    const auto directory = Must(Directory::Open(configuration));
    ImportKey(*Must(directory->FindToken(Name(kName))), {1, 'T'},
              std::vector<std::uint8_t>(64, 'x'));
  }));
  EXPECT_TRUE(RunForked([&] {
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    const auto directory = Must(Directory::Open(module_.configuration()));
    const Key key = Must(directory->FindKey(kKey));
    const Mac right = Must(key.Sign(Hs256(), {}));
    const std::string by_program = Sign().out;
    struct Row {
      const PrivateSoftHsm2* store;
      int status;  // Of the program, which begins anew.
    };
    for (const Row& row : {Row{&other, 8}, Row{&empty, 12}}) {
      module_.StopServer();
      module_.StartServer(row.store->conf());
      // As soon as it answers, and before.
      const auto end = Clock::now() + milliseconds{500};
      while (Clock::now() < end) {
        EXPECT_THAT(key.Sign(Hs256(), {}), FailsWith(kNotAvailable));
        std::this_thread::sleep_for(milliseconds{5});
      }
      EXPECT_THAT(directory->FindKey(kKey), FailsWith(kNotAvailable));
      const Outcome outcome = Sign();
      EXPECT_EQ(outcome.status, row.status) << outcome.err;
      EXPECT_EQ(outcome.out, "");
    }
    module_.StopServer();
    module_.StartServer();
    const auto started = Clock::now();
    auto made = key.Sign(Hs256(), {});
    while (!made && Clock::now() < started + kBackWithin) {
      std::this_thread::sleep_for(milliseconds{5});
      made = key.Sign(Hs256(), {});
    }
    EXPECT_THAT(Must(made).bytes(), ElementsAreArray(right.bytes()));
    EXPECT_EQ(Sign().out, by_program);
  }));
}

}  // namespace
}  // namespace sigtoken::testing
