#include "keygen/adopt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "pkcs11/cryptoki/objects.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::CountObjects;
using testing::FailsWith;
using testing::Import;
using testing::IsOk;
using testing::KeysLabelled;
using testing::LastSequenceOf;
using testing::MessageOf;
using testing::Must;
using testing::OpenSslMac;
using testing::SignWith;
using testing::TheirKey;
using testing::ValueOf;
using testing::WithFlag;

using AttributeValues = std::map<CK_ATTRIBUTE_TYPE, std::vector<std::uint8_t>>;

class AdoptKeyTest : public testing::TokenTest {
 protected:
  Result<FoundKey> Adopt(const std::string& label, char category = 'T') {
    return AdoptKey(*token_, KeysLabelled(label), category);
  }
  static std::vector<std::uint8_t> Right(
      const std::vector<std::uint8_t>& value) {
    return OpenSslMac(Hs256(), value, testing::Bytes("data"));
  }
  AttributeValues AllAttributes(CK_OBJECT_HANDLE object) {
    return testing::Change(*token_, [&](Session& session) {
      AttributeValues values;
      for (const CK_ATTRIBUTE_TYPE type :
           {CKA_CLASS, CKA_KEY_TYPE, CKA_ID, CKA_LABEL, CKA_VALUE,
            CKA_VALUE_LEN, CKA_CHECK_VALUE, CKA_START_DATE, CKA_END_DATE,
            CKA_KEY_GEN_MECHANISM, CKA_ALLOWED_MECHANISMS}) {
        if (auto value = ReadBytes(session, object, type)) {
          values[type] = *std::move(value);
        }
      }
      for (const KeyFlag& flag : KeyFlags()) {
        values[flag.type] = Must(ReadBytes(session, object, flag.type));
      }
      return values;
    });
  }
  // Of the objects' files, by their path.
  std::map<std::string, std::string> ObjectFiles() const {
    std::map<std::string, std::string> files;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(home_.path())) {
      if (entry.path().extension() != ".object") continue;
      std::ifstream file(entry.path(), std::ios::binary);
      files[entry.path()] = {std::istreambuf_iterator<char>(file), {}};
    }
    return files;
  }

  const std::vector<std::uint8_t> value_ = ValueOf(48);
};

TEST_F(AdoptKeyTest, TheKeyGetsTheNextHandleAndSigns) {
  Generate();
  Import(*token_, TheirKey("idt-2024", "theirs", value_));
  const FoundKey key = Must(Adopt("theirs"));
  EXPECT_EQ(key.handle->FormatShort(), "IDTTKN.JWT.SECRET:00000002T");
  EXPECT_EQ(key.origin, Origin::kAdopted);
  EXPECT_EQ(key.bytes(), 48U);
  EXPECT_EQ(key.check_mac, OpenSslMac(Hs256(), value_, {}));
  EXPECT_EQ(SignWith(FindKey(2), "data"), Right(value_));
  Reopen();
  const Key again = FindKey(2);
  EXPECT_EQ(again.found().origin, Origin::kAdopted);
  EXPECT_EQ(again.found().record->check_mac, key.check_mac);
  EXPECT_EQ(again.found().bytes(), 48U);
  EXPECT_EQ(SignWith(again, "data"), Right(value_));
  EXPECT_EQ(LastSequenceOf(*token_), 2U);
  EXPECT_EQ(Generate().handle->object()->sequence, 3U);
}

TEST_F(AdoptKeyTest, TheTokenIsNotChanged) {
  const CK_OBJECT_HANDLE object =
      Import(*token_, WithFlag(WithFlag(TheirKey("idt-2024", "theirs", value_),
                                        CKA_SENSITIVE, false),
                               CKA_EXTRACTABLE, true));
  const auto attributes = AllAttributes(object);
  ASSERT_EQ(attributes.at(CKA_VALUE), value_);
  const auto files = ObjectFiles();
  ASSERT_FALSE(files.empty());
  EXPECT_THAT(Adopt("theirs"), IsOk());
  EXPECT_EQ(AllAttributes(object), attributes);
  EXPECT_EQ(ObjectFiles(), files);
  EXPECT_THAT(ReleaseKey(*token_, {1, 'T'}), IsOk());
  EXPECT_EQ(AllAttributes(object), attributes);
  EXPECT_EQ(ObjectFiles(), files);
}

