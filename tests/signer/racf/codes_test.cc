#include "signer/racf/codes.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sigtoken {
namespace {

constexpr RacfSurface kRacroute = RacfSurface::kRacroute;
constexpr RacfSurface kInitAcee = RacfSurface::kInitAcee;
constexpr RacfSurface kGenRc = RacfSurface::kGenRc;

TEST(RacfCodesTest, AreSpelledAsIbmSpellsThem) {
  struct Row {
    RacfSurface surface;
    RacfCode code;
    std::string_view text;
  };
  constexpr Row kRows[] = {
      {kRacroute, kRacfDone, "0/0/0"},
      {kRacroute, kSignatureNotValid, "8/8/0"},
      {kRacroute, kTokenExpired, "8/6C/F"},
      {kRacroute, kUnsignedFromEndUser, "8/6C/14"},
      {kRacroute, kNoSignatureKey, "8/6C/15"},
      {kRacroute, kClassNotActive, "8/6C/1A"},
      {kRacroute, kTokenMalformed, "8/6C/A01"},
      {kRacroute, kUnsignedWithKey, "8/6C/A02"},
      {kRacroute, kIssuerNotSaf, "8/6C/A03"},
      {kRacroute, kSubjectNotUser, "8/6C/A04"},
      {kRacroute, kClaimMissing, "8/6C/A05"},
      {kRacroute, kClaimMalformed, "8/6C/A06"},
      {kRacroute, kAudienceNotAppl, "8/6C/A07"},
      {kRacroute, kJtiNotValid, "8/6C/A08"},
      {kRacroute, kTxnNotValid, "8/6C/A09"},
      {kRacroute, kAmrNotValid, "8/6C/A0A"},
      {kRacroute, kModuleNotAvailable, "8/6C/A0B"},
      {kRacroute, kKeyNotUsable, "8/6C/A0C"},
      {kRacroute, kRacrouteParameter, "8/70/A01"},
      {kInitAcee, kRacfDone, "0/0/0"},
      {kInitAcee, kInitAceeParameter, "8/8/4"},
      {kInitAcee, kInitAceeClassNotActive, "8/8/16"},
      {kInitAcee, kInitAceeTokenGiven, "8/12/6"},
      {kInitAcee, kInitAceeIcsfUnavailable, "8/16/4"},
      {kInitAcee, kInitAceeIcsfError, "8/16/5"},
      {kGenRc, {0, 0, kGenRcSuccess}, "0"},
      {kGenRc, {0, 0, kGenRcUnsigned}, "3"},
      {kGenRc, {0, 0, kGenRcIcsfUnavailable}, "4"},
      {kGenRc, {0, 0, kGenRcIcsfError}, "5"},
      {kGenRc, {0, 0, kGenRcAlgorithm}, "7"},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(FormatRacfCode(row.surface, row.code), row.text);
    EXPECT_NE(FindRacf(row.surface, row.code), nullptr);
  }
}

TEST(RacfCodesTest, HaveAMeaningAndASource) {
  for (const RacfRow& row : RacfRows()) {
    SCOPED_TRACE(FormatRacfCode(row.surface, row.code));
    EXPECT_FALSE(row.meaning.empty());
    EXPECT_TRUE(row.source == "ours" || row.source.starts_with("IBM, "))
        << row.source;
    EXPECT_FALSE(RacfSurfaceName(row.surface).empty());
  }
}

TEST(RacfCodesTest, AreOursFromReasonA01On) {
  for (const RacfRow& row : RacfRows()) {
    EXPECT_EQ(row.source == "ours", row.code.reason >= 0xA01)
        << FormatRacfCode(row.surface, row.code);
  }
}

TEST(RacfCodesTest, TellWhatToDoWhereTheyAreOurs) {
  for (const RacfRow& row : RacfRows()) {
    if (row.source == "ours") {
      EXPECT_FALSE(row.cure.empty()) << FormatRacfCode(row.surface, row.code);
    }
  }
}

// `sigtoken explain` has no message beside it.
TEST(RacfCodesTest, HaveACureThatStandsAlone) {
  for (const RacfRow& row : RacfRows()) {
    EXPECT_EQ(row.cure.find("message"), std::string_view::npos) << row.cure;
  }
}

TEST(RacfCodesTest, GiveTheReasonOfInitAceesEightSixteenAsGenerationCode) {
  for (const RacfRow& row : RacfRows()) {
    if (row.surface != kInitAcee || row.code.racf != 16) continue;
    EXPECT_NE(FindRacf(kGenRc, {0, 0, row.code.reason}), nullptr);
  }
}

TEST(RacfCodesTest, AreExplainedByTheirText) {
  struct Row {
    std::string_view text;
    std::vector<RacfSurface> surfaces;
  };
  const Row rows[] = {
      {"8/6C/F", {kRacroute}},
      {"8/6c/f", {kRacroute}},
      {"8/8/0", {kRacroute}},
      {"8/16/4", {kInitAcee}},
      {"8/8/16", {kInitAcee}},
      {"8/6c/a0b", {kRacroute}},
      {"0/0/0", {kRacroute, kInitAcee}},
      {"4", {kGenRc}},
      {"8/C/0", {kRacroute}},
      {"8/12/6", {kInitAcee}},
      // RACROUTE's in decimal.
      {"8/108/15", {kRacroute}},
      {"8/108/2561", {kRacroute}},
      {"8/112/2561", {kRacroute}},
      {"8/28/0", {kRacroute}},
      {"8/12/0", {kRacroute}},
      {"4/4/0", {kRacroute}},
  };
  for (const Row& row : rows) {
    std::vector<RacfSurface> surfaces;
    for (const RacfRow* found : ExplainRacf(row.text)) {
      surfaces.push_back(found->surface);
    }
    EXPECT_EQ(surfaces, row.surfaces) << row.text;
  }
}

TEST(RacfCodesTest, AreNotExplainedWhereNobodyKnowsThem) {
  for (std::string_view text :
       {"",         "/",        "8/6C",    "8/6C/",   "8/6C/0", "8/6C/1B",
        "8/6C/0F",  "08/6C/F",  "8/108/F", "8/108/0", "0/0/3",  "8/10/4",
        " 8/8/0",   "8/8/0 ",   "1",       "2",       "6",      "8/16/6",
        "8/6C/A00", "8/6C/A0E", "CKR_OK"}) {
    EXPECT_TRUE(ExplainRacf(text).empty()) << text;
  }
  EXPECT_EQ(FindRacf(kRacroute, {8, 0x6C, 0}), nullptr);
  EXPECT_EQ(FindRacf(kInitAcee, kTokenExpired), nullptr);
}

}  // namespace
}  // namespace sigtoken
