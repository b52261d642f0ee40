#include <string>

#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

class ExplainTest : public CommandLineTest {
 protected:
  std::vector<std::string> Codes(const std::string& code) const {
    std::vector<std::string> codes;
    const json document = Json({"explain", code});
    for (const json& match : document["matches"]) {
      EXPECT_EQ(match.size(), 4U);
      EXPECT_NE(match["meaning"], "");
      EXPECT_NE(match["source"], "");
      EXPECT_TRUE(match["cure"].is_string());
      codes.push_back(match["code"]);
    }
    for (const char* member : {"code", "meaning", "source", "cure"}) {
      EXPECT_EQ(document[member], document["matches"].at(0)[member]);
    }
    return codes;
  }
};

TEST_F(ExplainTest, FindsACodeInEachOfItsSpellings) {
  const std::string key_gone = "ICSF 8/3043 (X'BE3')";
  const std::string pin =
      "CKR_PIN_INCORRECT (0x000000A0), here ICSF 8/16000 (X'3E80')";
  struct Row {
    const char* text;
    std::vector<std::string> codes;
  };
  for (const Row& row : std::vector<Row>{
           {"8/3043", {key_gone}},
           {"8/BE3", {key_gone}},
           {"8/X'BE3'", {key_gone}},
           {"8/0xbe3", {key_gone}},
           {"3043", {key_gone}},
           {"BE3", {key_gone}},
           {"X'BE3'", {key_gone}},
           {"x'0be3'", {key_gone}},
           {"0xBE3", {key_gone}},
           {"CKR_PIN_INCORRECT", {pin}},
           {"ckr_pin_incorrect", {pin}},
           {"PIN_INCORRECT", {pin}},
           {"0xA0", {pin}},
           {"a0", {pin}},
           {"8/6C/F", {"RACROUTE REQUEST=VERIFY 8/6C/F"}},
           {"8/6c/f", {"RACROUTE REQUEST=VERIFY 8/6C/F"}},
           {"8/6C/A01", {"RACROUTE REQUEST=VERIFY 8/6C/A01"}},
           {"8/8/0", {"RACROUTE REQUEST=VERIFY 8/8/0"}},
           {"8/70/1", {"RACROUTE REQUEST=VERIFY 8/70/1"}},
           {"8/16/4", {"initACEE function 7 8/16/4"}},
           {"8/8/16", {"initACEE function 7 8/8/16"}},
           {"0/0/0",
            {"RACROUTE REQUEST=VERIFY 0/0/0", "initACEE function 7 0/0/0"}},
           // As JSON has saf_rc, racf_rc and racf_reason.
           {"8/108/15", {"RACROUTE REQUEST=VERIFY 8/6C/F"}},
           {"8/112/2561", {"RACROUTE REQUEST=VERIFY 8/70/A01"}},
           {"12/0", {"ICSF 12/0 (X'0')"}},
           {"4/8000", {"ICSF 4/8000 (X'1F40')"}},
       }) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(Codes(row.text), row.codes);
  }
}

TEST_F(ExplainTest, ACodeIsFoundAsOurMessagesPrintIt) {
  const std::string key_gone = "ICSF 8/3043 (X'BE3')";
  struct Row {
    const char* text;
    std::string code;
  };
  for (const Row& row : std::vector<Row>{
           {"ICSF 8/3043", key_gone},
           {"icsf 8/3043", key_gone},
           {"ICSF 8/3043, X'BE3'", key_gone},
           {"ICSF 8/3043 (X'BE3')", key_gone},
           {"ICSF 8/X'BE3'", key_gone},
           {"ICSF 3043", key_gone},
           {"ICSF 12/0, X'0'", "ICSF 12/0 (X'0')"},
           {"RACROUTE REQUEST=VERIFY 8/6C/F", "RACROUTE REQUEST=VERIFY 8/6C/F"},
           {"RACROUTE REQUEST=VERIFY 0/0/0", "RACROUTE REQUEST=VERIFY 0/0/0"},
           {"initACEE function 7 8/16/4", "initACEE function 7 8/16/4"},
           {"initACEE function 7 0/0/0", "initACEE function 7 0/0/0"},
           {"IDTA_IDT_Gen_RC 5", "IDTA_IDT_Gen_RC 5"},
           {"idta_idt_gen_rc 0", "IDTA_IDT_Gen_RC 0"},
           {"CKR 0x80000001",
            "CKR_VENDOR_DEFINED (0x80000001), here ICSF 12/0 "
            "(X'0')"},
       }) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(Codes(row.text), std::vector<std::string>{row.code});
  }
}