TEST_F(AdoptKeyTest, TheListShowsItUnderItsHandle) {
  Import(*token_, TheirKey("idt-2024", "theirs", value_));
  Import(*token_, TheirKey("another", "stays without", value_));
  ASSERT_THAT(Adopt("theirs"), IsOk());
  const auto list = Must(ListKeys(*token_));
  ASSERT_EQ(list.keys.size(), 2U);
  ASSERT_TRUE(list.keys[0].handle);
  EXPECT_EQ(list.keys[0].handle->FormatShort(), "IDTTKN.JWT.SECRET:00000001T");
  EXPECT_EQ(list.keys[0].attributes.label, "theirs");
  EXPECT_FALSE(list.keys[1].handle);
  EXPECT_EQ(list.keys[1].attributes.label, "stays without");
}

TEST_F(AdoptKeyTest, ALabelOrAnIdAloneWillDo) {
  Import(*token_, TheirKey("", "only a label", value_));
  Import(*token_, TheirKey("only an id", "", ValueOf(64)));
  ASSERT_THAT(Adopt("only a label"), IsOk());
  Attributes wanted;
  wanted.Text(CKA_ID, "only an id");
  ASSERT_THAT(AdoptKey(*token_, wanted, 'T'), IsOk());
  Reopen();
  EXPECT_EQ(SignWith(FindKey(1), "data"), Right(value_));
  EXPECT_EQ(SignWith(FindKey(2), "data"), Right(ValueOf(64)));
}

TEST_F(AdoptKeyTest, AVerifyOnlyKeyAndOneOfCategoryYAreAdopted) {
  Import(*token_, WithFlag(TheirKey("a", "verifies", value_), CKA_SIGN, false));
  Import(*token_, TheirKey("b", "secure", value_));
  const FoundKey verifies = Must(Adopt("verifies"));
  EXPECT_FALSE(verifies.record->check_mac);
  const Key key = FindKey(1);
  EXPECT_THAT(key.Sign(Hs256(), {}), FailsWith(kKeyFunctionNotPermitted));
  EXPECT_TRUE(Must(key.Verify(Hs256(), testing::Bytes("data"), Right(value_))));
  EXPECT_EQ(Must(Adopt("secure", 'Y')).handle->FormatShort(),
            "IDTTKN.JWT.SECRET:00000002Y");
  EXPECT_EQ(SignWith(Must(Key::Find(token_, {2, 'Y'})), "data"), Right(value_));
}

