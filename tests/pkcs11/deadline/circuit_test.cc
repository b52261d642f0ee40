// Who is admitted to a module that does not always come back.

#include "pkcs11/deadline/circuit.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace sigtoken {
namespace {

using std::chrono::milliseconds;

// What is done to a circuit of two places, one word each, and the answers of
// those that ask:
//   ask      '+' admitted, 'p' as the probe, '-' refused
//   stuck    a thread is stuck, of work that is not the probe
//   back     one of them has come back
//   end      the probe has been answered in time
//   miss     it has ended without a call
//   hang     the probe is stuck
//   N        N milliseconds pass
struct Row {
  std::string name;
  std::vector<std::string> steps;
  std::string answers;
};

class CircuitTest : public ::testing::TestWithParam<Row> {
 protected:
  void Do(const std::string& step) {
    if (step == "ask") {
      const auto admission = circuit_.Ask(now_);
      answers_ += admission == Circuit::Admission::kAdmitted  ? '+'
                  : admission == Circuit::Admission::kAsProbe ? 'p'
                                                              : '-';
    } else if (step == "stuck") {
      circuit_.Stuck(false, now_);
    } else if (step == "back") {
      circuit_.CameBack();
    } else if (step == "end") {
      circuit_.ProbeEnded(true);
    } else if (step == "miss") {
      circuit_.ProbeEnded(false);
    } else if (step == "hang") {
      circuit_.Stuck(true, now_);
    } else {
      now_ += milliseconds{std::stoi(step)};
    }
  }

  Circuit circuit_{2};
  Circuit::Clock::time_point now_{std::chrono::hours{1}};
  std::string answers_;
};

TEST_P(CircuitTest, AnswersAsTheTableSays) {
  for (const std::string& step : GetParam().steps) Do(step);
  EXPECT_EQ(answers_, GetParam().answers);
}

INSTANTIATE_TEST_SUITE_P(
    Table, CircuitTest,
    ::testing::Values(
        Row{"AdmitsAllWhileNobodyIsStuck", {"ask", "ask", "ask"}, "+++"},
        Row{"OnePlaceIsFree", {"stuck", "ask", "ask"}, "++"},
        Row{"TheLastPlaceOpensIt", {"stuck", "stuck", "ask", "ask"}, "--"},
        Row{"TimeAloneClosesNothing",
            {"stuck", "stuck", "3600000", "ask"},
            "-"},
        Row{"WhoComesBackBeforeItOpensLeavesAPlace",
            {"stuck", "back", "stuck", "ask"},
            "+"},
        Row{"OneProbeOnceOneHasComeBack",
            {"stuck", "stuck", "back", "ask", "ask", "ask"},
            "p--"},
        Row{"NoSecondProbeWhenAllHaveComeBack",
            {"stuck", "stuck", "back", "ask", "back", "ask"},
            "p-"},
        Row{"AProbeThatEndsClosesIt",
            {"stuck", "stuck", "back", "ask", "end", "ask", "ask"},
            "p++"},
        Row{"AProbeThatCallsNothingIsFollowedByTheNext",
            {"stuck", "stuck", "back", "ask", "miss", "ask", "ask", "end",
             "ask"},
            "pp-+"},
        Row{"AProbeThatHangsTakesThePlace",
            {"stuck", "stuck", "back", "ask", "hang", "3600000", "ask"},
            "p-"},
        Row{"TheNextProbeComesBehindAPause",
            {"stuck", "stuck", "back", "back", "ask", "hang", "ask", "49",
             "ask", "1", "ask"},
            "p--p"},
        Row{"ThePauseGrows",
            {"stuck", "stuck", "back", "back",              //
             "ask",   "hang",  "back", "50",                //
             "ask",   "hang",  "back", "99",   "ask", "1",  //
             "ask",   "hang",  "back", "199",  "ask", "1",  //
             "ask",   "hang",  "back", "399",  "ask", "1",  //
             "ask",   "hang",  "back", "799",  "ask", "1",  //
             "ask",   "hang",  "back", "999",  "ask", "1",  //
             "ask",   "hang",  "back", "999",  "ask", "1", "ask"},
            "pp-p-p-p-p-p-p"},
        Row{"ThePauseBeginsAnewOnceItWasClosed",
            {"stuck", "stuck", "back", "back", "ask", "hang", "back", "50",
             "ask", "end", "stuck", "stuck", "back", "ask", "hang", "back",
             "50", "ask"},
            "pppp"},
        Row{"WhoNeverComesBackKeepsThePlace",
            {"stuck", "stuck", "back", "ask", "end", "ask", "stuck", "ask"},
            "p+-"},
        Row{"OthersThatGetStuckMeanwhileKeepItOpen",
            {"stuck", "stuck", "back", "ask", "stuck", "end", "ask", "back",
             "ask", "end", "ask"},
            "p-p+"},
        // All were admitted before it opened.
        Row{"MoreThanThePlacesMayBeStuck",
            {"stuck", "stuck", "stuck", "back", "ask", "back", "ask"},
            "-p"}),
    [](const auto& row) { return row.param.name; });

TEST(CircuitPlacesTest, AreCounted) {
  Circuit circuit(2);
  EXPECT_EQ(circuit.stuck(), 0U);
  EXPECT_FALSE(circuit.all_places_are_taken());
  circuit.Stuck(false, {});
  EXPECT_EQ(circuit.stuck(), 1U);
  EXPECT_FALSE(circuit.all_places_are_taken());
  circuit.Stuck(false, {});
  EXPECT_TRUE(circuit.all_places_are_taken());
  circuit.CameBack();
  EXPECT_EQ(circuit.stuck(), 1U);
}

}  // namespace
}  // namespace sigtoken
