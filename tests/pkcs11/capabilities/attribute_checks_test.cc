// Checks of which attributes a token keeps and obeys.

#include "pkcs11/capabilities/checks.h"
#include "tests/capabilities.h"

namespace sigtoken {
namespace {

class AttributeChecksTest : public testing::CapabilitiesTest {
 protected:
  void SetUp() override { known_.generates = true; }
};

TEST_F(AttributeChecksTest, TheTemplateIsReadBack) {
  Expect(CheckAttributes,
         {{"",
           "ok: all 15 that sigtoken asks for are kept -> keys are private, "
           "sensitive and not extractable"},
          {"C_GetAttributeValue * flip-attribute CKA_EXTRACTABLE\n"
           "C_GetAttributeValue * flip-attribute CKA_WRAP",
           "failed: CKA_WRAP and CKA_EXTRACTABLE not as asked for -> sigtoken "
           "destroys such keys again"},
          {"C_GenerateKey * return CKR_MECHANISM_INVALID\n"
           "C_CreateObject * return CKR_MECHANISM_INVALID",
           "error: C_GenerateKey answered CKR_MECHANISM_INVALID"}});
}

TEST_F(AttributeChecksTest, AnAttributeThatProtectsMustBeThere) {
  Expect(CheckAttributes,
         {{"C_GenerateKey * drop-attribute CKA_LABEL",
           "failed: CKA_LABEL not as asked for -> sigtoken destroys such keys "
           "again"},
          {"C_GenerateKey * drop-attribute CKA_SENSITIVE",
           "failed: CKA_SENSITIVE not as asked for -> sigtoken destroys such "
           "keys again"}});
}

TEST_F(AttributeChecksTest, MechanismsThatAreAllowed) {
  Expect(CheckAllowedMechanisms,
         {{"", "ok: kept, and obeyed -> keys make MACs and nothing else"},
          {"C_GetAttributeValue * return CKR_DEVICE_ERROR",
           "ok: not to be read (C_GetAttributeValue answered "
           "CKR_DEVICE_ERROR), and obeyed -> keys make MACs and nothing else"},
          {"C_GenerateKey * return CKR_ATTRIBUTE_TYPE_INVALID",
           "limited: C_GenerateKey answered CKR_ATTRIBUTE_TYPE_INVALID -> keys "
           "are made without CKA_ALLOWED_MECHANISMS"},
          {"C_GenerateKey * drop-attribute CKA_ALLOWED_MECHANISMS",
           "limited: kept, and not obeyed -> the token itself lets keys do "
           "more than MACs"},
          {"C_SignInit 1 return CKR_KEY_HANDLE_INVALID",
           "failed: kept; a key with it does not sign: C_SignInit answered "
           "CKR_KEY_HANDLE_INVALID -> not known"}});
}

TEST_F(AttributeChecksTest, KeysThatAreNotModifiable) {
  Expect(CheckModifiable,
         {{"",
           "ok: obeyed: C_SetAttributeValue answered CKR_ACTION_PROHIBITED -> "
           "nobody changes keys that sign identity tokens"},
          {"C_GenerateKey * drop-attribute CKA_MODIFIABLE",
           "limited: not obeyed: C_SetAttributeValue answered CKR_OK -> "
           "whoever has the PIN can change keys"},
          {"C_GenerateKey * return CKR_TEMPLATE_INCONSISTENT",
           "limited: C_GenerateKey answered CKR_TEMPLATE_INCONSISTENT -> keys "
           "are made without CKA_MODIFIABLE"}});
}

// By imported keys where none are generated.
TEST_F(AttributeChecksTest, OptionalProtectionsOfImportedKeys) {
  known_ = {};
  known_.imports = true;
  const std::string none = "C_GenerateKey * return CKR_FUNCTION_NOT_SUPPORTED";
  Expect(CheckAllowedMechanisms,
         {{none, "ok: kept, and obeyed -> keys make MACs and nothing else"},
          {none + "\nC_CreateObject * return CKR_ATTRIBUTE_TYPE_INVALID",
           "limited: C_CreateObject answered CKR_ATTRIBUTE_TYPE_INVALID -> "
           "keys are made without CKA_ALLOWED_MECHANISMS"}});
}

TEST_F(AttributeChecksTest, AttributesThatSigtokenDoesNotAskFor) {
  const std::string consequence =
      " -> sigtoken asks for none of them: its store keeps what keys do not";
  Expect(CheckOtherAttributes,
         {{"",
           "ok: a session key takes CKA_COPYABLE, CKA_DESTROYABLE and dates, "
           "and not CKA_APPLICATION" +
               consequence},
          {"C_GenerateKey 2 return CKR_ATTRIBUTE_TYPE_INVALID\n"
           "C_CreateObject 1 return CKR_ATTRIBUTE_TYPE_INVALID",
           "ok: a session key takes CKA_COPYABLE and dates, and not "
           "CKA_DESTROYABLE and CKA_APPLICATION" +
               consequence},
          {"C_GenerateKey * return CKR_FUNCTION_NOT_SUPPORTED\n"
           "C_CreateObject * return CKR_TOKEN_WRITE_PROTECTED",
           "missing: a session key takes none: C_GenerateKey answered "
           "CKR_FUNCTION_NOT_SUPPORTED" +
               consequence}});
}

TEST_F(AttributeChecksTest, IdsAndLabelsThatChange) {
  const std::string consequence =
      " -> sigtoken changes no key: it makes a changed copy";
  Expect(
      CheckIdAndLabel,
      {{"", "ok: can be changed in place" + consequence},
       {"C_SetAttributeValue * return CKR_ATTRIBUTE_READ_ONLY",
        "missing: C_SetAttributeValue answered CKR_ATTRIBUTE_READ_ONLY" +
            consequence},
       {"C_SetAttributeValue * return CKR_OK",
        "failed: the change was taken, and is not to be seen" + consequence}});
}

}  // namespace
}  // namespace sigtoken
