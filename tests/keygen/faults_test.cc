// Making and deleting keys on a module that misbehaves in ways that real ones
// do.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "keygen/adopt.h"
#include "keygen/generate.h"
#include "keygen/remove.h"
#include "pkcs11/store/object_records.h"
#include "pkcs11/store/token_records.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::CountObjects;
using testing::CureOf;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;

class KeygenFaultsTest : public testing::FaultyTokenTest {
 protected:
  // Rules are not to meet what a login does.
  void SetUp() override { Must(token().Login()); }

  std::uint32_t LastSequence() {
    const auto record =
        Must(FindTokenRecord(token().database(), token().name()));
    return record ? record->last_sequence : 0;
  }
  Result<MadeKey> Generate(const KeySpec& spec = {}) {
    return GenerateKey(token(), spec);
  }
  static std::uint32_t Number(const Result<MadeKey>& made) {
    return Must(made).key.handle->object()->sequence;
  }
  // Nothing is left of keys that were not made, neither in the token nor in the
  // store. `spent` numbers are not given out any more: a device that failed may
  // make the key yet.
  void ExpectNothingLeft(std::uint32_t spent) {
    fault_.Script("");
    EXPECT_EQ(CountObjects(token()), 0U);
    EXPECT_EQ(LastSequence(), spent);
    EXPECT_THAT(Must(ListKeys(token())).keys, IsEmpty());
    for (std::uint32_t number = 1; number <= spent + 1; ++number) {
      EXPECT_FALSE(Must(
          FindObjectRecord(token().database(), token().name(), {number, 'T'})));
    }
  }
};

TEST_F(KeygenFaultsTest, AKeyThatDoesNotWorkIsNotMade) {
  struct Row {
    std::string rule;
    std::string message;
  };
  const std::string begin = "the new key does not work: ";
  const std::string end = "; it was destroyed again";
  std::uint32_t spent = 0;
  for (const Row& row : std::vector<Row>{
           {"C_Sign 1 corrupt",
            begin + "it signs the same text differently" + end},
           {"C_Sign * corrupt", begin + "the module refuses its own MAC" + end},
           {"C_Verify * return CKR_OK",
            begin + "the module takes a MAC that is wrong" + end},
           {"C_Verify * return CKR_SIGNATURE_INVALID",
            begin + "the module refuses its own MAC" + end},
           {"C_Sign * truncate 1", "could not sign with HS256"},
           {"C_Sign * lengthen 1", "could not sign with HS256"},
           {"C_Sign * return CKR_DEVICE_ERROR", "could not sign with HS256"},
           {"C_SignInit 3 return CKR_DEVICE_ERROR",
            "could not sign with HS384"},
       }) {
    SCOPED_TRACE(row.rule);
    fault_.Script(row.rule);
    const auto made = Generate();
    EXPECT_THAT(made, FailsWith(kNotAvailable));
    EXPECT_EQ(MessageOf(made), row.message);
    ExpectNothingLeft(++spent);
  }
  EXPECT_EQ(Number(Generate()), spent + 1);
}

TEST_F(KeygenFaultsTest, AKeyThatIsNotAsAskedForIsDestroyedAgain) {
  struct Row {
    std::string rule;
    std::string what;
  };
  for (const Row& row : std::vector<Row>{
           {"C_GetAttributeValue * flip-attribute CKA_EXTRACTABLE",
            "CKA_EXTRACTABLE"},
           {"C_GetAttributeValue * flip-attribute CKA_SENSITIVE",
            "CKA_SENSITIVE"},
           {"C_GetAttributeValue * flip-attribute CKA_VERIFY", "CKA_VERIFY"},
           {"C_GetAttributeValue * flip-attribute CKA_DERIVE", "CKA_DERIVE"},
           {"C_GetAttributeValue * flip-attribute CKA_WRAP", "CKA_WRAP"},
           {"C_GenerateKey * drop-attribute CKA_SENSITIVE", "CKA_SENSITIVE"},
           {"C_GenerateKey * drop-attribute CKA_ENCRYPT", "CKA_ENCRYPT"},
           {"C_GenerateKey * drop-attribute CKA_LABEL", "CKA_LABEL"},
       }) {
    SCOPED_TRACE(row.rule);
    fault_.Script(row.rule);
    KeySpec spec;
    spec.label = "label";
    const auto made = Generate(spec);
    EXPECT_THAT(made, FailsWith(kAttributeValueInvalid));
    EXPECT_EQ(MessageOf(made),
              "the module made a key whose " + row.what +
                  " is not what was asked for; it was destroyed again");
    ExpectNothingLeft(0);
  }
}

