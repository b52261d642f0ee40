// Tokens of the configuration: those of a module that is not sigtoken's own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <string>

#include "keygen/generate.h"
#include "keygen/remove.h"
#include "pkcs11/store/token_records.h"
#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"
#include "tests/forked.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::Name;

class BoundTokenTest : public ::testing::Test {
 protected:
  // A directory in which IDT.KEYS is bound to the token that `uri` names.
  std::unique_ptr<Directory> Open(const std::string& uri,
                                  const std::string& pin = "1234") {
    Configuration configuration = hsm_.Configure(pin);
    configuration.tokens.push_back(hsm_.Bind("IDT.KEYS", uri));
    return Must(Directory::Open(configuration));
  }

  // What the parts of a bound token are refused with.
  static std::string Refusal(const BoundToken& bound,
                             Configuration configuration, IcsfCode code) {
    configuration.tokens = {bound};
    const auto directory = Must(Directory::Open(configuration));
    const auto token = directory->FindToken(bound.name);
    EXPECT_THAT(token, FailsWith(code));
    return MessageOf(token);
  }

  static std::uint32_t LastSequence(Directory& directory,
                                    const std::string& name) {
    return Must(FindTokenRecord(directory.database(), Name(name)))
        ->last_sequence;
  }

  testing::PrivateSoftHsm2 hsm_;
};

TEST_F(BoundTokenTest, IsTakenIntoUseAndGetsKeys) {
  hsm_.MakeToken("prod-hsm");
  const auto directory = Open("token=prod-hsm");
  EXPECT_THAT(Must(directory->Names()), ElementsAre(Name("IDT.KEYS")));
  ASSERT_THAT(directory->CreateToken(Name("IDT.KEYS"), {"ACME", "M1", "S1"}),
              IsOk());
  const auto token = Must(directory->FindToken(Name("IDT.KEYS")));
  EXPECT_EQ(Trimmed(token->info().label), "prod-hsm");
  const auto record =
      Must(FindTokenRecord(directory->database(), token->name()));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->manufacturer, "ACME");
  EXPECT_EQ(record->model, "M1");
  EXPECT_EQ(record->serial, "S1");
  EXPECT_EQ(record->identity, token->identity());

  const auto made = Must(GenerateKey(*token, {}));
  EXPECT_EQ(made.key.handle->FormatShort(), "IDT.KEYS:00000001T");
  const Key key = Must(directory->FindKey("IDT.KEYS:1T"));
  const Mac mac = Must(key.Sign(Hs256(), testing::Bytes("data")));
  EXPECT_TRUE(Must(key.Verify(Hs256(), testing::Bytes("data"), mac.bytes())));
  ASSERT_THAT(DeleteKey(*token, {1, 'T'}, false), IsOk());
  EXPECT_THAT(directory->FindKey("IDT.KEYS:1T"), FailsWith(kObjectNotFound));
  EXPECT_EQ(LastSequence(*directory, "IDT.KEYS"), 1U);
}

TEST_F(BoundTokenTest, IsTakenIntoUseOnce) {
  hsm_.MakeToken("prod-hsm");
  const auto directory = Open("token=prod-hsm");
  ASSERT_THAT(directory->CreateToken(Name("IDT.KEYS"), {}), IsOk());
  const auto again = directory->CreateToken(Name("IDT.KEYS"), {});
  EXPECT_THAT(again, FailsWith(kTokenExists));
  EXPECT_EQ(MessageOf(again), "the token IDT.KEYS is in use already");
}

TEST_F(BoundTokenTest, KeysThatCarryItsHandlesAlreadyAreCounted) {
  hsm_.MakeToken("prod-hsm");
  {
    const auto directory = Open("token=prod-hsm");
    const auto token = Must(directory->FindToken(Name("IDT.KEYS")));
    testing::ImportKey(*token, {0x2A, 'Y'}, testing::Bytes("another host's"));
  }
  std::filesystem::remove_all(hsm_.Configure().home);
  const auto directory = Open("token=prod-hsm");
  ASSERT_THAT(directory->CreateToken(Name("IDT.KEYS"), {}), IsOk());
  EXPECT_EQ(LastSequence(*directory, "IDT.KEYS"), 0x2AU);
}

