// Checks of MACs: whether they are right, and what becomes of wrong ones.

#include "pkcs11/capabilities/checks.h"
#include "tests/capabilities.h"

namespace sigtoken {
namespace {

class MacChecksTest : public testing::CapabilitiesTest {};

constexpr const char* kAllRight =
    "ok: HS256, HS384 and HS512 are those of RFC 4231 -> others can check what "
    "it signs";

TEST_F(MacChecksTest, MacsAreComparedWithRfc4231) {
  EXPECT_EQ(Run(CheckMacs), kAllRight);
  EXPECT_FALSE(known_.computes_wrong_macs);
  EXPECT_EQ(known_.signs, (std::array<bool, 3>{true, true, true}));
  // A key of 131 bytes is not taken by all.
  EXPECT_EQ(
      Run(CheckMacs, "C_CreateObject 2-3 return CKR_ATTRIBUTE_VALUE_INVALID"),
      kAllRight);
}

TEST_F(MacChecksTest, AWrongMacIsSeen) {
  EXPECT_EQ(Run(CheckMacs, "C_Sign * corrupt"),
            "failed: HS256, HS384 and HS512 other than those of RFC 4231 -> "
            "sigtoken does not use this module: nobody could check what it "
            "signs");
  EXPECT_TRUE(known_.computes_wrong_macs);
  EXPECT_EQ(known_.signs, (std::array<bool, 3>{}));
}

// HS384 with the key of 131 bytes: the second algorithm of the second case.
TEST_F(MacChecksTest, OneWrongMacIsEnough) {
  EXPECT_EQ(Run(CheckMacs, "C_Sign 5 corrupt"),
            "failed: HS384 other than those of RFC 4231 -> sigtoken does not "
            "use this module: nobody could check what it signs");
  EXPECT_TRUE(known_.computes_wrong_macs);
  EXPECT_EQ(known_.signs, (std::array<bool, 3>{true, false, true}));
}

TEST_F(MacChecksTest, AnAlgorithmThatIsNotThere) {
  EXPECT_EQ(Run(CheckMacs,
                "C_SignInit 2 return CKR_MECHANISM_INVALID\n"
                "C_SignInit 5 return CKR_MECHANISM_INVALID"),
            "limited: HS256 and HS512 are those of RFC 4231; C_SignInit "
            "answered CKR_MECHANISM_INVALID -> identity tokens have these "
            "algorithms alone");
  EXPECT_EQ(known_.signs, (std::array<bool, 3>{true, false, true}));
  EXPECT_EQ(Run(CheckMacs, "C_SignInit * return CKR_MECHANISM_INVALID"),
            "missing: none; C_SignInit answered CKR_MECHANISM_INVALID -> no "
            "identity token can be signed");
}

constexpr const char* kNoImport =
    "C_CreateObject * return CKR_ATTRIBUTE_VALUE_INVALID\n";

TEST_F(MacChecksTest, WithoutAnImportAKeyThatIsLetOutShowsIt) {
  Expect(CheckMacs,
         {{kNoImport,
           "ok: HS256 and HS512 are those of a key that it let out -> others "
           "can check what it signs"},
          {kNoImport + std::string("C_Sign * corrupt"),
           "failed: HS256 and HS512 other than those of a key that it let out "
           "-> sigtoken does not use this module: nobody could check what it "
           "signs"}});
}

TEST_F(MacChecksTest, AModuleThatLetsNothingInOrOutIsNotCompared) {
  EXPECT_EQ(Run(CheckMacs, kNoImport + std::string("C_GetAttributeValue * "
                                                   "return "
                                                   "CKR_ATTRIBUTE_SENSITIVE")),
            "limited: not compared: the module takes no value, and shows none "
            "-> compare one with whoever is to check what it signs");
  EXPECT_EQ(known_.signs, (std::array<bool, 3>{true, true, true}));
  EXPECT_EQ(Run(CheckMacs, kNoImport + std::string("C_GenerateKey * return "
                                                   "CKR_MECHANISM_INVALID")),
            "error: not tried: no key can be made");
}

TEST_F(MacChecksTest, WhatIsListedIsComparedWithWhatWorks) {
  Run(CheckGenerate);
  Run(CheckMacs);
  const std::string all = " -> identity tokens with HS256, HS384 and HS512";
  EXPECT_THAT(Run(CheckMechanisms),
              ::testing::MatchesRegex("ok: [0-9]+ mechanisms listed; of those "
                                      "that sigtoken needs, what is listed "
                                      "works" +
                                      all));
  known_.generates = false;
  EXPECT_THAT(Run(CheckMechanisms),
              ::testing::MatchesRegex("limited: [0-9]+ mechanisms listed; key "
                                      "generation is listed and does not work" +
                                      all +
                                      ": what works counts, not the "
                                      "list"));
  known_.generates = true;
  known_.signs = {true, false, true};
  EXPECT_THAT(Run(CheckMechanisms),
              ::testing::MatchesRegex(
                  "limited: [0-9]+ mechanisms listed; HS384 is listed and does "
                  "not sign -> identity tokens with HS256 and HS512: what "
                  "works counts, not the list"));
  known_.signs = {};
  EXPECT_THAT(Run(CheckMechanisms),
              ::testing::MatchesRegex("missing: .* -> no identity token can be "
                                      "signed"));
  EXPECT_EQ(Run(CheckMechanisms,
                "C_GetMechanismList * return CKR_FUNCTION_NOT_SUPPORTED"),
            "error: C_GetMechanismList answered CKR_FUNCTION_NOT_SUPPORTED");
}

TEST_F(MacChecksTest, TheOtherMacsOfIcsf) {
  Expect(CheckOtherMacs,
         {{"",
           "limited: MD5, SHA-1 and SHA-224 -> CSFPHMG refuses SSL3-MD5 and "
           "SSL3-SHA"},
          {"C_SignInit * return CKR_MECHANISM_INVALID",
           "missing: none -> CSFPHMG refuses MD5, SHA-1, SHA-224, SSL3-MD5 and "
           "SSL3-SHA"},
          {"C_SignInit 3 return CKR_MECHANISM_INVALID",
           "limited: MD5 and SHA-1 -> CSFPHMG refuses SHA-224, SSL3-MD5 and "
           "SSL3-SHA"}});
}

TEST_F(MacChecksTest, CVerifyIsAskedAllThatItMayGetWrong) {
  const std::string not_believed =
      " -> C_Verify is not believed: sigtoken signs again and compares";
  const std::string of_no_use =
      " -> sigtoken makes no keys here: a key must verify rightly";
  Expect(CheckVerify,
         {{"",
           "ok: wrong MACs and those of another length are refused -> sigtoken "
           "signs again and compares all the same"},
          {"C_Verify * device-error-for-wrong-mac",
           "limited: to a wrong MAC C_Verify answered CKR_DEVICE_ERROR" +
               not_believed},
          {"C_Verify 3 return CKR_OK",
           "limited: a right one is taken with a byte more" + not_believed},
          {"C_Verify 3-4 return CKR_OK",
           "limited: a right one is taken with a byte more or less" +
               not_believed},
          {"C_Verify 2 return CKR_GENERAL_ERROR\nC_Verify 4 return CKR_OK",
           "limited: to a wrong MAC C_Verify answered CKR_GENERAL_ERROR; a "
           "right one is taken with a byte less" +
               not_believed},
          {"C_Verify 2 return CKR_OK",
           "failed: a wrong MAC is taken for a right one" + of_no_use},
          {"C_Verify 1 return CKR_SIGNATURE_INVALID",
           "failed: a right MAC: C_Verify answered CKR_SIGNATURE_INVALID" +
               of_no_use},
          {"C_VerifyInit * return CKR_MECHANISM_INVALID",
           "error: C_VerifyInit answered CKR_MECHANISM_INVALID"}});
}

TEST_F(MacChecksTest, ABufferThatIsTooShortForAMac) {
  Expect(
      CheckShortBuffer,
      {{"",
        "ok: C_Sign answered CKR_BUFFER_TOO_SMALL -> sigtoken's own have "
        "room for every MAC"},
       {"C_Sign * ignore-room",
        "limited: it writes behind the buffer: C_Sign answered CKR_OK -> "
        "sigtoken's own have room for every MAC; beware of other programs"}});
}

TEST_F(MacChecksTest, NoData) {
  Expect(CheckEmptyData,
         {{"",
           "ok: a MAC of no data is made -> keys have a check value, by which "
           "they are known again"},
          {"C_Sign * return CKR_ARGUMENTS_BAD",
           "limited: C_Sign answered CKR_ARGUMENTS_BAD -> keys have no check "
           "value: whether one was replaced is not seen"}});
}

TEST_F(MacChecksTest, MuchData) {
  const std::string consequence =
      " -> longer claims, and longer files of 'sigtoken sign', are refused";
  Expect(CheckLargeData,
         {{"",
           "ok: up to 1048576 bytes at least -> identity tokens of every size "
           "are signed"},
          {"C_Sign 3- return CKR_BUFFER_TOO_SMALL",
           "limited: up to 4096 bytes; more: C_Sign answered "
           "CKR_BUFFER_TOO_SMALL" +
               consequence},
          {"C_Sign * return CKR_DATA_LEN_RANGE",
           "failed: up to 0 bytes; more: C_Sign answered CKR_DATA_LEN_RANGE" +
               consequence}});
}

}  // namespace
}  // namespace sigtoken
