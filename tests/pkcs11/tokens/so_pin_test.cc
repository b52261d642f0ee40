// so-pin-source: a token that is not there is made in a free slot.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "keygen/generate.h"
#include "pkcs11/store/token_records.h"
#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"
#include "tests/fault_module.h"
#include "tests/modules/module_fixture.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/tokens/so_pin_fixture.h"
#include "tests/private_soft_hsm2.h"
#include "tests/program.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::Name;
using testing::SoPinTest;

TEST_F(SoPinTest, ATokenThatIsNotThereIsMadeWithThePinsThatAreGiven) {
  const auto directory = Open({Bound("token=new")});
  ASSERT_THAT(Create(*directory), IsOk());
  const auto token = Must(directory->FindToken(Name("IDT.KEYS")));
  EXPECT_EQ(Trimmed(token->info().label), "new");
  const auto record =
      Must(FindTokenRecord(directory->database(), Name("IDT.KEYS")));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->manufacturer, "ACME");
  EXPECT_EQ(record->last_sequence, 0U);
  EXPECT_EQ(record->identity, token->identity());
  const auto made = Must(GenerateKey(*token, {}));
  EXPECT_EQ(made.key.handle->FormatShort(), "IDT.KEYS:00000001T");
  EXPECT_FALSE(made.store_was_lost);
}

TEST_F(SoPinTest, TheSecurityOfficersPinIsTheGivenOne) {
  ASSERT_THAT(Create(*Open({Bound("token=new")})), IsOk());
  const auto directory = Open({Bound("token=new")});
  const auto token = Must(directory->FindToken(Name("IDT.KEYS")));
  const auto held = Must(token->Change());
  for (const std::string text : {"87654321", kSoPin}) {
    Session session = Must(token->OpenSession(held, Access::kReadWrite));
    std::string copy = text;
    Secret pin = Must(Secret::Take(
        {reinterpret_cast<std::uint8_t*>(copy.data()), copy.size()}));
    EXPECT_EQ(session.Login(CKU_SO, pin).has_value(), text == kSoPin) << text;
  }
}

TEST_F(SoPinTest, ANewTokenIsLookedAtInAModuleThatIsInitialisedAnew) {
  testing::FaultModule fault;
  const auto directory =
      Open({Bound("token=new", testing::FaultModule::path())});
  fault.Script("C_InitPIN 1 hang there");
  auto created = std::async(std::launch::async,
                            [&] { return Create(*directory).has_value(); });
  fault.WaitUntilHung("there");
  const auto before = fault.Calls("C_Initialize");
  fault.Release("there");
  EXPECT_TRUE(created.get());
  EXPECT_EQ(fault.Calls("C_Initialize"), before + 1);
}

TEST_F(SoPinTest, ItIsMadeOnce) {
  const auto directory = Open({Bound("token=new")});
  ASSERT_THAT(Create(*directory), IsOk());
  const auto before = Tokens();
  const auto again = Create(*directory);
  EXPECT_THAT(again, FailsWith(kTokenExists));
  EXPECT_EQ(MessageOf(again), "the token IDT.KEYS is in use already");
  EXPECT_THAT(Create(*Open({Bound("token=new")})), FailsWith(kTokenExists));
  EXPECT_EQ(Tokens(), before);
}

TEST_F(SoPinTest, WithoutItNoTokenIsMade) {
  BoundToken bound = Bound("token=new");
  bound.so_pin_source.reset();
  EXPECT_THAT(Create(*Open({bound})), FailsWith(kNotAvailable));
  EXPECT_TRUE(Tokens().empty());
}

TEST_F(SoPinTest, OnlyCreateMakesIt) {
  const auto directory = Open({Bound("token=new")});
  EXPECT_THAT(directory->FindToken(Name("IDT.KEYS")), FailsWith(kNotAvailable));
  EXPECT_THAT(directory->DeleteToken(Name("IDT.KEYS"), true),
              FailsWith(kNotAvailable));
  EXPECT_TRUE(Tokens().empty());
}