TEST_F(ExplainTest, AnotherNamesCodeIsNotFoundBehindAName) {
  for (const char* text : {"ICSF",
                           "ICSF ",
                           "ICSF8/3043",
                           "ICSF ICSF 8/3043",
                           "ICSF 8/99999",
                           "ICSF 8/3043, X'BE4'",
                           "ICSF 8/3043, X'BE3",
                           "ICSF 8/3043,X'BE3'",
                           "ICSF 8/3043 X'BE3'",
                           "ICSF , X'BE3'",
                           "ICSF CKR_PIN_INCORRECT",
                           "ICSF 8/6C/F",
                           "IDTA_IDT_Gen_RC",
                           "IDTA_IDT_Gen_RC ",
                           "IDTA_IDT_Gen_RC 99",
                           "IDTA_IDT_Gen_RC 160",
                           "IDTA_IDT_Gen_RC  5",
                           "RACROUTE REQUEST=VERIFY",
                           "RACROUTE REQUEST=VERIFY 8/16/4",
                           "RACROUTE REQUEST=VERIFY 5",
                           "initACEE function 7 8/6C/F",
                           "initACEE function 7 5"}) {
    EXPECT_EQ(Run({"explain", text}).status, 4) << text;
  }
}

TEST_F(ExplainTest, ANumberThatIsSeveralCodesGivesThemAll) {
  EXPECT_EQ(Codes("160"),
            (std::vector<std::string>{
                "CKR_PIN_INCORRECT (0x000000A0), here ICSF 8/16000 (X'3E80')",
                "CKR_SAVED_STATE_INVALID (0x00000160), here ICSF 12/8 "
                "(X'8')"}));
  EXPECT_EQ(Codes("5"),
            (std::vector<std::string>{
                "CKR_GENERAL_ERROR (0x00000005), here ICSF 12/0 (X'0')",
                "IDTA_IDT_Gen_RC 5"}));
}

TEST_F(ExplainTest, ACodeOfAVendorIsExplainedAsSuch) {
  struct Row {
    const char* text;
    const char* number;
  };
  for (const Row& row : std::vector<Row>{
           {"CKR_VENDOR_DEFINED", "0x80000000"},
           {"vendor_defined", "0x80000000"},
           {"0x80000000", "0x80000000"},
           {"0x80000001", "0x80000001"},
           {"2147483649", "0x80000001"},
           {"CE534351", "0xCE534351"},
           {"CKR 0xCE534351", "0xCE534351"},
           {"0xFFFFFFFF", "0xFFFFFFFF"},
           {"0xFFFFFFFFFFFFFFFF", "0xFFFFFFFFFFFFFFFF"},
       }) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(
        Codes(row.text),
        (std::vector<std::string>{std::string("CKR_VENDOR_DEFINED (") +
                                  row.number + "), here ICSF 12/0 (X'0')"}));
    EXPECT_EQ(Json({"explain", row.text})["meaning"],
              "a code of the module's vendor: the module's documentation says "
              "what it means");
  }
  EXPECT_EQ(Run({"explain", "0x7FFFFFFF"}).status, 4);
}

