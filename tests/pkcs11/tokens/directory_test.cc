#include "pkcs11/tokens/directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "keygen/remove.h"
#include "pkcs11/store/token_records.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/program.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::kTokenName;
using testing::MessageOf;
using testing::Must;
using testing::Name;

class DirectoryTest : public testing::TokenTest {
 protected:
  std::shared_ptr<Token> Create(const std::string& name) {
    Must(directory_->CreateToken(Name(name), {}));
    return Must(directory_->FindToken(Name(name)));
  }

  std::string UriOf(const FoundKey& key, const Token& token) {
    return FormatKeyUri(token.info(), key.attributes.id, key.attributes.label);
  }

  // What another process does with the same home.
  void RunProgram(const std::vector<std::string>& arguments) {
    const auto outcome =
        testing::Programs(home_.path().string()).Sigtoken(arguments);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
  }
};

TEST_F(DirectoryTest, NamesAreInAsciiOrder) {
  for (const char* name : {"Z", "A.B", "#1", "A", "@", "$X"}) Create(name);
  EXPECT_THAT(Must(directory_->Names()),
              ElementsAre(Name("#1"), Name("$X"), Name("@"), Name("A"),
                          Name("A.B"), Name(kTokenName), Name("Z")));
}

TEST(EmptyDirectoryTest, HasNoTokens) {
  const testing::EmbeddedHome home;
  const auto directory = Must(Directory::Open(home.configuration()));
  EXPECT_THAT(Must(directory->Names()), IsEmpty());
  const auto found = directory->FindToken(Name("A"));
  EXPECT_THAT(found, FailsWith(kTokenNotFound));
  EXPECT_EQ(MessageOf(found), "there is no token A");
  EXPECT_EQ(CureOf(found),
            "list the tokens with 'sigtoken token list', or make it with "
            "'sigtoken token create A'");
}

TEST_F(DirectoryTest, ANewTokenKeepsWhatWasSaidOfIt) {
  const TokenDescription description{std::string(32, 'm'), std::string(16, 'o'),
                                     std::string(15, 's') + " "};
  ASSERT_THAT(directory_->CreateToken(Name("NEW"), description), IsOk());
  Reopen();
  const auto record =
      Must(FindTokenRecord(directory_->database(), Name("NEW")));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->manufacturer, description.manufacturer);
  EXPECT_EQ(record->model, description.model);
  EXPECT_EQ(record->serial, description.serial);
  EXPECT_EQ(record->last_sequence, 0U);
  const auto token = Must(directory_->FindToken(Name("NEW")));
  EXPECT_EQ(record->identity, token->identity());
  EXPECT_EQ(token->identity().label, "NEW");
}

TEST_F(DirectoryTest, ADescriptionThatDoesNotFitIsRefused) {
  struct Row {
    TokenDescription description;
    std::string message;
  };
  const Row rows[] = {
      {{std::string(33, 'm'), "", ""},
       "the manufacturer '" + std::string(33, 'm') +
           "' does not fit a token record"},
      {{"", std::string(17, 'o'), ""},
       "the model '" + std::string(17, 'o') + "' does not fit a token record"},
      {{"", "", std::string(17, 's')},
       "the serial number '" + std::string(17, 's') +
           "' does not fit a token record"},
      {{"M\xC3\xBCller", "", ""},
       "the manufacturer 'M\\xC3\\xBCller' does not fit a token record"},
      {{"", "a\tb", ""}, "the model 'a\\x09b' does not fit a token record"},
      {{"", "", "\x7f"},
       "the serial number '\\x7F' does not fit a token record"},
  };
  for (const Row& row : rows) {
    const auto made = directory_->CreateToken(Name("NEW"), row.description);
    EXPECT_THAT(made, FailsWith(kAttributeValueInvalid));
    EXPECT_EQ(MessageOf(made), row.message);
  }
  EXPECT_THAT(Must(directory_->Names()), ElementsAre(Name(kTokenName)));
}

TEST_F(DirectoryTest, ANameIsGivenOnce) {
  Generate();
  const auto made = directory_->CreateToken(Name(kTokenName), {});
  EXPECT_THAT(made, FailsWith(kTokenExists));
  EXPECT_EQ(MessageOf(made), "the token IDTTKN.JWT.SECRET exists already");
  EXPECT_THAT(FindKey(1).Sign(Hs256(), {}), IsOk());
}