TEST_F(AdoptKeyTest, KeysThatNoHandleCanBeGivenToAreRefused) {
  const auto theirs = [&](const std::string& label) {
    return TheirKey("id of " + label, label, value_);
  };
  KeySpec ours;
  ours.label = "ours";
  Generate(ours);
  Import(*token_, theirs("adopted"));
  Must(Adopt("adopted"));
  Import(*token_, TheirKey("OTHER.NAME:00000007T", "other name", value_));
  Import(*token_, theirs("twin"));
  Import(*token_, TheirKey("of the other", "twin", value_));
  Attributes aes = theirs("aes");
  aes.Remove(CKA_KEY_TYPE);
  aes.Remove(CKA_VALUE);
  aes.Number(CKA_KEY_TYPE, CKK_AES).Bytes(CKA_VALUE, ValueOf(32));
  Import(*token_, aes);
  Import(*token_, WithFlag(WithFlag(theirs("idle"), CKA_SIGN, false),
                           CKA_VERIFY, false));
  Import(*token_, WithFlag(theirs("public"), CKA_PRIVATE, false));
  Import(*token_, WithFlag(theirs("open"), CKA_EXTRACTABLE, true));
  Import(*token_, WithFlag(theirs("readable"), CKA_SENSITIVE, false));
  const auto zeros = [](std::size_t size) {
    const std::string label = std::to_string(size) + " zeros";
    return TheirKey("id of " + label, label, std::vector<std::uint8_t>(size));
  };
  Import(*token_, zeros(64));
  Import(*token_, zeros(65));
  Import(*token_, WithFlag(zeros(63), CKA_SIGN, false));
  Import(*token_, WithFlag(zeros(128), CKA_SIGN, false));
  Import(*token_, theirs("good"));
  const std::size_t objects = CountObjects(*token_);

  const std::string has = "the key has a handle already: ";
  const auto not_as = [](const std::string& category, const std::string& what) {
    return "the object is not what category '" + category + "' says: its " +
           what;
  };
  const auto fleeting = [](const std::string& category) {
    return "keys of category '" + category +
           "' do not outlive the process that makes them";
  };
  const std::string worthless =
      "the key is empty or has only zero bytes: everybody can sign with it";
  struct Row {
    std::string label;
    char category;
    IcsfCode code;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {"nobody's", 'T', kObjectNotFound,
            "there is no key with the attributes of that URI"},
           {"twin", 'T', kHandleInvalid,
            "2 keys are with the attributes of that URI"},
           {"ours", 'T', kHandleInvalid, has + "IDTTKN.JWT.SECRET:00000001T"},
           {"adopted", 'T', kHandleInvalid,
            has + "IDTTKN.JWT.SECRET:00000002T"},
           {"other name", 'T', kHandleInvalid, has + "OTHER.NAME:00000007T"},
           {"aes", 'T', kKeyTypeInconsistent,
            "the key is not of a type that HMAC takes"},
           {"idle", 'T', kKeyFunctionNotPermitted,
            "the key may neither sign nor verify: its CKA_SIGN and CKA_VERIFY "
            "are FALSE"},
           {"public", 'Y', kObjectNotFound,
            not_as("Y", "CKA_PRIVATE is not TRUE")},
           {"open", 'Y', kObjectNotFound,
            not_as("Y", "CKA_EXTRACTABLE is not FALSE")},
           {"readable", 'Y', kObjectNotFound,
            not_as("Y", "CKA_SENSITIVE is not TRUE")},
           {"63 zeros", 'T', kAttributeValueInvalid, worthless},
           {"64 zeros", 'T', kAttributeValueInvalid, worthless},
           {"65 zeros", 'T', kAttributeValueInvalid, worthless},
           {"128 zeros", 'T', kAttributeValueInvalid, worthless},
           {"good", 'S', kParameterInvalid, fleeting("S")},
           {"good", 'X', kParameterInvalid, fleeting("X")},
           {"good", 'U', kParameterInvalid, fleeting("U")},
       }) {
    SCOPED_TRACE(row.label);
    const auto adopted = Adopt(row.label, row.category);
    EXPECT_THAT(adopted, FailsWith(row.code));
    EXPECT_EQ(MessageOf(adopted), row.message);
    EXPECT_EQ(LastSequenceOf(*token_), 2U);
  }
  for (const char category : {'E', 't', ' ', '\0'}) {
    EXPECT_THAT(Adopt("good", category), FailsWith(kHandleInvalid));
  }
  EXPECT_EQ(CountObjects(*token_), objects);
  EXPECT_EQ(Must(Adopt("good")).handle->object()->sequence, 3U);
}

// The handle would name nothing when its session ends.
TEST_F(AdoptKeyTest, ASessionObjectIsRefused) {
  const auto open = [&] {
    const auto held = Must(token_->Change());
    return Must(token_->OpenSession(held, Access::kReadWrite));
  };
  Must(token_->Login());
  const Session session = open();
  const Attributes key =
      WithFlag(TheirKey("id", "fleeting", value_), CKA_TOKEN, false);
  auto list = key.ForCall();
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  ASSERT_EQ(session.functions().C_CreateObject(session.handle(), list.data(),
                                               list.size(), &object),
            CKR_OK);
  const auto adopted = Adopt("fleeting", 'T');
  EXPECT_THAT(adopted, FailsWith(kObjectNotFound));
  EXPECT_EQ(MessageOf(adopted),
            "the object is not what category 'T' says: its CKA_TOKEN is not "
            "TRUE");
  EXPECT_THAT(Adopt("fleeting", 'S'), FailsWith(kParameterInvalid));
  EXPECT_EQ(LastSequenceOf(*token_), 0U);
}