TEST_F(ExplainTest, PrintsMeaningSourceAndCure) {
  EXPECT_EQ(Text({"explain", "8/3043"}),
            "ICSF 8/3043 (X'BE3')\n"
            "  the key is gone or was never there\n"
            "  source: openCryptoki's table\n"
            "  cure: list the keys with 'sigtoken key list'\n");
}

// What to do, and not that of the ICSF code that it becomes.
TEST_F(ExplainTest, ACkrCodeHasItsOwnCure) {
  EXPECT_EQ(
      Text({"explain", "CKR_PIN_EXPIRED"}),
      "CKR_PIN_EXPIRED (0x000000A3), here ICSF 8/16000 (X'3E80')\n"
      "  the PIN has expired\n"
      "  source: PKCS #11 v2.40, 11.1; its ICSF codes: ours\n"
      "  cure: change the PIN as the user (C_SetPIN: pkcs11-tool --login "
      "--change-pin, or the HSM's own tool), then write it into the file of "
      "the PIN source: sigtoken notices by itself that the file has changed\n");
  EXPECT_THAT(Json({"explain", "CKR_PIN_LOCKED"})["cure"],
              ::testing::HasSubstr("--login-type so --init-pin"));
  EXPECT_EQ(Json({"explain", "0x80000001"})["cure"],
            "look the code up in the documents of the module's vendor, whose "
            "own it is");
}

TEST_F(ExplainTest, SaysWhereACodeIsOurs) {
  for (const char* code : {"8/3000", "8/3001", "8/3024", "8/3025", "8/3026",
                           "8/6C/A01", "8/6C/A0B", "8/70/A01"}) {
    EXPECT_EQ(Json({"explain", code})["source"], "ours") << code;
  }
}

// Whatever a message may name can be looked up.
TEST_F(ExplainTest, KnowsTheCodesOfTheContract) {
  for (const char* code : {"8/3002",
                           "8/3022",
                           "8/3023",
                           "8/3029",
                           "8/3030",
                           "8/3033",
                           "8/3038",
                           "8/3039",
                           "8/11000",
                           "8/16000",
                           "12/8",
                           "16/0",
                           "8/6C/14",
                           "8/6C/15",
                           "8/6C/1A",
                           "8/6C/A02",
                           "8/6C/A03",
                           "8/6C/A04",
                           "8/6C/A05",
                           "8/6C/A06",
                           "8/6C/A07",
                           "8/6C/A08",
                           "8/6C/A09",
                           "8/6C/A0A",
                           "8/6C/A0C",
                           "8/8/4",
                           "8/12/5",
                           "8/12/6",
                           "8/16/3",
                           "8/16/5",
                           "3",
                           "4",
                           "7",
                           "CKR_TOKEN_NOT_PRESENT",
                           "CKR_DEVICE_REMOVED"}) {
    EXPECT_GE(Codes(code).size(), 1U) << code;
  }
}

TEST_F(ExplainTest, WhatNobodyKnowsIsNo) {
  for (const std::string code :
       {"zzz", "8/", "/", "8/99999", "-1", "8/3043/1", "X'BE3", "X''", "0x",
        "CKR_", "99999999999999999999999", "8 3043", " ", "\x1b[1m"}) {
    SCOPED_TRACE(code);
    const Outcome outcome = Run({"explain", code, "--json"});
    EXPECT_EQ(outcome.status, 4);
    EXPECT_EQ(outcome.json(), (json{{"code", code},
                                    {"meaning", nullptr},
                                    {"source", nullptr},
                                    {"cure", nullptr},
                                    {"matches", json::array()}}));
    EXPECT_THAT(outcome.err, ::testing::StartsWith(
                                 "sigtoken: nobody here knows the code '"));
    EXPECT_EQ(Run({"explain", code}).out, "");
  }
}

TEST_F(ExplainTest, NeedsNoHome) {
  Text({"explain", "8/3043"});
  EXPECT_FALSE(std::filesystem::exists(home_));
}

}  // namespace
}  // namespace sigtoken::testing
