#include "tools/saf/include/racroute.h"

#include <cstring>
#include <functional>
#include <vector>

#include "tests/tools/saf/calls.h"

namespace sigtoken::testing {
namespace {

constexpr SafCodes kDone{0, 0, 0};
constexpr SafCodes kParameter{8, 0x70, 0xA01};

struct Row {
  const char* what;
  std::function<void(RacrouteCall&)> spoil;
  SafCodes codes;
};

class RacrouteCTest : public SafTest {
 protected:
  // Each row for itself, from a call that would be good. Nothing is written but
  // the codes.
  static void Check(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      SCOPED_TRACE(row.what);
      RacrouteCall call;
      row.spoil(call);
      const IDTA before = call.idta.area;
      EXPECT_EQ(call.Call(), row.codes);
      EXPECT_EQ(std::memcmp(&call.idta.area, &before, sizeof before), 0);
      EXPECT_TRUE(call.idta.IsUntouchedFrom(0));
      if (row.codes != kDone) {
        EXPECT_EQ(call.acee.ACEEUSRL, 0);
      }
    }
  }
};

TEST_F(RacrouteCTest, AUserWhoWasAuthenticatedGetsAToken) {
  RacrouteCall call;
  EXPECT_EQ(call.Call(), kDone);
  const IDTA& idta = call.idta.area;
  EXPECT_EQ(idta.IDTA_IDT_Gen_RC, IDTA_IDT_GEN_RC_SUCC);
  EXPECT_EQ(idta.IDTA_IDT_Prop_Out,
            IDTA_SAF_IDT_RETURN | IDTA_IDT_AUTH_DONE | IDTA_IDT_SIGNED);
  EXPECT_TRUE(call.idta.IsUntouchedFrom(idta.IDTA_IDT_Len));
  EXPECT_EQ(UserIn(call.acee), "6 USER01  ");
}

TEST_F(RacrouteCTest, AnAceeServesInitAcee) {
  RacrouteCall call;
  ASSERT_EQ(call.Call(), kDone);
  InitAceeCall acee;
  acee.acee = call.acee;
  EXPECT_EQ(acee.Call(), kDone);
}

TEST_F(RacrouteCTest, ATokenAuthenticatesItsUser) {
  const std::string token = SignedToken();
  RacrouteCall call;
  call.idta.Give(token);
  call.keywords.USERID = nullptr;
  call.keywords.PASSWRD = "\0";  // As Zowe's server: an empty one.
  EXPECT_EQ(call.Call(), kDone);
  EXPECT_EQ(UserIn(call.acee), "6 USER01  ");
  EXPECT_EQ(call.idta.area.IDTA_IDT_Prop_Out, 0);
  EXPECT_EQ(call.idta.token(), token);
}

TEST_F(RacrouteCTest, ANewTokenTakesTheOldOnesPlace) {
  const std::string token = SignedToken();
  RacrouteCall call;
  call.idta.Give(token);
  call.keywords.PASSWRD = nullptr;
  call.keywords.AMR = " saf-pwd  mfa-comp ";
  EXPECT_EQ(call.Call(), kDone);
  EXPECT_EQ(call.idta.area.IDTA_IDT_Prop_Out,
            IDTA_SAF_IDT_RETURN | IDTA_IDT_AUTH_DONE | IDTA_IDT_SIGNED);
  EXPECT_NE(call.idta.token(), token);
  const Outcome valid = programs().Sigtoken(
      {"idt", "validate", "--appl", "APPL01", "--json", "-"},
      call.idta.token());
  EXPECT_EQ(valid.json()["claims"]["amr"],
            (nlohmann::json{"saf-pwd", "mfa-comp"}));
}

TEST_F(RacrouteCTest, ARefusedTokenIsForgotten) {
  const std::string token = SignedToken();
  RacrouteCall call;
  call.idta.Give(token.substr(0, token.size() - 4) + "AAAA");
  EXPECT_EQ(call.Call(), (SafCodes{8, 8, 0}));
  EXPECT_EQ(call.idta.area.IDTA_IDT_Len, 0U);
  EXPECT_EQ(call.acee.ACEEUSRL, 0);

  RacrouteCall garbage;
  garbage.idta.Give("not a token");
  EXPECT_EQ(garbage.Call(), (SafCodes{8, 0x6C, 0xA01}));
  EXPECT_EQ(garbage.idta.area.IDTA_IDT_Len, 0U);
}

TEST_F(RacrouteCTest, AnUnsignedTokenOfAnEndUserIsRefused) {
  RacrouteCall call;
  call.keywords.APPL = "UNSIGNED";
  call.idta.area.IDTA_IDT_Prop_In = 0;
  ASSERT_EQ(call.Call(), kDone);
  EXPECT_EQ(call.Call(), kDone);  // Not signed, from a trusted caller.
  call.idta.area.IDTA_IDT_Prop_In = IDTA_End_User_IDT;
  EXPECT_EQ(call.Call(), (SafCodes{8, 0x6C, 0x14}));
}

struct NoTokenRow {
  const char* appl;
  std::uint16_t gen_rc;
};

TEST_F(RacrouteCTest, WithoutATokenOnlyTheGenerationCodeTellsWhy) {
  for (const NoTokenRow& row :
       {NoTokenRow{"UNSIGNED", IDTA_IDT_GEN_RC_UNSIGN},
        NoTokenRow{"NOKEY   ", IDTA_IDT_GEN_RC_ICSF_ERR},
        NoTokenRow{"RSA     ", IDTA_IDT_GEN_RC_ALG_ERR}}) {
    SCOPED_TRACE(row.appl);
    RacrouteCall call;
    call.keywords.APPL = row.appl;
    EXPECT_EQ(call.Call(), kDone);
    EXPECT_EQ(call.idta.area.IDTA_IDT_Gen_RC, row.gen_rc);
    EXPECT_EQ(call.idta.area.IDTA_IDT_Prop_Out, 0);
    EXPECT_EQ(call.idta.area.IDTA_IDT_Len, 0U);
    EXPECT_TRUE(call.idta.IsUntouchedFrom(0));
    EXPECT_EQ(UserIn(call.acee), "6 USER01  ");
  }
}

TEST_F(RacrouteCTest, EachFieldOfTheIdtaHasItsCode) {
  Check({
      {"eyecatcher",
       [](auto& c) { c.idta.area.IDTA_ID[0] = 'i'; },
       {8, 0x70, 0xA02}},
      {"version",
       [](auto& c) { c.idta.area.IDTA_Version = 2; },
       {8, 0x70, 0xA03}},
      {"length",
       [](auto& c) { c.idta.area.IDTA_Length = sizeof(IDTA); },
       {8, 0x70, 0xA04}},
      {"no buffer",
       [](auto& c) { c.idta.area.IDTA_IDT_Buffer_Ptr = nullptr; },
       {8, 0x70, 0xA05}},
      {"no buffer, and a token",
       [](auto& c) {
         c.idta.area.IDTA_IDT_Buffer_Ptr = nullptr;
         c.idta.area.IDTA_IDT_Len = 300;
       },
       {8, 0x70, 0xA05}},
      {"a token longer than its buffer",
       [](auto& c) { c.idta.area.IDTA_IDT_Len = 2049; },
       {8, 0x70, 0xA06}},
      {"a token beyond memory",
       [](auto& c) { c.idta.area.IDTA_IDT_Len = 0xFFFFFFFF; },
       {8, 0x70, 0xA06}},
      {"type",
       [](auto& c) { c.idta.area.IDTA_IDT_Type = 0; },
       {8, 0x70, 0xA07}},
  });
}

TEST_F(RacrouteCTest, ABufferThatIsTooSmallIsToldTheLengthThatItMustHave) {
  RacrouteCall call;
  call.idta.area.IDTA_IDT_Buffer_Len = 1023;
  EXPECT_EQ(call.Call(), (SafCodes{8, 0x70, 1}));
  EXPECT_EQ(call.idta.area.IDTA_IDT_Len, 1024U);
  EXPECT_TRUE(call.idta.IsUntouchedFrom(0));
}

TEST_F(RacrouteCTest, KeywordsThatAreNoneAreRefused) {
  Check({
      {"SIZE 0", [](auto& c) { c.keywords.SIZE = 0; }, kParameter},
      {"SIZE one less", [](auto& c) { --c.keywords.SIZE; }, kParameter},
      {"SIZE of nothing real", [](auto& c) { c.keywords.SIZE = SIZE_MAX; },
       kParameter},
      {"ENVIR 9", [](auto& c) { c.keywords.ENVIR = 9; }, kParameter},
      {"ENVIR 4", [](auto& c) { c.keywords.ENVIR = 4; }, kParameter},
      {"ENVIR negative", [](auto& c) { c.keywords.ENVIR = -1; }, kParameter},
      {"PASSCHK 3", [](auto& c) { c.keywords.PASSCHK = 3; }, kParameter},
      {"RELEASE", [](auto& c) { c.keywords.RELEASE = "PLV1"; }, kParameter},
      {"USERID of 9", [](auto& c) { c.keywords.USERID = "\011USER01234"; },
       kParameter},
      {"USERID in lower case", [](auto& c) { c.keywords.USERID = "\6user01"; },
       kParameter},
      {"APPL in lower case", [](auto& c) { c.keywords.APPL = "appl01  "; },
       kParameter},
      {"PASSWRD of 9", [](auto& c) { c.keywords.PASSWRD = "\011"; },
       kParameter},
      {"NEWPASS of 255", [](auto& c) { c.keywords.NEWPASS = "\377"; },
       kParameter},
      {"PHRASE of 8",
       [](auto& c) {
         c.keywords.PASSWRD = nullptr;
         c.keywords.PHRASE = "\10";
       },
       kParameter},
      {"PHRASE of 101",
       [](auto& c) {
         c.keywords.PASSWRD = nullptr;
         c.keywords.PHRASE = "\145";
       },
       kParameter},
      {"PASSWRD and PHRASE", [](auto& c) { c.keywords.PHRASE = "\11"; },
       kParameter},
      {"NEWPASS and NEWPHRASE",
       [](auto& c) {
         c.keywords.NEWPASS = "\1";
         c.keywords.NEWPHRASE = "\144";
       },
       kParameter},
      {"AMR", [](auto& c) { c.keywords.AMR = "saf-nothing"; }, kParameter},
      {"AMR of initACEE", [](auto& c) { c.keywords.AMR = "saf-acee"; },
       kParameter},
  });
}

TEST_F(RacrouteCTest, KeywordsThatAreRefusedLeaveNoOutputsOfAnEarlierCall) {
  RacrouteCall call;
  ASSERT_EQ(call.Call(), kDone);
  ASSERT_EQ(call.idta.area.IDTA_IDT_Prop_Out, 0xE000);
  call.keywords.PASSWRD = "\011";
  EXPECT_EQ(call.Call(), kParameter);
  EXPECT_EQ(call.idta.area.IDTA_IDT_Prop_Out, 0);
  call.keywords.IDTA = nullptr;
  EXPECT_EQ(call.Call(), kParameter);
}

TEST_F(RacrouteCTest, AnIdtaThatIsNotLookedAtStaysAsItIs) {
  Check({
      {"RELEASE left out", [](auto& c) { c.keywords.RELEASE = nullptr; },
       kDone},
      {"RELEASE=77A0", [](auto& c) { c.keywords.RELEASE = "77A0"; }, kDone},
      {"PASSCHK=NO", [](auto& c) { c.keywords.PASSCHK = RACROUTE_PASSCHK_NO; },
       kDone},
      {"START", [](auto& c) { c.keywords.START = ""; }, kDone},
      {"ENVRIN", [](auto& c) { c.keywords.ENVRIN = ""; }, kDone},
      {"ICRX", [](auto& c) { c.keywords.ICRX = ""; }, kDone},
      {"IDID", [](auto& c) { c.keywords.IDID = ""; }, kDone},
      {"ENVIR=VERIFY",
       [](auto& c) { c.keywords.ENVIR = RACROUTE_ENVIR_VERIFY; }, kDone},
  });
}

TEST_F(RacrouteCTest, ATokenThatNobodyLooksAtLetsNobodyIn) {
  const std::string token = SignedToken();
  RacrouteCall call;
  call.idta.Give(token);
  call.keywords.RELEASE = nullptr;
  call.keywords.PASSWRD = nullptr;
  EXPECT_EQ(call.Call(), (SafCodes{8, 8, 0}));
  EXPECT_EQ(call.idta.token(), token);
  EXPECT_EQ(call.acee.ACEEUSRL, 0);
}

TEST_F(RacrouteCTest, NothingThatAuthenticatesIsEightEight) {
  RacrouteCall call;
  call.keywords.PASSWRD = "\0";
  EXPECT_EQ(call.Call(), (SafCodes{8, 8, 0}));
}

TEST_F(RacrouteCTest, ApplMayBePaddedOrEndEarlyOrBeLeftOut) {
  for (const char* appl : {"APPL01  ", "APPL01", "APPL01\0x"}) {
    RacrouteCall call;
    call.keywords.APPL = appl;
    EXPECT_EQ(call.Call(), kDone);
    EXPECT_NE(call.idta.area.IDTA_IDT_Len, 0U) << appl;
  }
  // No profile is there for the default application, OMVSAPPL.
  for (const char* appl : {"        ", "", static_cast<const char*>(nullptr)}) {
    RacrouteCall call;
    call.keywords.APPL = appl;
    EXPECT_EQ(call.Call(), kDone);
    EXPECT_EQ(call.idta.area.IDTA_IDT_Gen_RC, IDTA_IDT_GEN_RC_UNSIGN);
  }
}

TEST_F(RacrouteCTest, DeleteClearsTheAcee) {
  RacrouteCall call;
  ASSERT_EQ(call.Call(), kDone);
  call.keywords.ENVIR = RACROUTE_ENVIR_DELETE;
  EXPECT_EQ(call.Call(), kDone);
  const ACEE zeros{};
  EXPECT_EQ(std::memcmp(&call.acee, &zeros, sizeof zeros), 0);
}

TEST_F(RacrouteCTest, NobodysAceeHasAnAsterisk) {
  RacrouteCall call;
  call.keywords.PASSCHK = RACROUTE_PASSCHK_NO;
  call.keywords.USERID = nullptr;
  EXPECT_EQ(call.Call(), kDone);
  EXPECT_EQ(UserIn(call.acee), "1 *       ");
}

// A program that was compiled with a later racroute.h.
struct LaterKeywords {
  RACROUTE_VERIFY known;
  const void* later;
};

TEST_F(RacrouteCTest, ALaterProgramRunsUntilItUsesALaterKeyword) {
  RacrouteCall call;
  LaterKeywords later{call.keywords, nullptr};
  later.known.SIZE = sizeof later;
  const RACROUTE_VERIFY* keywords = &later.known;
  EXPECT_EQ(racroute_verify(keywords, nullptr, nullptr, nullptr), 0);
  later.later = "";
  SafCodes codes;
  racroute_verify(keywords, &codes.saf, &codes.racf, &codes.reason);
  EXPECT_EQ(codes, kParameter);
}

TEST_F(RacrouteCTest, AnIdtaAndAnAceeAreNotNeeded) {
  RacrouteCall call;
  call.keywords.IDTA = nullptr;
  call.keywords.ACEE = nullptr;
  EXPECT_EQ(call.Call(), kDone);
}

TEST_F(RacrouteCTest, NothingAtAllIsAParameterError) {
  EXPECT_EQ(racroute_verify(nullptr, nullptr, nullptr, nullptr), 8);
  SafCodes codes;
  racroute_verify(nullptr, &codes.saf, &codes.racf, &codes.reason);
  EXPECT_EQ(codes, kParameter);
}

}  // namespace
}  // namespace sigtoken::testing
