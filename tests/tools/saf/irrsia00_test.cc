#include "tools/saf/include/irrsia00.h"

#include <array>
#include <cstring>
#include <functional>
#include <vector>

#include "tests/tools/saf/calls.h"

namespace sigtoken::testing {
namespace {

struct Row {
  const char* what;
  std::function<void(InitAceeCall&)> spoil;
  SafCodes codes;
};

class Irrsia00Test : public SafTest {
 protected:
  // Each row for itself, from a call that would be good. Nothing is written but
  // the codes.
  static void Check(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      SCOPED_TRACE(row.what);
      InitAceeCall call;
      row.spoil(call);
      const IDTA before = call.idta.area;
      EXPECT_EQ(call.Call(), row.codes);
      EXPECT_EQ(std::memcmp(&call.idta.area, &before, sizeof before), 0);
      EXPECT_TRUE(call.idta.IsUntouchedFrom(0));
    }
  }
};

constexpr SafCodes kDone{0, 0, 0};
constexpr SafCodes kParameterList{8, 8, 4};

// Areas of parameters that function X'07' does not take.
constexpr std::int32_t kOne = 1;
constexpr const char* kText = "\4TEXT";
constexpr std::array<std::uint8_t, 14> kObject = {0, 0, 0, 1};
constexpr std::array<std::uint8_t, 4> kLastByte = {0, 0, 0, 1};
constexpr std::array<std::uint8_t, 4> kFirstByte = {1, 0, 0, 0};
int somewhere = 0;
void* const kAddress = &somewhere;

TEST_F(Irrsia00Test, ATokenComesBack) {
  InitAceeCall call;
  EXPECT_EQ(call.Call(), kDone);
  const IDTA& idta = call.idta.area;
  EXPECT_EQ(idta.IDTA_IDT_Gen_RC, IDTA_IDT_GEN_RC_SUCC);
  EXPECT_EQ(idta.IDTA_IDT_Prop_Out,
            IDTA_SAF_IDT_RETURN | IDTA_IDT_AUTH_DONE | IDTA_IDT_SIGNED);
  EXPECT_TRUE(call.idta.IsUntouchedFrom(idta.IDTA_IDT_Len));
  EXPECT_EQ(call.idta.token().substr(0, 21), "eyJhbGciOiJIUzI1NiJ9.");
}

TEST_F(Irrsia00Test, TheTokenIsTheAceesUsers) {
  InitAceeCall call;
  ASSERT_EQ(acee_init(&call.acee, "USER02"), 0);
  ASSERT_EQ(call.Call(), kDone);
  const Outcome valid = programs().Sigtoken(
      {"idt", "validate", "--appl", "APPL01", "--json", "-"},
      call.idta.token());
  EXPECT_EQ(valid.status, 0) << valid.err;
  EXPECT_EQ(valid.json()["user"], "USER02");
  EXPECT_EQ(valid.json()["claims"]["amr"], nlohmann::json{"saf-acee"});
}

TEST_F(Irrsia00Test, ParametersThatAreRefusedLeaveNoOutputsOfAnEarlierCall) {
  InitAceeCall call;
  ASSERT_EQ(call.Call(), kDone);
  ASSERT_EQ(call.idta.area.IDTA_IDT_Prop_Out, 0xE000);
  call.appl_id = nullptr;
  EXPECT_EQ(call.Call(), kParameterList);
  EXPECT_EQ(call.idta.area.IDTA_IDT_Prop_Out, 0);

  // Other functions have no IDTA.
  call.idta.area.IDTA_IDT_Gen_RC = 5;
  call.function = 1;
  EXPECT_EQ(call.Call(), kParameterList);
  EXPECT_EQ(call.idta.area.IDTA_IDT_Gen_RC, 5);
}

// OA63462, 3.4.1, table 6.
TEST_F(Irrsia00Test, WhatTheFunctionDoesNotTakeIsAParameterListError) {
  Check({
      {"Attributes", [](auto& c) { c.attributes = &kOne; }, kParameterList},
      {"Attributes, last byte",
       [](auto& c) { c.attributes = kLastByte.data(); }, kParameterList},
      {"RACF_userid", [](auto& c) { c.racf_userid = kText; }, kParameterList},
      {"ACEE_ptr", [](auto& c) { c.acee_ptr = &c.acee_address; },
       kParameterList},
      {"Password", [](auto& c) { c.password = kText; }, kParameterList},
      {"Logstring", [](auto& c) { c.logstring = kText; }, kParameterList},
      {"Certificate", [](auto& c) { c.certificate = &kOne; }, kParameterList},
      {"Certificate, last byte",
       [](auto& c) { c.certificate = kLastByte.data(); }, kParameterList},
      {"ENVR_in", [](auto& c) { c.envr_in = kObject.data(); }, kParameterList},
      {"ENVR_out", [](auto& c) { c.envr_out = kObject.data(); },
       kParameterList},
      {"Output_area", [](auto& c) { c.output_area = &kAddress; },
       kParameterList},
      {"X500name", [](auto& c) { c.x500_name = &kAddress; }, kParameterList},
      {"Variable_list", [](auto& c) { c.variable_list = kFirstByte.data(); },
       kParameterList},
      {"Security_label", [](auto& c) { c.security_label = kText; },
       kParameterList},
      {"SERVAUTH_name", [](auto& c) { c.servauth_name = kText; },
       kParameterList},
      {"Password_phrase", [](auto& c) { c.password_phrase = kText; },
       kParameterList},
      {"IDID_area", [](auto& c) { c.idid_area = &kAddress; }, kParameterList},
  });
}

TEST_F(Irrsia00Test, ZerosAreAsGoodAsNoParameter) {
  // Of the length that is looked at, so that the sanitizers see a read beyond.
  const std::int32_t zero = 0;
  const char empty = 0;
  void* const none = nullptr;
  ACEE* const no_acee = nullptr;
  InitAceeCall call;
  call.saf_alet = call.racf_alet = call.reason_alet = call.acee2_alet = &zero;
  call.attributes = call.certificate = call.envr_in = call.envr_out =
      call.variable_list = &zero;
  call.racf_userid = call.password = call.logstring = call.security_label =
      call.servauth_name = call.password_phrase = &empty;
  call.output_area = call.x500_name = call.idid_area = &none;
  call.acee_ptr = &no_acee;
  EXPECT_EQ(call.Call(), kDone);
}

TEST_F(Irrsia00Test, ThereIsOneAddressSpace) {
  Check({
      {"of SAF_return_code", [](auto& c) { c.saf_alet = &kOne; },
       kParameterList},
      {"of RACF_return_code", [](auto& c) { c.racf_alet = &kOne; },
       kParameterList},
      {"of RACF_reason_code", [](auto& c) { c.reason_alet = &kOne; },
       kParameterList},
      {"ACEE2_ALET", [](auto& c) { c.acee2_alet = &kOne; }, kParameterList},
  });
}

TEST_F(Irrsia00Test, OtherFunctionsAreRefused) {
  std::vector<Row> rows = {
      {"NULL", [](auto& c) { c.function_code = nullptr; }, kParameterList}};
  for (const int function : {0, 1, 2, 3, 4, 5, 6, 8, 255}) {
    rows.push_back({"function",
                    [function](auto& c) {
                      c.function = static_cast<std::uint8_t>(function);
                    },
                    kParameterList});
  }
  Check(rows);
}

TEST_F(Irrsia00Test, TheApplicationMustBeGivenInUpperCase) {
  const auto appl = [](const char* text) {
    return [text](InitAceeCall& c) { c.appl_id = text; };
  };
  Check({{"NULL", appl(nullptr), kParameterList},
         {"length 0", appl(""), kParameterList},
         {"length 9", appl("\011APPLICATI"), kParameterList},
         {"length 255", appl("\377APPL"), kParameterList},
         {"lower case", appl("\6appl01"), kParameterList},
         {"blank behind", appl("\7APPL01 "), kParameterList},
         {"a period", appl("\6APPL.1"), kParameterList}});
}

TEST_F(Irrsia00Test, TheAceeMustBeOne) {
  const auto user = [](std::uint8_t length, const char* text) {
    return [=](InitAceeCall& c) {
      c.acee.ACEEUSRL = length;
      std::memcpy(c.acee.ACEEUSRI, text, sizeof c.acee.ACEEUSRI);
    };
  };
  Check({
      {"ACEE2_ptr NULL", [](auto& c) { c.acee2_ptr = nullptr; },
       kParameterList},
      {"address NULL", [](auto& c) { c.acee_address = nullptr; },
       kParameterList},
      {"eyecatcher", [](auto& c) { c.acee.ACEEACEE[3] = 'F'; }, kParameterList},
      {"zeros", [](auto& c) { c.acee = {}; }, kParameterList},
      {"no user", user(0, "USER01  "), kParameterList},
      {"length 9", user(9, "USER0123"), kParameterList},
      {"lower case", user(6, "user01  "), kParameterList},
      {"blanks", user(8, "USER01  "), kParameterList},
      {"nobody", user(1, "*       "), kParameterList},
  });
}

TEST_F(Irrsia00Test, TheIdtaMustBeGiven) {
  Check({{"NULL", [](auto& c) { c.idta_ptr = nullptr; }, kParameterList},
         {"address NULL", [](auto& c) { c.idta_address = nullptr; },
          kParameterList}});
}

// OA63462, 3.4.1, table 17.
TEST_F(Irrsia00Test, EachFieldOfTheIdtaHasItsCode) {
  Check({
      {"eyecatcher", [](auto& c) { c.idta.area.IDTA_ID[0] = 'i'; }, {8, 12, 1}},
      {"version 0", [](auto& c) { c.idta.area.IDTA_Version = 0; }, {8, 12, 2}},
      {"version 2", [](auto& c) { c.idta.area.IDTA_Version = 2; }, {8, 12, 2}},
      {"length 0", [](auto& c) { c.idta.area.IDTA_Length = 0; }, {8, 12, 3}},
      {"length of the struct",
       [](auto& c) { c.idta.area.IDTA_Length = sizeof(IDTA); },
       {8, 12, 3}},
      {"no buffer",
       [](auto& c) { c.idta.area.IDTA_IDT_Buffer_Ptr = nullptr; },
       {8, 12, 4}},
      {"a token given",
       [](auto& c) { c.idta.area.IDTA_IDT_Len = 1; },
       {8, 12, 6}},
      {"more than the buffer given",
       [](auto& c) { c.idta.area.IDTA_IDT_Len = 0xFFFFFFFF; },
       {8, 12, 6}},
      {"type 0", [](auto& c) { c.idta.area.IDTA_IDT_Type = 0; }, {8, 12, 7}},
      {"type 2", [](auto& c) { c.idta.area.IDTA_IDT_Type = 2; }, {8, 12, 7}},
      {"all of them", [](auto& c) { c.idta.area = {}; }, {8, 12, 1}},
  });
}

TEST_F(Irrsia00Test, ABufferThatIsTooSmallIsToldTheLengthThatItMustHave) {
  for (const std::uint32_t bytes : {0U, 1U, 1023U}) {
    InitAceeCall call;
    call.idta.area.IDTA_IDT_Buffer_Len = bytes;
    EXPECT_EQ(call.Call(), (SafCodes{8, 12, 5})) << bytes;
    EXPECT_EQ(call.idta.area.IDTA_IDT_Len, 1024U);
    EXPECT_TRUE(call.idta.IsUntouchedFrom(0));
    // Only that length changes, and has to be set back.
    EXPECT_EQ(call.idta.area.IDTA_IDT_Prop_Out, 0);
    call.idta.area.IDTA_IDT_Buffer_Len = 1024;
    EXPECT_EQ(call.Call(), (SafCodes{8, 12, 6}));
    call.idta.area.IDTA_IDT_Len = 0;
    EXPECT_EQ(call.Call(), kDone);
  }
}

TEST_F(Irrsia00Test, ParametersAreLookedAtBeforeTheIdta) {
  Check({{"both wrong",
          [](auto& c) {
            c.idta.area.IDTA_ID[0] = 'i';
            c.password = kText;
          },
          kParameterList}});
}

struct NoTokenRow {
  const char* appl;
  SafCodes codes;
  std::uint16_t gen_rc;
};

TEST_F(Irrsia00Test, WithoutATokenTheReasonIsTheGenerationCode) {
  for (const NoTokenRow& row :
       {NoTokenRow{"\10UNSIGNED", {8, 16, 3}, IDTA_IDT_GEN_RC_UNSIGN},
        NoTokenRow{"\5NOKEY", {8, 16, 5}, IDTA_IDT_GEN_RC_ICSF_ERR},
        NoTokenRow{"\3RSA", {8, 16, 7}, IDTA_IDT_GEN_RC_ALG_ERR}}) {
    SCOPED_TRACE(row.appl + 1);
    InitAceeCall call;
    call.appl_id = row.appl;
    EXPECT_EQ(call.Call(), row.codes);
    EXPECT_EQ(call.idta.area.IDTA_IDT_Gen_RC, row.gen_rc);
    EXPECT_EQ(call.idta.area.IDTA_IDT_Prop_Out, 0);
    EXPECT_EQ(call.idta.area.IDTA_IDT_Len, 0U);
    EXPECT_TRUE(call.idta.IsUntouchedFrom(0));
  }
}

TEST_F(Irrsia00Test, ATrustedCallerGetsAnUnsignedToken) {
  InitAceeCall call;
  call.appl_id = "\10UNSIGNED";
  call.idta.area.IDTA_IDT_Prop_In = 0;
  EXPECT_EQ(call.Call(), kDone);
  EXPECT_EQ(call.idta.area.IDTA_IDT_Prop_Out,
            IDTA_SAF_IDT_RETURN | IDTA_IDT_AUTH_DONE);
}

TEST_F(Irrsia00Test, OutputsThatAreNullAreNotWritten) {
  InitAceeCall call;
  call.saf_code = call.racf_code = call.reason_code = nullptr;
  EXPECT_EQ(call.Call(), (SafCodes{0, -1, -1}));
  call.function = INTA_CREATE;
  EXPECT_EQ(call.Call(), (SafCodes{8, -1, -1}));
}

TEST_F(Irrsia00Test, NothingAtAllIsAParameterListError) {
  EXPECT_EQ(
      IRRSIA00(nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
               nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
               nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
               nullptr, nullptr, nullptr, nullptr, nullptr, nullptr),
      8);
}

}  // namespace
}  // namespace sigtoken::testing
