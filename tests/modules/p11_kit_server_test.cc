// A token server that goes away and comes back.

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"
#include "tests/modules/p11_kit_fixture.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

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

}  // namespace
}  // namespace sigtoken::testing
