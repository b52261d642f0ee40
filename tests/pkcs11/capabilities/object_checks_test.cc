// Checks of how a token keeps objects.

#include "pkcs11/capabilities/checks.h"
#include "tests/capabilities.h"

namespace sigtoken {
namespace {

class ObjectChecksTest : public testing::CapabilitiesTest {
 protected:
  void SetUp() override { known_.generates = true; }
};

TEST_F(ObjectChecksTest, TwoKeysOfOneId) {
  const std::string overwritten =
      "limited: a key of the same CKA_ID takes the place of the first -> only "
      "one host, with one state store, may make keys in it";
  Expect(CheckDuplicateId,
         {{"",
           "ok: two keys of one CKA_ID stay two keys -> of two hosts that take "
           "one number, one withdraws its key"},
          {"C_GenerateKey * overwrite-id", overwritten},
          {"C_GenerateKey 2 return CKR_TEMPLATE_INCONSISTENT",
           "ok: a second key of one CKA_ID is refused: C_GenerateKey answered "
           "CKR_TEMPLATE_INCONSISTENT -> no key takes the place of another"}});
}

TEST_F(ObjectChecksTest, Copies) {
  const std::string none = " -> CSFPSAV changes no key here";
  Expect(CheckCopy,
         {{"",
           "ok: a copy signs as its original does -> CSFPSAV changes keys, by "
           "a copy"},
          {"C_CopyObject * return CKR_ACTION_PROHIBITED",
           "missing: C_CopyObject answered CKR_ACTION_PROHIBITED" + none},
          {"C_Sign 2 corrupt", "failed: the copy is another key" + none}});
}

TEST_F(ObjectChecksTest, KeysThatAreDestroyed) {
  const std::string consequence =
      " -> 'sigtoken key delete' is not to be relied on: use the vendor's tool";
  Expect(
      CheckDestroy,
      {{"",
        "ok: a key that was destroyed is gone -> 'sigtoken key delete' "
        "deletes for good"},
       {"C_DestroyObject * return CKR_ACTION_PROHIBITED",
        "failed: C_DestroyObject answered CKR_ACTION_PROHIBITED" + consequence},
       {"C_DestroyObject * return CKR_OK",
        "failed: the key is still there afterwards" + consequence},
       {"C_DestroyObject * return CKR_OK\nC_FindObjects * forget",
        "failed: the key still signs afterwards" + consequence}});
}

TEST_F(ObjectChecksTest, HandlesThatAreDealtAgain) {
  const std::string consequence =
      " -> a key's CKA_ID is read before each signature, which costs time";
  Expect(CheckHandles,
         {{"",
           "ok: that of a destroyed object is not dealt again -> a key that "
           "was found is used without another look"},
          {"C_GenerateKey * return CKR_FUNCTION_NOT_SUPPORTED",
           "limited: not known: C_GenerateKey answered "
           "CKR_FUNCTION_NOT_SUPPORTED" +
               consequence}});
  // Of all handles, from the first one on.
  fault_.Script("* * reuse");
  Reopen();
  EXPECT_EQ(Run(CheckHandles, "* * reuse"),
            "limited: that of a destroyed object is dealt again" + consequence);
}

TEST_F(ObjectChecksTest, SessionObjects) {
  Expect(CheckSessionObjects,
         {{"",
           "ok: a session key ends with its session -> keys of category S and "
           "X work, and leave nothing behind"},
          {"C_GenerateKey * return CKR_TOKEN_WRITE_PROTECTED\n"
           "C_CreateObject * return CKR_TOKEN_WRITE_PROTECTED",
           "missing: C_GenerateKey answered CKR_TOKEN_WRITE_PROTECTED -> keys "
           "of category S and X are refused, and MACs are not tried before the "
           "module is used"},
          {"C_SignInit * return CKR_KEY_HANDLE_INVALID",
           "limited: a session key signs in no other session -> keys of "
           "category S and X do not sign here"},
          {"C_SignInit * answer-mac\nC_Sign * answer-mac",
           "limited: a session key outlives its session -> keys of category S "
           "and X may stay until the program ends"}});
}

TEST_F(ObjectChecksTest, DataObjects) {
  const std::string makes =
      " -> CSFPTRC makes data objects, and CSFPSAV makes them anew";
  const std::string makes_none = " -> CSFPTRC makes no data objects in it";
  Expect(CheckDataObjects,
         {{"",
           "ok: kept; to change one in place: C_SetAttributeValue answered "
           "CKR_ATTRIBUTE_READ_ONLY" +
               makes},
          {"C_SetAttributeValue * return CKR_OK",
           "ok: kept, and can be changed in place" + makes},
          {"C_CreateObject * return CKR_ATTRIBUTE_VALUE_INVALID",
           "missing: C_CreateObject answered CKR_ATTRIBUTE_VALUE_INVALID" +
               makes_none},
          {"C_CreateObject * drop-attribute CKA_LABEL",
           "failed: CKA_LABEL not as asked for" + makes_none},
          {"C_FindObjects 1 forget",
           "failed: one is made, and not found again" + makes_none}});
}

}  // namespace
}  // namespace sigtoken
