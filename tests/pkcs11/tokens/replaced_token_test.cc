// Directory, in a program that stays while others make and delete tokens.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/program.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::kTokenName;
using testing::Must;
using testing::Name;

class ReplacedTokenTest : public testing::TokenTest {
 protected:
  void SetUp() override {
    TokenTest::SetUp();
    // In use, as by a server.
    Generate();
    Must(FindKey(1).Sign(Hs256(), {}));
  }

  // In a process of its own.
  void Run(const std::vector<std::string>& words) const {
    const auto ended = testing::Programs(home_.path().string()).Sigtoken(words);
    ASSERT_EQ(ended.status, 0) << ended.err;
  }
  // It is looked at once a second: from here on, it has been.
  void WaitUntilItIsLookedAt() const {
    std::this_thread::sleep_for(std::chrono::milliseconds{1100});
  }
  Result<std::shared_ptr<Token>> Now() const {
    return directory_->FindToken(Name(kTokenName));
  }
};

TEST_F(ReplacedTokenTest, OneThatIsDeletedIsGone) {
  Run({"token", "delete", kTokenName, "--force"});
  WaitUntilItIsLookedAt();
  EXPECT_THAT(Now(), FailsWith(kTokenNotFound));
}

TEST_F(ReplacedTokenTest, OneThatIsMadeAgainIsAnotherToken) {
  const std::string serial = token_->identity().serial;
  Run({"token", "delete", kTokenName, "--force"});
  Run({"token", "create", kTokenName});
  WaitUntilItIsLookedAt();
  const auto now = Must(Now());
  EXPECT_NE(now->identity().serial, serial);
  // Of the old one there is nothing, not its numbers either.
  EXPECT_THAT(Key::Find(now, {1, 'T'}), FailsWith(kObjectNotFound));
  const auto made = Must(GenerateKey(*now, {}));
  EXPECT_EQ(made.key.handle->object()->sequence, 1U);
  EXPECT_FALSE(made.store_was_lost);
}

TEST_F(ReplacedTokenTest, OneThatIsMadeNowIsFoundAndTheOthersStayInUse) {
  Run({"token", "create", "NEW"});
  Run({"key", "generate", "--token", "NEW"});
  const Key old = FindKey(1);
  const auto made = Must(directory_->FindToken(Name("NEW")));
  EXPECT_TRUE(Must(Key::Find(made, {1, 'T'})).Sign(Hs256(), {}));
  EXPECT_TRUE(old.Sign(Hs256(), {}));
}

TEST_F(ReplacedTokenTest, OneThatIsAsItWasStaysOpen) {
  WaitUntilItIsLookedAt();
  EXPECT_EQ(Must(Now()), token_);
}

}  // namespace
}  // namespace sigtoken