TEST_F(DirectoryTest, ATokenWithKeysInsideIsKept) {
  Generate();
  const auto refused = directory_->DeleteToken(token_->name(), false);
  EXPECT_THAT(refused, FailsWith(kTokenNotEmpty));
  EXPECT_EQ(MessageOf(refused),
            "the token IDTTKN.JWT.SECRET still has 1 object inside");
  EXPECT_EQ(CureOf(refused),
            "delete its keys first, or destroy all that is in it for good with "
            "--force");
  Generate();
  EXPECT_EQ(MessageOf(directory_->DeleteToken(token_->name(), false)),
            "the token IDTTKN.JWT.SECRET still has 2 objects inside");
  EXPECT_THAT(FindKey(1).Sign(Hs256(), {}), IsOk());
}

TEST_F(DirectoryTest, AnEmptyTokenIsDeleted) {
  Generate();
  ASSERT_THAT(DeleteKey(*token_, {1, 'T'}, false), IsOk());
  ASSERT_THAT(directory_->DeleteToken(token_->name(), false), IsOk());
  EXPECT_THAT(Must(directory_->Names()), IsEmpty());
  EXPECT_THAT(directory_->FindToken(Name(kTokenName)),
              FailsWith(kTokenNotFound));
  EXPECT_THAT(directory_->DeleteToken(Name(kTokenName), false),
              FailsWith(kTokenNotFound));
  EXPECT_THAT(directory_->DeleteToken(Name(kTokenName), true),
              FailsWith(kTokenNotFound));
}

TEST_F(DirectoryTest, ATokenMadeAnewUnderANameStartsAtOne) {
  Create("OTHER");
  Generate();
  Generate();
  ASSERT_THAT(directory_->DeleteToken(token_->name(), true), IsOk());
  token_ = Create(kTokenName);
  EXPECT_EQ(Generate().handle->FormatShort(), "IDTTKN.JWT.SECRET:00000001T");
  EXPECT_THAT(Must(directory_->Names()),
              ElementsAre(Name(kTokenName), Name("OTHER")));
}

TEST_F(DirectoryTest, ATokenThatAnotherProcessMadeIsFound) {
  // Here the module is initialised, and no token is open.
  token_.reset();
  directory_ = Must(Directory::Open(home_.configuration()));
  ASSERT_THAT(directory_->CreateToken(Name("MINE"), {}), IsOk());
  RunProgram({"token", "create", "THEIRS"});
  RunProgram({"key", "generate", "--token", "THEIRS"});
  EXPECT_THAT(directory_->FindKey("THEIRS:1T"), IsOk());
}

TEST_F(DirectoryTest, AKeyThatAnotherProcessMadeIsFound) {
  Generate();
  RunProgram({"key", "generate", "--token", kTokenName});
  EXPECT_THAT(FindKey(2).Sign(Hs256(), {}), IsOk());
  EXPECT_EQ(Generate().handle->object()->sequence, 3U);
}

TEST_F(DirectoryTest, FindsAKeyByEachFormOfItsHandle) {
  const FoundKey made = Generate();
  for (const std::string& text :
       {std::string("IDTTKN.JWT.SECRET:1T"),
        std::string("IDTTKN.JWT.SECRET:00000001T"), made.handle->Format(),
        UriOf(made, *token_),
        std::string("pkcs11:id=IDTTKN.JWT.SECRET:00000001T"),
        std::string("pkcs11:token=IDTTKN.JWT.SECRET;type=secret-key")}) {
    SCOPED_TRACE(text);
    const auto key = directory_->FindKey(text);
    ASSERT_THAT(key, IsOk());
    EXPECT_EQ(key->handle(), made.handle);
    EXPECT_EQ(key->found().check_mac, made.check_mac);
  }
}