// Its category forbids the key before its template is compared.
TEST_F(KeygenFaultsTest, AKeyThatIsNotPrivateOrInTheTokenIsDestroyedAgain) {
  for (const std::string type : {"CKA_PRIVATE", "CKA_TOKEN"}) {
    SCOPED_TRACE(type);
    fault_.Script("C_GetAttributeValue * flip-attribute " + type);
    const auto made = Generate();
    EXPECT_THAT(made, FailsWith(kObjectNotFound));
    EXPECT_EQ(MessageOf(made),
              "the object is not what category 'T' says: its " + type +
                  " is not TRUE");
    ExpectNothingLeft(0);
  }
}

// It is in no token then, and cannot be found by its address there.
TEST_F(KeygenFaultsTest, AKeyWithoutItsAddressIsNotMade) {
  fault_.Script("C_GenerateKey * drop-attribute CKA_ID");
  EXPECT_THAT(Generate(), FailsWith(kNotAvailable));
  EXPECT_EQ(LastSequence(), 1U);
  EXPECT_THAT(Must(ListKeys(token())).keys, IsEmpty());
}

TEST_F(KeygenFaultsTest, AKeyThatWasMadeAllTheSameIsDestroyed) {
  std::uint32_t spent = 0;
  for (const std::string code :
       {"CKR_DEVICE_ERROR", "CKR_DEVICE_MEMORY", "CKR_HOST_MEMORY",
        "CKR_SESSION_CLOSED", "0xCE534351"}) {
    SCOPED_TRACE(code);
    fault_.Script("C_GenerateKey * after " + code);
    const auto made = Generate();
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().call, "C_GenerateKey");
    ExpectNothingLeft(++spent);
  }
  // The key before it is the only one of its number.
  EXPECT_EQ(Number(Generate()), ++spent);
  fault_.Script("C_GenerateKey 1 after CKR_DEVICE_ERROR");
  EXPECT_THAT(Generate(), FailsWith(kNotAvailable));
  EXPECT_EQ(CountObjects(token()), 1U);
  EXPECT_EQ(Number(Generate()), spent + 2);
}

TEST_F(KeygenFaultsTest, OptionalProtectionsAreGivenUpOneByOne) {
  struct Row {
    std::string when;
    std::vector<std::string> not_kept;
  };
  std::uint32_t number = 0;
  for (const std::string how : {"return", "after"}) {
    for (const std::string code :
         {"CKR_GENERAL_ERROR", "CKR_ATTRIBUTE_TYPE_INVALID",
          "CKR_TEMPLATE_INCONSISTENT", "CKR_TEMPLATE_INCOMPLETE"}) {
      for (const Row& row : std::vector<Row>{
               {"9", {}},
               {"1", {"CKA_ALLOWED_MECHANISMS"}},
               {"1-2", {"CKA_ALLOWED_MECHANISMS", "CKA_MODIFIABLE"}}}) {
        fault_.Script("C_GenerateKey " + row.when + " " + how + " " + code);
        SCOPED_TRACE(how + " " + code + " " + row.when);
        const auto made = Generate();
        EXPECT_EQ(Number(made), ++number);
        EXPECT_EQ(Must(made).not_kept, row.not_kept);
        EXPECT_EQ(FindKey(number).found().record->not_kept, row.not_kept);
        EXPECT_EQ(CountObjects(token()), number);
      }
    }
  }
}

TEST_F(KeygenFaultsTest, AFailureThatStaysIsNoKey) {
  const auto before = fault_.Calls("C_GenerateKey");
  fault_.Script("C_GenerateKey * return CKR_GENERAL_ERROR");
  EXPECT_THAT(Generate(), FailsWith(kNotAvailable));
  EXPECT_EQ(fault_.Calls("C_GenerateKey"), before + 3);
  ExpectNothingLeft(1);
}

// What a module can do is tried with the key; such lists are often wrong.
TEST_F(KeygenFaultsTest, NoListOfMechanismsIsBelieved) {
  fault_.Script(
      "C_GetMechanismList * return CKR_FUNCTION_FAILED\n"
      "C_GetMechanismInfo * return CKR_MECHANISM_INVALID");
  Must(GenerateKey(token(), {}));
  EXPECT_THAT(FindKey(1).Sign(Hs256(), {}), IsOk());
}

TEST_F(KeygenFaultsTest, AModuleThatMakesNoKeysSpendsNoNumber) {
  for (const std::string code :
       {"CKR_FUNCTION_NOT_SUPPORTED", "CKR_MECHANISM_INVALID"}) {
    fault_.Script("C_GenerateKey * return " + code);
    const auto made = Generate();
    EXPECT_FALSE(made);
    EXPECT_EQ(CureOf(made),
              "this module makes no generic secret keys: make the value "
              "elsewhere, and bring it in with 'sigtoken key import'");
    ExpectNothingLeft(0);
  }
}

