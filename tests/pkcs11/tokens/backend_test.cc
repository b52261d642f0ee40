#include "pkcs11/tokens/backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <optional>
#include <string>

#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;

class BackendTest : public ::testing::Test {
 protected:
  static ModuleSpec Spec(const std::string& init = "") {
    return {SIGTOKEN_SOFTHSM2_MODULE, init, ""};
  }
  Result<Slot> Find(Backend& backend, const std::string& label) {
    const auto held = Must(backend.Look(nullptr));
    return backend.FindSlot(held, "the token", [&](const Slot& slot) {
      return Trimmed(slot.info.label) == label;
    });
  }
  // Whether `other` waits while this one changes something.
  static bool Excludes(const Backend& one, const Backend& other) {
    std::optional held = Must(one.Change(nullptr));
    auto waiting = std::async(std::launch::async,
                              [&] { return other.Look(nullptr).has_value(); });
    const bool waited = waiting.wait_for(std::chrono::milliseconds{100}) ==
                        std::future_status::timeout;
    held.reset();
    EXPECT_TRUE(waiting.get());
    return waited;
  }

  testing::PrivateSoftHsm2 hsm_;
  testing::TemporaryFolder locks_;
  Backend backend_{Spec(), locks_.path(), std::nullopt};
};

TEST_F(BackendTest, FindsTheOneSlotThatIsWanted) {
  hsm_.MakeToken("a");
  hsm_.MakeToken("b");
  EXPECT_EQ(Trimmed(Must(Find(backend_, "b")).info.label), "b");
}

TEST_F(BackendTest, ATokenThatWasMadeMeanwhileIsFound) {
  hsm_.MakeToken("a");
  EXPECT_THAT(Find(backend_, "a"), IsOk());
  hsm_.MakeToken("later");
  EXPECT_THAT(Find(backend_, "later"), IsOk());
}

// A fresh C_Initialize would take the sessions of the holder away.
TEST_F(BackendTest, WhileSomebodyHoldsTheModuleItIsNotInitialisedAnew) {
  hsm_.MakeToken("a");
  const auto module = Must(backend_.Use(Must(backend_.Look(nullptr))));
  hsm_.MakeToken("later");
  const auto found = Find(backend_, "later");
  EXPECT_THAT(found, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(found),
            "the token is not among the tokens that "
            "'" SIGTOKEN_SOFTHSM2_MODULE "' shows");
  const auto slots = Must(module->Slots());
  EXPECT_EQ(CureOf(found),
            "check label and serial number, the device and its daemon: it "
            "shows 'a' (serial number " +
                Trimmed(slots.front().info.serialNumber) +
                "); if another process made the token just now, open sigtoken "
                "again");
}

TEST_F(BackendTest, SeveralSlotsAreNotChosenBetween) {
  hsm_.MakeToken("twin");
  hsm_.MakeToken("twin");
  const auto found = Find(backend_, "twin");
  EXPECT_THAT(found, FailsWith(kParameterInvalid));
  EXPECT_EQ(MessageOf(found),
            "the token fits 2 tokens of "
            "'" SIGTOKEN_SOFTHSM2_MODULE "'");
}

TEST_F(BackendTest, AFreeSlotIsNoToken) {
  EXPECT_THAT(Find(backend_, ""), FailsWith(kNotAvailable));
}

TEST_F(BackendTest, UsersOfOneModuleExcludeEachOther) {
  EXPECT_TRUE(Excludes(backend_, Backend(Spec(), locks_.path(), std::nullopt)));
}

// Debian's /usr/lib/softhsm/libsofthsm2.so is a link.
TEST_F(BackendTest, UsersOfOneModuleByAnotherPathDoToo) {
  const auto link = locks_.path() / "link.so";
  std::filesystem::create_symlink(SIGTOKEN_SOFTHSM2_MODULE, link);
  EXPECT_TRUE(
      Excludes(backend_, Backend({link, "", ""}, locks_.path(), std::nullopt)));
}

TEST_F(BackendTest, UsersOfOtherModulesOrInitialisationsDoNot) {
  EXPECT_FALSE(
      Excludes(backend_, Backend(Spec("init"), locks_.path(), std::nullopt)));
  EXPECT_FALSE(Excludes(
      backend_, Backend({"/other.so", "", ""}, locks_.path(), std::nullopt)));
}

TEST_F(BackendTest, WithoutItsLocksNothingIsDone) {
  const Backend backend(Spec(), locks_.path() / "none", std::nullopt);
  EXPECT_THAT(backend.Look(nullptr), FailsWith(kNotAvailable));
  EXPECT_THAT(backend.Change(nullptr), FailsWith(kNotAvailable));
}

class EmbeddedBackendTest : public testing::TokenTest {};

TEST_F(EmbeddedBackendTest, WhoLooksOrChangesFindsTornFilesRepaired) {
  const auto& store = *token_->backend().embedded();
  const auto embedded = *Must(store.Find(Must(token_->Look()), token_->name()));
  const auto file = home_.path() / "tokens" / embedded.folder / "token.object";
  using Lock = void (*)(const Token&);
  for (const Lock lock :
       {Lock{[](const Token& token) { Must(token.Look()); }},
        Lock{[](const Token& token) { Must(token.Change()); }},
        Lock{[](const Token& token) { Must(token.backend().Look(nullptr)); }},
        Lock{[](const Token& token) {
          Must(token.backend().Change(nullptr));
        }}}) {
    std::filesystem::resize_file(file, 0);
    lock(*token_);
    EXPECT_EQ(std::filesystem::file_size(file), 320U);
  }
  std::filesystem::resize_file(file, 0);
  Must(token_->backend().ChangeUnrepaired());
  EXPECT_EQ(std::filesystem::file_size(file), 0U);
}

}  // namespace
}  // namespace sigtoken