TEST_F(DirectoryTest, RefusesWhatNamesNoKey) {
  const FoundKey made = Generate();
  KeySpec secure;
  secure.category = 'Y';
  Generate(secure);
  const std::string uri = UriOf(made, *token_);
  struct Row {
    std::string text;
    IcsfCode code;
    std::string message;
  };
  const std::vector<Row> rows = {
      {Handle(token_->name()).Format(), kHandleInvalid,
       "'IDTTKN.JWT.SECRET                           ' is the handle of a "
       "token, not of a key"},
      {"OTHER:1T", kTokenNotFound, "there is no token OTHER"},
      {"IDTTKN.JWT.SECRET:3T", kObjectNotFound,
       "there is no key IDTTKN.JWT.SECRET:00000003T"},
      {"IDTTKN.JWT.SECRET:1Y", kObjectNotFound,
       "there is no key IDTTKN.JWT.SECRET:00000001Y"},
      {"IDTTKN.JWT.SECRET:2T", kObjectNotFound,
       "there is no key IDTTKN.JWT.SECRET:00000002T"},
      {"IDTTKN.JWT.SECRET:1S", kObjectNotFound,
       "there is no key IDTTKN.JWT.SECRET:00000001S"},
      {"pkcs11:token=OTHER", kObjectNotFound,
       "no key of the configured tokens fits the URI"},
      {"pkcs11:object=nothing;type=secret-key", kObjectNotFound,
       "no key of the configured tokens fits the URI"},
      {"pkcs11:token=IDTTKN.JWT.SECRET;type=private", kObjectNotFound,
       "no key of the configured tokens fits the URI"},
      {"pkcs11:serial=00;id=IDTTKN.JWT.SECRET:00000001T", kObjectNotFound,
       "no key of the configured tokens fits the URI"},
      {"pkcs11:object=" + std::string(1 << 20, 'A'), kObjectNotFound,
       "no key of the configured tokens fits the URI"},
      {"pkcs11:type=secret-key", kParameterInvalid,
       "the URI names neither a key nor its token"},
      {"pkcs11:", kParameterInvalid,
       "the URI names neither a key nor its token"},
      {"pkcs11:token=IDTTKN.JWT.SECRET", kHandleInvalid,
       "2 keys are with the attributes of that URI"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text.substr(0, 100));
    const auto key = directory_->FindKey(row.text);
    EXPECT_THAT(key, FailsWith(row.code));
    EXPECT_EQ(MessageOf(key), row.message);
  }
  for (const std::string& text :
       {std::string(""), std::string("1T"), std::string(":1T"),
        std::string("IDTTKN.JWT.SECRET"), std::string("IDTTKN.JWT.SECRET:"),
        std::string("IDTTKN.JWT.SECRET:0T"),
        std::string("IDTTKN.JWT.SECRET:000000001T"),
        std::string("idttkn.jwt.secret:1T"),
        std::string("IDTTKN.JWT.SECRET:1t"),
        std::string("IDTTKN.JWT.SECRET:1E"),
        std::string("IDTTKN.JWT.SECRET:1T "), "PKCS11:" + uri.substr(7),
        std::string(1 << 20, 'A')}) {
    SCOPED_TRACE(text.substr(0, 100));
    EXPECT_THAT(directory_->FindKey(text), FailsWith(kHandleInvalid));
  }
  for (const std::string& text :
       {std::string("pkcs11:nonsense"), std::string("pkcs11:id=%GG"),
        uri + "?pin-value=1234"}) {
    SCOPED_TRACE(text.substr(0, 100));
    const auto key = directory_->FindKey(text);
    EXPECT_THAT(key, FailsWith(kParameterInvalid));
    EXPECT_THAT(MessageOf(key), ::testing::Not(::testing::HasSubstr("1234")));
  }
}

TEST_F(DirectoryTest, AUriThatFitsKeysInTwoTokensIsRefused) {
  KeySpec spec;
  spec.label = "signing";
  Generate(spec);
  const auto other = Create("OTHER");
  ASSERT_THAT(GenerateKey(*other, spec), IsOk());
  const auto key = directory_->FindKey("pkcs11:object=signing;type=secret-key");
  EXPECT_THAT(key, FailsWith(kHandleInvalid));
  EXPECT_EQ(MessageOf(key), "the URI fits keys in several tokens");
  EXPECT_THAT(directory_->FindKey("pkcs11:token=OTHER;object=signing"), IsOk());
}

TEST_F(DirectoryTest, AKeyThatOthersMadeIsFoundByItsUri) {
  const std::vector<std::uint8_t> value(64, 0xA5);
  testing::Import(*token_, testing::KeyToImport("somebody's", value));
  const Key key = Must(directory_->FindKey("pkcs11:object=imported"));
  EXPECT_FALSE(key.handle());
  const auto mac = testing::OpenSslMac(Hs256(), value, {});
  EXPECT_TRUE(Must(key.Verify(Hs256(), {}, mac)));
}

TEST_F(DirectoryTest, AnObjectThatIsNoSecretKeyIsNotFoundByItsUri) {
  Attributes data;
  data.Number(CKA_CLASS, CKO_DATA)
      .Flag(CKA_TOKEN, true)
      .Flag(CKA_PRIVATE, true)
      .Text(CKA_LABEL, "note");
  testing::Import(*token_, data);
  EXPECT_THAT(directory_->FindKey("pkcs11:object=note"),
              FailsWith(kObjectNotFound));
}

}  // namespace
}  // namespace sigtoken