TEST_F(KeygenFaultsTest, AKeyThatIsMadeAndNotThereIsNotMade) {
  fault_.Script("C_GenerateKey * return CKR_OK");
  EXPECT_THAT(Generate(), FailsWith(kNotAvailable));
  ExpectNothingLeft(1);
}

// One key for each CKA_ID, as NSS has it: none of ours may be overwritten.
TEST_F(KeygenFaultsTest, NoKeyIsOverwritten) {
  fault_.Script("* * overwrite-id");
  for (std::uint32_t number = 1; number <= 3; ++number) {
    EXPECT_EQ(Number(Generate()), number);
    EXPECT_EQ(CountObjects(token()), number);
  }
}

// What stays in the token is said, and its number is not given out again.
TEST_F(KeygenFaultsTest, AFaultyKeyThatCannotBeDestroyedIsToldOf) {
  fault_.Script("C_Sign * corrupt\nC_DestroyObject * return CKR_OK");
  const auto made = Generate();
  EXPECT_THAT(made, FailsWith(kNotAvailable));
  EXPECT_THAT(testing::CureOf(made),
              ::testing::EndsWith(
                  "; the key IDT.KEYS:00000001T is still there after it was "
                  "destroyed; the key IDT.KEYS:00000001T may be in the token: "
                  "delete it, with --force if need be"));
  fault_.Script("");
  EXPECT_EQ(CountObjects(token()), 1U);
  EXPECT_EQ(Number(Generate()), 2U);
}

TEST_F(KeygenFaultsTest, KeysAreMadeWhereHandlesAreReused) {
  fault_.Script("* * reuse");
  for (std::uint32_t number = 1; number <= 3; ++number) {
    EXPECT_EQ(Number(Generate()), number);
    EXPECT_THAT(DeleteKey(token(), {number, 'T'}, false), IsOk());
  }
  EXPECT_EQ(CountObjects(token()), 0U);
}

TEST_F(KeygenFaultsTest, AVerifyOnlyKeyIsMadeWhereAWrongMacIsADeviceError) {
  fault_.Script("C_Verify * device-error-for-wrong-mac");
  KeySpec spec;
  EXPECT_THAT(Generate(spec), IsOk());
  spec.verify_only = true;
  EXPECT_THAT(Generate(spec), IsOk());
}

// Else another key in its place would be taken for it.
TEST_F(KeygenFaultsTest, AKeyThatSignsIsAdoptedWithItsCheckValueOrNotAtAll) {
  const auto value = testing::ValueOf(48);
  testing::Import(token(), testing::TheirKey("id", "theirs", value));
  const auto adopt = [&] {
    return AdoptKey(token(), testing::KeysLabelled("theirs"), 'T');
  };
  for (const std::string function : {"C_SignInit", "C_Sign"}) {
    for (const std::string code : {"CKR_DEVICE_ERROR", "CKR_GENERAL_ERROR",
                                   "CKR_KEY_SIZE_RANGE", "0xCE534351"}) {
      SCOPED_TRACE(function + ' ' + code);
      fault_.Script(function + " * return " + code);
      const auto adopted = adopt();
      ASSERT_THAT(adopted, FailsWith(code == "CKR_KEY_SIZE_RANGE"
                                         ? kKeyFunctionNotPermitted
                                         : kNotAvailable));
      EXPECT_EQ(MessageOf(adopted), "could not sign with HS256");
      EXPECT_EQ(adopted.error().call, function);
      fault_.Script("");
      EXPECT_EQ(LastSequence(), 0U);
      EXPECT_FALSE(
          Must(FindObjectRecord(token().database(), token().name(), {1, 'T'})));
    }
  }
  fault_.Script("C_Sign 1 return CKR_DEVICE_ERROR");
  const auto check_mac = testing::OpenSslMac(Hs256(), value, {});
  EXPECT_EQ(Must(adopt()).check_mac, check_mac);
  const auto record =
      Must(FindObjectRecord(token().database(), token().name(), {1, 'T'}));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->check_mac, check_mac);
}

// Its check value is that of HS256, which it may not make.
TEST_F(KeygenFaultsTest, AKeyForAnotherHashIsAdoptedWithoutACheckValue) {
  testing::Import(token(),
                  testing::TheirKey("id", "theirs", testing::ValueOf(48)));
  fault_.Script("C_SignInit * return CKR_KEY_TYPE_INCONSISTENT");
  const auto key = AdoptKey(token(), testing::KeysLabelled("theirs"), 'T');
  EXPECT_FALSE(Must(key).check_mac);
}

}  // namespace
}  // namespace sigtoken
