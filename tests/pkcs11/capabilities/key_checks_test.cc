// Checks of which keys can be made and imported.

#include "pkcs11/capabilities/checks.h"
#include "tests/capabilities.h"

namespace sigtoken {
namespace {

class KeyChecksTest : public testing::CapabilitiesTest {};

constexpr const char* kNoKey = " -> 'sigtoken key generate' makes no key here";
constexpr const char* kNoImport =
    " -> 'sigtoken key import' brings no key into it";

TEST_F(KeyChecksTest, KeysAreGenerated) {
  EXPECT_EQ(Run(CheckGenerate),
            "ok: keys of 32, 48 and 64 bytes -> 'sigtoken key generate' makes "
            "keys that never leave it");
  EXPECT_TRUE(known_.generates);
  EXPECT_EQ(known_.made, 4U);
  EXPECT_EQ(known_.signs, (std::array<bool, 3>{true, true, true}));
}

TEST_F(KeyChecksTest, WhatKeepsKeysFromBeingGenerated) {
  const auto thrice = [](const std::string& why) {
    return "32, 48 and 64: " + why;
  };
  Expect(
      CheckGenerate,
      {{"C_GenerateKey * return CKR_FUNCTION_NOT_SUPPORTED",
        "missing: " +
            thrice("C_GenerateKey answered CKR_FUNCTION_NOT_SUPPORTED") +
            kNoKey},
       {"C_GenerateKey 1 return CKR_KEY_SIZE_RANGE",
        "limited: keys of 48 and 64 bytes; 32: C_GenerateKey answered "
        "CKR_KEY_SIZE_RANGE -> 'sigtoken key generate --bytes' makes those "
        "sizes alone"},
       {"C_FindObjects * forget",
        "failed: " + thrice("by its CKA_ID 0 keys are found") + kNoKey},
       {"C_GetAttributeValue * flip-attribute CKA_SENSITIVE",
        "failed: " + thrice("CKA_SENSITIVE not as asked for") + kNoKey},
       {"C_GenerateKey * drop-attribute CKA_EXTRACTABLE\n"
        "C_GetAttributeValue * flip-attribute CKA_PRIVATE",
        "failed: " + thrice("CKA_PRIVATE not as asked for") + kNoKey},
       {"C_Sign * truncate 1",
        "failed: 32: C_Sign: the module gave a MAC of 31 bytes, not 32; 48: "
        "C_Sign: the module gave a MAC of 47 bytes, not 48; 64: C_Sign: the "
        "module gave a MAC of 63 bytes, not 64" +
            std::string(kNoKey)},
       {"C_Sign 2 corrupt",
        "limited: keys of 48 and 64 bytes; 32: it signs one text differently "
        "each time -> 'sigtoken key generate --bytes' makes those sizes "
        "alone"},
       {"C_Sign * corrupt",
        "failed: " + thrice("C_Verify refuses its own MAC") + kNoKey},
       {"C_Verify * return CKR_OK",
        "failed: " + thrice("C_Verify takes a MAC that is wrong") + kNoKey},
       {"C_SignInit * return CKR_KEY_FUNCTION_NOT_PERMITTED",
        "failed: " +
            thrice("C_SignInit answered CKR_KEY_FUNCTION_NOT_PERMITTED") +
            kNoKey},
       {"C_GenerateKey * same-key",
        "failed: " + std::string("it makes the same key twice -> do not let "
                                 "it make keys")}});
}

// As NSS, where the device is well.
TEST_F(KeyChecksTest, ADeviceErrorIsAnAnswerToAWrongMac) {
  EXPECT_THAT(Run(CheckGenerate, "C_Verify * device-error-for-wrong-mac"),
              ::testing::StartsWith("ok: "));
}

TEST_F(KeyChecksTest, OfAKeyThatIsNotFitNothingIsKnown) {
  Run(CheckGenerate, "C_Sign * corrupt");
  EXPECT_FALSE(known_.generates);
  EXPECT_EQ(known_.signs, (std::array<bool, 3>{}));
  EXPECT_TRUE(known_.tried);
}

TEST_F(KeyChecksTest, ValuesAreImported) {
  EXPECT_EQ(Run(CheckImport),
            "limited: values of 64 and 131 bytes; 20 and 32: C_SignInit "
            "answered CKR_KEY_SIZE_RANGE -> shorter keys are imported padded "
            "to 64 bytes, which gives the same MACs");
  EXPECT_TRUE(known_.imports);
  EXPECT_EQ(known_.made, 4U);
}

TEST_F(KeyChecksTest, WhatKeepsValuesFromBeingImported) {
  const auto all = [](const std::string& why) {
    return "20, 32, 64 and 131: " + why;
  };
  const std::string range = "C_SignInit answered CKR_KEY_SIZE_RANGE";
  Expect(
      CheckImport,
      {{"C_CreateObject * return CKR_ATTRIBUTE_READ_ONLY",
        "missing: " + all("C_CreateObject answered CKR_ATTRIBUTE_READ_ONLY") +
            kNoImport},
       {"C_GetAttributeValue * flip-attribute CKA_EXTRACTABLE",
        "failed: " + all("CKA_EXTRACTABLE not as asked for") + kNoImport},
       // The fourth value is the longest.
       {"C_CreateObject 4 return CKR_MECHANISM_INVALID",
        "limited: values of 64 bytes; 20 and 32: " + range +
            "; 131: C_CreateObject answered CKR_MECHANISM_INVALID -> keys of "
            "other sizes are not imported"},
       {"C_CreateObject 1 return CKR_MECHANISM_INVALID",
        "limited: values of 64 and 131 bytes; 20: C_CreateObject answered "
        "CKR_MECHANISM_INVALID; 32: " +
            range + " -> keys of other sizes are not imported"}});
}

// The module's MACs fit each other, and the key is another one.
TEST_F(KeyChecksTest, AModuleThatHoldsOtherKeysComputesWrongMacs) {
  const std::string found = Run(CheckImport, "C_CreateObject * same-key");
  EXPECT_EQ(found,
            "failed: 20: C_SignInit answered CKR_KEY_SIZE_RANGE; 32, 64 and "
            "131: its HS256 is another key's -> the module holds other keys "
            "than it was given");
  EXPECT_TRUE(known_.computes_wrong_macs);
  EXPECT_FALSE(known_.imports);
}

TEST_F(KeyChecksTest, KeysBoundToAHash) {
  Expect(
      CheckTypedKeys,
      {{"",
        "ok: CKK_SHA256_HMAC, CKK_SHA384_HMAC and CKK_SHA512_HMAC -> keys of "
        "these types can be adopted"},
       {"C_CreateObject 2 return CKR_ATTRIBUTE_VALUE_INVALID",
        "limited: CKK_SHA256_HMAC and CKK_SHA512_HMAC -> keys of these types "
        "can be adopted"},
       {"C_CreateObject * return CKR_ATTRIBUTE_VALUE_INVALID",
        "missing: CKK_SHA256_HMAC and its like: C_CreateObject answered "
        "CKR_ATTRIBUTE_VALUE_INVALID -> sigtoken needs none: its keys are "
        "CKK_GENERIC_SECRET"}});
}

TEST_F(KeyChecksTest, TheSizeThatEachAlgorithmWants) {
  const std::string soft_hsm =
      "limited: HS256 from 32, HS384 from 48 and HS512 from 64 bytes; the "
      "module lists 32, 48 and 64 -> each algorithm wants keys of its size: 64 "
      "bytes serve all";
  Expect(CheckKeySizes,
         {{"", soft_hsm},
          // By imported keys.
          {"C_GenerateKey * return CKR_FUNCTION_NOT_SUPPORTED", soft_hsm},
          {"C_SignInit * answer-mac\nC_Sign * answer-mac",
           "ok: HS256 from 10, HS384 from 10 and HS512 from 10 bytes; the "
           "module lists 32, 48 and 64 -> it takes keys of 32 bytes for all "
           "algorithms"},
          {"C_SignInit * return CKR_KEY_SIZE_RANGE\n"
           "C_GetMechanismInfo * return CKR_MECHANISM_INVALID",
           "failed: HS256 with none of up to 64, HS384 with none of up to 64 "
           "and HS512 with none of up to 64 bytes; the module lists nothing, "
           "nothing and nothing -> not known"}});
}

}  // namespace
}  // namespace sigtoken
