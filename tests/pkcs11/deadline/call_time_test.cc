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
// milliseconds: for all its calls and waits, and for each.
struct Row {
  std::string name;
  // A call that begins '(' and comes back ')'; 'x' is one that others see
  // nothing of, since it takes 10 ms between two looks; '<' and '>', and 'w',
  // the same of a wait for others; '.' is 20 ms until the next look; 'S' a
  // second in which this process is stopped; what is between '[' and ']' goes
  // call by call. '!' says that from now on another thread is stuck.
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
    CallWatch::Sight before;
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
        case '<':
          sight.waiting = true;
          sight.since = now;
          ++sight.waits;
          break;
        case '>':
          sight.waited += now - sight.since;
          sight.waiting = false;
          break;
        case 'w':
          ++sight.waits;
          sight.waited += milliseconds{10};
          break;
        case '[':
          before = sight;
          sight.call_by_call = true;
          break;
        case ']':
          sight.call_by_call = false;
          sight.spent = before.spent;
          sight.waited = before.waited;
          break;
        case '!':
          beside_stuck = true;
          break;
        default:
          now += step == 'S' ? milliseconds{1000} : CallTime::kLookEvery;
          time.Add(sight, beside_stuck, now, std::chrono::hours{1});
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
        Row{"ThePauseOfOneWhoWaits", "!.S.", 80, 80},
        Row{"AWaitForOthers", "..<...", 60, 60},
        Row{"AWaitThatHasEnded", "<...>..", 60, 0},
        Row{"WaitsAndCallsAddUp", "<.>(..)<...", 120, 60},
        Row{"WaitsBetweenTwoLooks", "ww.w.", 30, 0},
        Row{"APauseOfThisProcessInAWait", "<.S.", 80, 80},
        Row{"ThePauseOfOneWaitIsNotTheNextOnes", "<S><...", 100, 60},
        Row{"APauseInWhichAWaitEnds", "<.S>.", 60, 0},
        Row{"CallByCall", "(..)[(...)(..", 40, 40},
        Row{"BehindCallByCall", "(..)[(...)](.", 60, 20},
        Row{"WaitsCallByCall", "<..>[<...><.", 20, 20},
        Row{"AWaitBesideOneThatIsStuckCountsOnce", "!<...", 60, 60}),
    [](const auto& row) { return row.param.name; });

// When a call is seen to have taken its deadline of five seconds, in
// milliseconds, where each look comes so late.
long EndsBehind(DeadlineOf of, milliseconds late) {
  const CallTime::Clock::time_point begin{std::chrono::hours{1}};
  constexpr std::chrono::seconds kDeadline{5};
  CallTime time(of, begin);
  CallWatch::Sight sight;
  sight.function = "C_Sign";
  sight.since = begin;
  sight.calls = 1;
  auto now = begin;
  while (time.taken() < kDeadline && now < begin + 100 * kDeadline) {
    now += CallTime::kLookEvery + late;
    time.Add(sight, false, now, kDeadline);
  }
  return std::chrono::duration_cast<milliseconds>(now - begin).count();
}

TEST(CallTimeLoadTest, ABusyMachineDoublesTheDeadlineAtMost) {
  for (const DeadlineOf of : {DeadlineOf::kRequest, DeadlineOf::kEachCall}) {
    EXPECT_EQ(EndsBehind(of, milliseconds{0}), 5000);
    EXPECT_EQ(EndsBehind(of, milliseconds{20}), 5000);
    EXPECT_EQ(EndsBehind(of, milliseconds{30}), 6250);
    EXPECT_EQ(EndsBehind(of, milliseconds{80}), 10000);
    EXPECT_EQ(EndsBehind(of, milliseconds{480}), 10000);
  }
}

TEST(CallTimeLoadTest, AStopIsForgivenWholly) {
  CallTime::Clock::time_point now{std::chrono::hours{1}};
  CallTime time(DeadlineOf::kRequest, now);
  CallWatch::Sight sight;
  sight.function = "C_Sign";
  sight.since = now;
  sight.calls = 1;
  for (int i = 0; i < 10; ++i) {
    now += std::chrono::hours{1};
    time.Add(sight, false, now, std::chrono::seconds{5});
  }
  EXPECT_EQ(time.taken(), 10 * 2 * CallTime::kLookEvery);
}

}  // namespace
}  // namespace sigtoken