TEST_F(SoPinTest, WhatDoesNotSayWhatToMakeIsRefused) {
  hsm_.MakeToken("old");
  const auto before = Tokens();
  BoundToken no_pin = Bound("token=new");
  no_pin.pin_source.reset();
  const std::string unsaid =
      "sigtoken.toml:3:7: the token IDT.KEYS is not there, and its URI does "
      "not say what to make";
  struct Row {
    BoundToken bound;
    std::string message;
  };
  for (const Row& row :
       {Row{Bound("token=new;serial=0011"), unsaid},
        Row{Bound("serial=0011"), unsaid}, Row{Bound("model=none"), unsaid},
        Row{no_pin,
            "sigtoken.toml:3:7: the new token IDT.KEYS would have no user "
            "PIN"}}) {
    const auto made = Create(*Open({row.bound}));
    EXPECT_THAT(made, FailsWith(kParameterInvalid));
    EXPECT_EQ(MessageOf(made), row.message);
  }
  EXPECT_EQ(Tokens(), before);
}

TEST_F(SoPinTest, ALabelOfThirtyTwoCharactersFits) {
  const std::string label(32, 'x');
  ASSERT_THAT(Create(*Open({Bound("token=" + label)})), IsOk());
  ASSERT_EQ(Tokens().size(), 1U);
  EXPECT_EQ(Tokens().begin()->first, label);
}

TEST_F(SoPinTest, TokensThatAreThereAreNotTouched) {
  hsm_.MakeToken("old");
  hsm_.MakeToken("older");
  const auto before = Tokens();
  const std::vector<BoundToken> tokens = {Bound("token=new"),
                                          hsm_.Bind("OLD", "token=old"),
                                          hsm_.Bind("OLDER", "token=older")};
  std::string key;
  {
    const auto directory = Open(tokens);
    Must(GenerateKey(*Must(directory->FindToken(Name("OLD"))), {}));
  }
  const auto directory = Open(tokens);
  ASSERT_THAT(Create(*directory), IsOk());
  auto after = Tokens();
  EXPECT_EQ(after.size(), 3U);
  for (const auto& token : before) EXPECT_EQ(after.count(token), 1U);
  EXPECT_THAT(Must(directory->FindKey("OLD:1T")).Sign(Hs256(), {}), IsOk());
  EXPECT_THAT(Must(directory->FindToken(Name("OLDER")))->Login(), IsOk());
}

// A token that is there is taken into use, and its PIN is not asked for.
TEST_F(SoPinTest, ATokenThatIsThereIsTakenAsItIs) {
  hsm_.MakeToken("old");
  const auto before = Tokens();
  std::filesystem::remove(so_pin_);
  ASSERT_THAT(Create(*Open({Bound("token=old")})), IsOk());
  EXPECT_EQ(Tokens(), before);
}

TEST_F(SoPinTest, WithoutBothPinsNothingIsMade) {
  const BoundToken bound = Bound("token=new");
  const auto directory = Open({bound});
  folder_.Write("so-pin", "");
  EXPECT_THAT(Create(*directory), FailsWith(kNotAuthorized));
  folder_.Write("so-pin", kSoPin, 0644);
  EXPECT_THAT(Create(*directory), FailsWith(kNotAuthorized));
  folder_.Write("so-pin", kSoPin);
  std::filesystem::remove(hsm_.pin_file());
  EXPECT_THAT(Create(*directory), FailsWith(kNotAuthorized));
  EXPECT_TRUE(Tokens().empty());
}

TEST_F(SoPinTest, AModuleThatShowsNoSlotsIsNotAvailable) {
  testing::FaultModule fault;
  fault.Script("C_GetSlotList * no-slots");
  EXPECT_THAT(Create(*Open({Bound("token=new", testing::FaultModule::path())})),
              FailsWith(kNotAvailable));
  EXPECT_THAT(Create(*Open({Bound("token=new", "/nonexistent/p11.so")})),
              FailsWith(kNotAvailable));
  EXPECT_EQ(fault.Calls("C_InitToken"), 0U);
}