TEST_F(AdoptKeyTest, AKeyThatCouldNotBeFoundAgainIsRefused) {
  Attributes verifiers;
  verifiers.Flag(CKA_SIGN, false);
  const auto refused = [&] {
    const auto adopted = AdoptKey(*token_, verifiers, 'T');
    EXPECT_THAT(adopted, FailsWith(kHandleInvalid));
    EXPECT_EQ(LastSequenceOf(*token_), 0U);
    return MessageOf(adopted);
  };
  struct Row {
    std::string id;
    std::string label;
    std::string rival_id;
    std::string rival_label;
    std::string message;
  };
  const std::string neither =
      "the key has neither CKA_ID nor CKA_LABEL: it could not be found again";
  const std::string two = "2 keys are with its CKA_ID and CKA_LABEL";
  for (const Row& row : std::vector<Row>{{"", "", "id", "label", neither},
                                         {"id", "label", "id", "label", two},
                                         {"id", "", "id", "label", two},
                                         {"", "label", "id", "label", two}}) {
    SCOPED_TRACE(row.id + "/" + row.label);
    const CK_OBJECT_HANDLE key =
        Import(*token_,
               WithFlag(TheirKey(row.id, row.label, value_), CKA_SIGN, false));
    const CK_OBJECT_HANDLE rival =
        Import(*token_, TheirKey(row.rival_id, row.rival_label, value_));
    EXPECT_EQ(refused(), row.message);
    testing::Destroy(*token_, key);
    testing::Destroy(*token_, rival);
  }
}

TEST_F(AdoptKeyTest, AnotherKeyInItsPlaceIsRefused) {
  const CK_OBJECT_HANDLE object =
      Import(*token_, TheirKey("id", "theirs", value_));
  Must(Adopt("theirs"));
  const Key before = FindKey(1);
  EXPECT_EQ(SignWith(before, "data"), Right(value_));
  testing::Destroy(*token_, object);
  const auto gone = Key::Find(token_, {1, 'T'});
  EXPECT_THAT(gone, FailsWith(kObjectNotFound));
  EXPECT_EQ(MessageOf(gone), "there is no key IDTTKN.JWT.SECRET:00000001T");

  Import(*token_, TheirKey("id", "theirs", ValueOf(48, 2)));
  const std::string message =
      "the key IDTTKN.JWT.SECRET:00000001T has another check value than the "
      "one that was made: its place in the token was taken by another key";
  const auto found = Key::Find(token_, {1, 'T'});
  EXPECT_THAT(found, FailsWith(kObjectNotFound));
  EXPECT_EQ(MessageOf(found), message);
  const auto mac = before.Sign(Hs256(), testing::Bytes("data"));
  EXPECT_THAT(mac, FailsWith(kObjectNotFound));
  EXPECT_EQ(MessageOf(mac), message);
  const auto list = Must(ListKeys(*token_));
  EXPECT_THAT(list.keys, ::testing::IsEmpty());
  EXPECT_EQ(list.left_out.size(), 1U);
}

TEST_F(AdoptKeyTest, TheNumberOfAReleasedHandleDoesNotComeBack) {
  Import(*token_, TheirKey("id", "theirs", value_));
  Must(Adopt("theirs"));
  ASSERT_THAT(ReleaseKey(*token_, {1, 'T'}), IsOk());
  EXPECT_THAT(Key::Find(token_, {1, 'T'}), FailsWith(kObjectNotFound));
  EXPECT_EQ(Generate().handle->object()->sequence, 2U);
  EXPECT_EQ(Must(Adopt("theirs")).handle->object()->sequence, 3U);
  EXPECT_EQ(SignWith(FindKey(3), "data"), Right(value_));
}

TEST_F(AdoptKeyTest, OnlyAnAdoptedKeyIsReleased) {
  Generate();
  Import(*token_, TheirKey("id", "theirs", value_));
  Must(Adopt("theirs"));
  for (const ObjectId id :
       {ObjectId{1, 'T'}, ObjectId{2, 'Y'}, ObjectId{3, 'T'}}) {
    const auto released = ReleaseKey(*token_, id);
    EXPECT_THAT(released, FailsWith(kObjectNotFound));
    EXPECT_EQ(MessageOf(released),
              "no adopted key is " + Handle(token_->name(), id).FormatShort());
  }
  EXPECT_THAT(FindKey(1).Sign(Hs256(), {}), IsOk());
  EXPECT_THAT(FindKey(2).Sign(Hs256(), {}), IsOk());
}

}  // namespace
}  // namespace sigtoken
