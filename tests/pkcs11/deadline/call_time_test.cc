// What is counted of a deadline.

#include "pkcs11/deadline/call_time.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace sigtoken {
namespace {

using std::chrono::milliseconds;

// What a thread does, and how much of its deadline that has taken, in
// milliseconds: for all its calls, and for each.
struct Row {
  std::string name;
  // A call that begins '(' and comes back ')'; 'x' is one that others see
  // nothing of, since it takes 10 ms between two looks; '.' is 20 ms until the
  // next look; 'S' a second in which this process is stopped. '!' says that
  // from now on another thread is stuck.
  std::string story;
  int request;
  int each_call;
};

class CallTimeTest : public ::testing::TestWithParam<Row> {
 protected:
  // Milliseconds.
  static auto Play(DeadlineOf of, const std::string& story) {
    CallTime::Clock::time_point now{std::chrono::hours{1}};
    CallTime time(of, now);
    CallWatch::Sight sight;
    bool beside_stuck = false;
    for (const char step : story) {
      switch (step) {
        case '(':
          sight.function = "C_Sign";
          sight.since = now;
          ++sight.calls;
          break;
        case ')':
          sight.spent += now - sight.since;
          sight.function = nullptr;
          break;
        case 'x':
          ++sight.calls;
          sight.spent += milliseconds{10};
          break;
        case '!':
          beside_stuck = true;
          break;
        default:
          now += step == 'S' ? milliseconds{1000} : CallTime::kLookEvery;
          time.Add(sight, beside_stuck, now);
      }
    }
    return std::chrono::duration_cast<milliseconds>(time.taken()).count();
  }
};

TEST_P(CallTimeTest, CountsAsTheTableSays) {
  EXPECT_EQ(Play(DeadlineOf::kRequest, GetParam().story), GetParam().request);
  EXPECT_EQ(Play(DeadlineOf::kEachCall, GetParam().story),
            GetParam().each_call);
}

INSTANTIATE_TEST_SUITE_P(
    Table, CallTimeTest,
    ::testing::Values(
        Row{"NothingInNoCall", ".....", 0, 0},
        Row{"TheCallThatRuns", "..(...", 60, 60},
        Row{"ACallThatHasComeBack", "(...)..", 60, 0},
        Row{"TwoCalls", "(...)(..", 100, 40},
        Row{"TheTimeBetweenIsNotCounted", "(.)....(.", 40, 20},
        Row{"CallsBetweenTwoLooks", "xx.xx.", 40, 0},
        Row{"APauseOfThisProcessInACall", "(.S.", 80, 80},
        // The call may have begun before the pause or behind it.
        Row{"APauseInWhichACallBegins", ".(S.", 60, 60},
        Row{"APauseInWhichACallEnds", "(.S).", 60, 0},
        Row{"APauseInNoCallGivesNothing", ".S.(...", 60, 60},
        Row{"ThePauseOfOneCallIsNotTheNextOnes", "(S)(...", 100, 60},
        Row{"WaitingBesideOneThatIsStuck", "!...", 60, 60},
        Row{"WaitingBesideOneThatIsStuckOnlyNow", "..!...", 60, 60},
        Row{"WhoCallsDoesNotWait", "!...(", 60, 60},
        Row{"WhoHasCalledBeginsToWaitAnew", "!...x...", 50, 40},
        Row{"WhoIsInACallDoesNotWait", "!..(..", 40, 40},
        Row{"ThePauseOfOneWhoWaits", "!.S.", 80, 80}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace sigtoken