TEST_F(BoundTokenTest, DeleteTakesOnlyTheObjectsThatCarryItsHandles) {
  hsm_.MakeToken("prod-hsm");
  const auto directory = Open("token=prod-hsm");
  const auto token = Must(directory->FindToken(Name("IDT.KEYS")));
  ASSERT_THAT(GenerateKey(*token, {}), IsOk());
  const std::vector<std::uint8_t> value(64, 0xA5);
  testing::Import(*token, testing::KeyToImport("somebody's", value));
  testing::Import(*token, testing::KeyToImport("OTHER:00000001T", value));

  const auto refused = directory->DeleteToken(token->name(), false);
  EXPECT_THAT(refused, FailsWith(kTokenNotEmpty));
  EXPECT_EQ(MessageOf(refused), "the token IDT.KEYS still has 1 object inside");
  EXPECT_EQ(testing::CountObjects(*token), 3U);

  ASSERT_THAT(directory->DeleteToken(token->name(), true), IsOk());
  EXPECT_EQ(testing::CountObjects(*token), 2U);
  EXPECT_FALSE(Must(FindTokenRecord(directory->database(), Name("IDT.KEYS"))));
}

TEST_F(BoundTokenTest, TwoNamesInOneTokenHaveNumbersOfTheirOwn) {
  hsm_.MakeToken("prod-hsm");
  Configuration configuration = hsm_.Configure();
  configuration.tokens = {hsm_.Bind("FIRST", "token=prod-hsm"),
                          hsm_.Bind("SECOND", "token=prod-hsm")};
  const auto directory = Must(Directory::Open(configuration));
  const auto first = Must(directory->FindToken(Name("FIRST")));
  const auto second = Must(directory->FindToken(Name("SECOND")));
  ASSERT_THAT(GenerateKey(*first, {}), IsOk());
  ASSERT_THAT(GenerateKey(*first, {}), IsOk());
  const auto made = Must(GenerateKey(*second, {}));
  EXPECT_EQ(made.key.handle->FormatShort(), "SECOND:00000001T");
  const auto list = Must(ListKeys(*second));
  ASSERT_EQ(list.keys.size(), 1U);
  EXPECT_EQ(list.keys[0].handle, made.key.handle);
  EXPECT_EQ(Must(ListKeys(*first)).keys.size(), 2U);
}

// This SoftHSM2 leaves a child all that its parent had, as NSS does.
TEST_F(BoundTokenTest, AForkedChildDoesNotSignWithItsParentsSessions) {
  hsm_.MakeToken("prod-hsm");
  const auto directory = Open("token=prod-hsm");
  ASSERT_THAT(GenerateKey(*Must(directory->FindToken(Name("IDT.KEYS"))), {}),
              IsOk());
  const Key key = Must(directory->FindKey("IDT.KEYS:1T"));
  ASSERT_THAT(key.Sign(Hs256(), {}), IsOk());  // A session is in the pool.
  EXPECT_EQ(testing::InChild([&] {
              const auto made = key.Sign(Hs256(), {});
              return !made && ToIcsf(made.error()) == kNotAvailable ? 42 : 1;
            }),
            42);
  EXPECT_THAT(key.Sign(Hs256(), {}), IsOk());
}

TEST_F(BoundTokenTest, AWrongPinIsNotTriedTwice) {
  hsm_.MakeToken("prod-hsm");
  const auto directory = Open("token=prod-hsm", "4321");
  const auto token = Must(directory->FindToken(Name("IDT.KEYS")));
  const auto refused = GenerateKey(*token, {});
  EXPECT_THAT(refused, FailsWith(kNotAuthorized));
  ASSERT_FALSE(refused);
  EXPECT_EQ(ToText(refused.error()),
            "could not log in to the token IDT.KEYS: C_Login answered "
            "CKR_PIN_INCORRECT (ICSF 8/16000, X'3E80'). Write the right PIN "
            "into '" +
                hsm_.pin_file().string() + "': this one is not tried again");
  const auto again = directory->FindKey("IDT.KEYS:1T");
  EXPECT_THAT(again, FailsWith(kNotAuthorized));
  EXPECT_EQ(MessageOf(again), MessageOf(refused));
}

TEST_F(BoundTokenTest, APinThatCannotBeReadIsNoWrongPin) {
  hsm_.MakeToken("prod-hsm");
  const auto directory = Open("token=prod-hsm");
  const auto token = Must(directory->FindToken(Name("IDT.KEYS")));
  ASSERT_EQ(::chmod(hsm_.pin_file().c_str(), 0644), 0);
  EXPECT_THAT(token->Login(), FailsWith(kNotAuthorized));
  ASSERT_EQ(::chmod(hsm_.pin_file().c_str(), 0600), 0);
  EXPECT_THAT(token->Login(), IsOk());
}

TEST_F(BoundTokenTest, WithoutAPinNobodyLogsIn) {
  hsm_.MakeToken("prod-hsm");
  Configuration configuration = hsm_.Configure();
  BoundToken bound = hsm_.Bind("IDT.KEYS", "token=prod-hsm");
  bound.pin_source.reset();
  configuration.tokens = {bound};
  const auto directory = Must(Directory::Open(configuration));
  const auto login = Must(directory->FindToken(Name("IDT.KEYS")))->Login();
  EXPECT_THAT(login, FailsWith(kNotAuthorized));
  EXPECT_EQ(MessageOf(login), "no PIN is named for the token IDT.KEYS");
}