// It is a token of that label again, which the URI then fits twice.
TEST_F(SoPinTest, ATokenThatShowsLateIsNotMadeAgain) {
  hsm_.MakeToken("late");
  const auto before = Tokens();
  testing::FaultModule fault;
  fault.Script("C_GetSlotList 1-10 no-slots");
  const auto directory =
      Open({Bound("token=late", testing::FaultModule::path())});
  EXPECT_THAT(Create(*directory), IsOk());
  EXPECT_EQ(fault.Calls("C_InitToken"), 0U);
  EXPECT_EQ(Tokens(), before);
}

TEST_F(SoPinTest, AnotherPartsStoreGetsNoToken) {
  testing::FaultModule fault;
  fault.Script("C_Initialize * already-initialized");
  EXPECT_THAT(Create(*Open({Bound("token=new", testing::FaultModule::path())})),
              FailsWith(kNotAvailable));
  EXPECT_EQ(fault.Calls("C_InitToken"), 0U);
  Must(Module::Load({testing::FaultModule::path(), "", ""}))
      ->functions()
      .C_Finalize(nullptr);
}

class SoPinProgramTest : public SoPinTest {
 protected:
  void Configure(const std::filesystem::path& home, const std::string& uri,
                 const std::string& more = "") const {
    std::filesystem::create_directory(home);
    std::filesystem::permissions(home, std::filesystem::perms::owner_all);
    std::ofstream(home / "sigtoken.toml")
        << "[[token]]\nname = \"IDT.KEYS\"\nuri = \"" << uri
        << "&pin-source=file:" << folder_.Write("pin", "1234").string()
        << "\"\nso-pin-source = \"file:" << so_pin_.string() << "\"\n"
        << more;
  }
};

TEST_F(SoPinProgramTest, ProcessesThatMakeItTogetherMakeOne) {
  const auto home = folder_.path() / "home";
  Configure(home, "pkcs11:token=new?module-path=" SIGTOKEN_SOFTHSM2_MODULE);
  testing::Programs programs(home.string());
  programs.SetEnvironment("SOFTHSM2_CONF", hsm_.conf());
  std::vector<int> statuses(3);
  std::vector<std::thread> threads;
  for (int& status : statuses) {
    threads.emplace_back([&] {
      status = programs.Sigtoken({"token", "create", "IDT.KEYS"}).status;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(statuses, ::testing::UnorderedElementsAre(0, 8, 8));
  EXPECT_EQ(Tokens().size(), 1U);
  EXPECT_EQ(programs.Sigtoken({"key", "list", "--token", "IDT.KEYS"}).status,
            0);
}

// NSS answers CKR_OK to C_InitToken and ruins its database.
TEST_F(SoPinProgramTest, NssIsRefused) {
  const auto nss = testing::MakeNssFixture();
  Configure(nss->home(), "pkcs11:token=new?module-path=" + nss->module_path(),
            "init = \"" + nss->init() + "\"\n");
  const auto programs = nss->programs();
  const auto made =
      programs.Sigtoken({"--json", "token", "create", "IDT.KEYS"});
  EXPECT_EQ(made.status, 8) << made.err;
  EXPECT_EQ(made.json()["error"]["icsf"]["reason_code"], 3002);
  EXPECT_THAT(made.json()["error"]["message"].get<std::string>(),
              ::testing::StartsWith("the module '" + nss->module_path() +
                                    "' is NSS, whose tokens are not made by "
                                    "C_InitToken. "));
  nss->Configure();
  EXPECT_EQ(programs.Sigtoken({"key", "list"}).status, 0);
}

}  // namespace
}  // namespace sigtoken
