#include "signer/idt/amr.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sigtoken {
namespace {

using Values = std::vector<std::string>;

std::string Why(const Values& values) {
  const Status status = CheckAmr(values);
  if (status) return "accepted";
  EXPECT_EQ(ToIcsf(status.error()), kParameterInvalid);
  return status.error().message;
}

TEST(AmrTest, TakesTheCombinationsOfTheDocument) {
  for (const Values& values : std::vector<Values>{
           {"saf-pwd"},
           {"saf-phr"},
           {"saf-ptkt"},
           {"saf-acee"},
           {"mfa-only"},
           {"mfa-ptkt"},
           {"mfa-exp"},
           {"mfa-newinv"},
           {"mfa-nmi"},
           {"mfa-comp", "saf-pwd"},
           {"saf-phr", "mfa-comp"},
           {"mfa-pwfb", "saf-pwd"},
           {"mfa-pwfb", "saf-phr"},
           {"mfa-pwfb", "saf-ptkt"},
           {"mfa-bypass", "saf-pwd"},
           {"saf-ptkt", "mfa-bypass"},
           {"mfa-exp", "saf-pwd"},
       }) {
    EXPECT_EQ(Why(values), "accepted") << values.front();
  }
}

TEST(AmrTest, RefusesOtherCombinations) {
  struct Row {
    Values values;
    std::string why;
  };
  const std::vector<Row> rows = {
      {{}, "it is empty"},
      {{""}, "it has an unknown value"},
      {{"pwd"}, "it has an unknown value"},
      {{"SAF-PWD"}, "it has an unknown value"},
      {{"saf-pwd "}, "it has an unknown value"},
      {{"saf"}, "it has an unknown value"},
      {{"mfa"}, "it has an unknown value"},
      {{"saf-pwd", "otp"}, "it has an unknown value"},
      {{"saf-pwd", "saf-pwd"}, "saf-pwd and saf-pwd exclude each other"},
      {{"mfa-exp", "mfa-exp"}, "mfa-exp and mfa-exp exclude each other"},
      {{"saf-acee", "saf-acee"}, "saf-acee stands alone"},
      {{"saf-acee", "saf-pwd"}, "saf-acee stands alone"},
      {{"saf-pwd", "saf-acee"}, "saf-acee stands alone"},
      {{"mfa-comp", "saf-acee"}, "saf-acee stands alone"},
      {{"mfa-only", "saf-acee"}, "saf-acee stands alone"},
      {{"saf-pwd", "saf-phr"}, "saf-pwd and saf-phr exclude each other"},
      {{"mfa-only", "mfa-ptkt"}, "mfa-only and mfa-ptkt exclude each other"},
      {{"mfa-comp", "mfa-exp", "saf-pwd"},
       "mfa-comp and mfa-exp exclude each other"},
      {{"mfa-comp"}, "mfa-comp needs a SAF value beside it"},
      {{"mfa-pwfb"}, "mfa-pwfb needs a SAF value beside it"},
      {{"mfa-bypass"}, "mfa-bypass needs a SAF value beside it"},
      {{"mfa-comp", "saf-ptkt"}, "mfa-comp needs saf-pwd or saf-phr beside it"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Why(row.values), "amr is not valid: " + row.why);
  }
}

TEST(AmrTest, KnowsItsValues) {
  for (const char* value : {"saf-pwd", "saf-acee", "mfa-comp", "mfa-nmi"}) {
    EXPECT_TRUE(IsAmrValue(value)) << value;
  }
  for (const char* value :
       {"", "bad", "SAF-PWD", "saf-pwd ", "saf-pwd,mfa-comp"}) {
    EXPECT_FALSE(IsAmrValue(value)) << value;
  }
}

TEST(AmrTest, AUserInTheMiddleOfMfaIsNotFullyAuthenticated) {
  for (const char* value : {"mfa-exp", "mfa-newinv", "mfa-nmi"}) {
    EXPECT_FALSE(IsFullyAuthenticated(Values{value})) << value;
    EXPECT_FALSE(IsFullyAuthenticated(Values{"saf-pwd", value})) << value;
  }
}

TEST(AmrTest, OtherUsersAreFullyAuthenticated) {
  for (const Values& values : std::vector<Values>{{"saf-pwd"},
                                                  {"saf-phr"},
                                                  {"saf-ptkt"},
                                                  {"saf-acee"},
                                                  {"mfa-only"},
                                                  {"mfa-ptkt"},
                                                  {"mfa-comp", "saf-pwd"},
                                                  {"mfa-pwfb", "saf-pwd"},
                                                  {"mfa-bypass", "saf-pwd"}}) {
    EXPECT_TRUE(IsFullyAuthenticated(values)) << values.front();
  }
}

TEST(AmrTest, APasswordBesideATokenCountsWhereTheTokenHasNoSafValue) {
  const auto now = [](const Values& of_token, bool sets_new) {
    return AmrNow(of_token, "saf-pwd", sets_new);
  };
  for (const bool sets_new : {false, true}) {
    EXPECT_EQ(now({"saf-pwd"}, sets_new), Values());
    EXPECT_EQ(now({"saf-phr"}, sets_new), Values());
    EXPECT_EQ(now({"saf-ptkt"}, sets_new), Values());
    EXPECT_EQ(now({"saf-acee"}, sets_new), Values());
    EXPECT_EQ(now({"mfa-comp", "saf-phr"}, sets_new), Values());
    EXPECT_EQ(now({"saf-pwd", "mfa-nmi"}, sets_new), Values());
    EXPECT_EQ(now({"mfa-nmi", "saf-ptkt"}, sets_new), Values());
    EXPECT_EQ(now({"mfa-nmi"}, sets_new), Values({"saf-pwd"}));
    EXPECT_EQ(now({"mfa-only"}, sets_new), Values({"mfa-only", "saf-pwd"}));
    EXPECT_EQ(now({"mfa-ptkt"}, sets_new), Values({"mfa-ptkt", "saf-pwd"}));
  }
  for (const char* value : {"mfa-exp", "mfa-newinv"}) {
    EXPECT_EQ(now({value}, false), Values());
    EXPECT_EQ(now({value}, true), Values({"saf-pwd"}));
  }
}

}  // namespace
}  // namespace sigtoken