TEST_F(BoundTokenTest, AUriThatFitsTwoTokensIsRefused) {
  hsm_.MakeToken("prod-hsm");
  hsm_.MakeToken("prod-hsm");
  for (const auto& [uri, what] :
       {std::pair{"token=prod-hsm", "the token IDT.KEYS (token=prod-hsm)"},
        std::pair{"manufacturer=SoftHSM%20project", "the token IDT.KEYS"}}) {
    EXPECT_EQ(
        Refusal(hsm_.Bind("IDT.KEYS", uri), hsm_.Configure(),
                kParameterInvalid),
        std::string(what) + " fits 2 tokens of '" SIGTOKEN_SOFTHSM2_MODULE "'");
  }
}

TEST_F(BoundTokenTest, AllThatAUriSaysMustFit) {
  hsm_.MakeToken("hsm");
  const auto directory = Open("token=hsm");
  const auto token = Must(directory->FindToken(Name("IDT.KEYS")));
  const auto module = Must(Module::Load({SIGTOKEN_SOFTHSM2_MODULE, "", ""}));
  CK_SLOT_ID slot = 0;
  for (const Slot& each : Must(module->Slots())) {
    if (Trimmed(each.info.label) == "hsm") slot = each.id;
  }
  const auto with = [&](const std::string& more) {
    return Open("token=hsm;" + more)->FindToken(Name("IDT.KEYS"));
  };
  EXPECT_THAT(with("slot-id=" + std::to_string(slot)), IsOk());
  EXPECT_THAT(with("library-manufacturer=SoftHSM"), IsOk());
  EXPECT_THAT(with("slot-id=" + std::to_string(slot + 1)),
              FailsWith(kNotAvailable));
  EXPECT_THAT(with("slot-description=nothing"), FailsWith(kNotAvailable));
  const auto other = with("library-manufacturer=nobody");
  EXPECT_THAT(other, FailsWith(kParameterInvalid));
  EXPECT_EQ(MessageOf(other),
            "the module '" SIGTOKEN_SOFTHSM2_MODULE
            "' is not the one that the URI of the token IDT.KEYS describes");
}

TEST_F(BoundTokenTest, AUriThatFitsNoTokenIsNotAvailable) {
  hsm_.MakeToken("prod-hsm");
  // The free slot has a token without a label, which is none.
  for (const auto& [uri, what] :
       {std::pair{"token=PROD-HSM", "the token IDT.KEYS (token=PROD-HSM)"},
        std::pair{"serial=0000", "the token IDT.KEYS"}}) {
    EXPECT_EQ(
        Refusal(hsm_.Bind("IDT.KEYS", uri), hsm_.Configure(), kNotAvailable),
        std::string(what) +
            " is not among the tokens "
            "that '" SIGTOKEN_SOFTHSM2_MODULE "' shows");
  }
}

TEST_F(BoundTokenTest, AModuleThatIsNotThereIsNotAvailable) {
  EXPECT_EQ(Refusal(hsm_.Bind("IDT.KEYS", "token=a", "/nonexistent/p11.so"),
                    hsm_.Configure(), kNotAvailable),
            "cannot look at '/nonexistent/p11.so': No such file or directory");
}

TEST_F(BoundTokenTest, AModuleThatOthersMayChangeIsNotLoaded) {
  const testing::TemporaryFolder folder;
  const auto module = folder.path() / "module.so";
  std::filesystem::copy_file(SIGTOKEN_SOFTHSM2_MODULE, module);
  for (const ::mode_t mode : {0666U, 0775U}) {
    ASSERT_EQ(::chmod(module.c_str(), mode), 0);
    const auto message = Refusal(hsm_.Bind("IDT.KEYS", "token=a", module),
                                 hsm_.Configure(), kNotAvailable);
    EXPECT_THAT(message, ::testing::HasSubstr(module.string()));
    EXPECT_THAT(message, ::testing::HasSubstr(mode == 0666 ? "666" : "775"));
  }
}

TEST_F(BoundTokenTest, NamesThatAreNotBoundAreNoTokens) {
  hsm_.MakeToken("OTHER");
  const auto directory = Open("token=prod-hsm");
  EXPECT_THAT(directory->FindToken(Name("OTHER")), FailsWith(kTokenNotFound));
  EXPECT_THAT(directory->DeleteToken(Name("OTHER"), true),
              FailsWith(kTokenNotFound));
  const auto made = directory->CreateToken(Name("OTHER"), {});
  EXPECT_THAT(made, FailsWith(kTokenNotFound));
  EXPECT_EQ(MessageOf(made),
            "the configuration does not bind the name OTHER and does not use "
            "the embedded store");
}

}  // namespace
}  // namespace sigtoken
