// The fault matrix: each function of Cryptoki that we call, each code that it
// may answer, in each request that calls it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "pkcs11/deadline/executor.h"
#include "tests/matrix/answer_table.h"
#include "tests/matrix/code_faults.h"
#include "tests/matrix/cryptoki_functions.h"
#include "tests/matrix/expected_answers.h"
#include "tests/matrix/requests.h"
#include "tests/matrix/world.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Answer;
using testing::AnswerTable;
using testing::AnswerText;
using testing::CryptokiFunction;
using testing::IsOk;
using testing::LoggedCall;
using testing::Request;
using testing::RequestKind;
using testing::When;
using testing::World;

#ifdef SIGTOKEN_SANITIZED
// Of the calls behind the first one, how many are made to fail, each alone.
constexpr std::size_t kLaterCalls = 3;
// Hanging calls, and the comparison with what was recorded.
constexpr bool kIsWhole = false;
#else
constexpr std::size_t kLaterCalls = std::numeric_limits<int>::max();
constexpr bool kIsWhole = true;
#endif

constexpr std::chrono::milliseconds kDeadline{100};
constexpr const char* kNoAnswer = "no answer";

std::size_t CountOf(std::string_view function,
                    const std::vector<LoggedCall>& calls) {
  return static_cast<std::size_t>(std::count_if(
      calls.begin(), calls.end(),
      [&](const LoggedCall& call) { return call.function == function; }));
}

// A PIN that was refused, with whatever code, is not tried again.
void ExpectNoSecondLogin(const std::vector<LoggedCall>& calls) {
  bool failed = false;
  for (const LoggedCall& call : calls) {
    if (call.function != "C_Login") continue;
    EXPECT_FALSE(failed) << "C_Login was called again after it had failed";
    failed =
        failed || (call.rv != CKR_OK && call.rv != CKR_USER_ALREADY_LOGGED_IN);
  }
}

Answer AnswerOf(const Status& status) {
  return status ? Answer() : Answer(ToIcsf(status.error()));
}

std::string Read(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class FaultMatrixTest : public ::testing::TestWithParam<CryptokiFunction> {
 protected:
  struct Fault {
    const Request& request;
    CK_RV rv;
    When when;
    std::size_t call;  // Counted from 1; of kFirst and kLater.
  };

  // How often the request calls the function where nothing fails.
  std::size_t CallsIn(const Request& request) {
    request.prepare(world_);
    world_.log().Take();
    world_.fault().Script(request.fault);
    const Status done = request.run(world_);
    const auto calls = world_.log().Take();
    world_.fault().Script("");
    EXPECT_THAT(done, IsOk());
    if (request.settle) request.settle(world_, true);
    world_.ExpectAsBefore();
    return CountOf(GetParam().name, calls);
  }

  std::string ScriptOf(const Fault& fault) const {
    std::string rule = std::string(GetParam().name) + " ";
    rule += fault.when == When::kAlways ? "*" : std::to_string(fault.call);
    rule += fault.when == When::kLost ? " lose " : " return ";
    return rule + testing::ScriptCode(fault.rv);
  }

  void RunRequests(const Request& request) {
    const std::size_t calls = CallsIn(request);
    if (calls == 0) return;
    // How often it calls what hangs on the time.
    const bool is_short = request.kind != RequestKind::kTries;
    if (is_short) table_.SetCalls(std::string(request.name), calls);
    for (const CK_RV rv : CodesOf(GetParam())) {
      Run({request, rv, When::kFirst, 1});
      const std::size_t last = is_short ? std::min(calls, 1 + kLaterCalls) : 1;
      for (std::size_t call = 2; call <= last; ++call) {
        Run({request, rv, When::kLater, call});
      }
      Run({request, rv, When::kAlways, 1});
      if (testing::MayBeOfALostDevice(rv) &&
          GetParam().name != "C_Initialize" &&
          GetParam().name != "C_Finalize") {
        Run({request, rv, When::kLost, 1});
      }
      if (HasFatalFailure()) return;
    }
    if (kIsWhole && request.fault.empty()) RunHanging(request);
  }

  void Run(const Fault& fault) {
    const Request& request = fault.request;
    const std::string rule = ScriptOf(fault);
    SCOPED_TRACE(std::string(request.name) + ": " + rule);
    request.prepare(world_);
    world_.log().Take();
    world_.fault().Script(std::string(request.fault) + "\n" + rule);
    const Status status = request.run(world_);
    const auto calls = world_.log().Take();
    ExpectNoSecondLogin(calls);

    const Answer answer = AnswerOf(status);
    Record(fault, answer);
    const auto expected = testing::ExpectedAnswer(
        GetParam().name, fault.rv, request.name, request.kind, fault.when);
    if (!expected.Has(answer)) {
      ADD_FAILURE() << AnswerText(answer) << ", not " << expected.Text() << ": "
                    << (status ? "" : ToText(status.error()));
    }
    const bool refused =
        std::any_of(calls.begin(), calls.end(), [](const LoggedCall& call) {
          return (call.function == "C_Login" ||
                  call.function == "C_InitToken") &&
                 testing::RefusesPin(call.rv);
        });
    bool done = status.has_value();
    if (fault.when == When::kLost && !done) done = ComesBack(request);
    world_.fault().Script("");
    world_.ExpectNoLoginLeft();
    if (refused) ExpectPinLatched(request);
    Settle(request, done);
  }

  void Record(const Fault& fault, const Answer& answer) {
    const std::string code = testing::CodeName(fault.rv);
    const std::string request(fault.request.name);
    if (fault.request.kind == RequestKind::kLists &&
        (fault.when == When::kFirst || fault.when == When::kLater)) {
      table_.AddUnordered(code, When::kLater, request, answer);
    } else {
      table_.Add(code, fault.when, request, answer);
    }
  }

  void Settle(const Request& request, bool done) {
    if (request.settle) request.settle(world_, done);
    if (!done || request.kind == RequestKind::kReads) ExpectGoodAgain(request);
    world_.ExpectAsBefore();
  }

  // A call that does not come back costs the deadline and no more; and when it
  // does come back, its thread leaves nothing behind.
  void RunHanging(const Request& request) {
    const std::string name = "hang" + std::to_string(++hangs_);
    SCOPED_TRACE(std::string(request.name) + ": " + name);
    request.prepare(world_);
    world_.fault().Script(std::string(request.fault) + "\n" +
                          std::string(GetParam().name) + " 1 hang " + name);
    Executor executor({kDeadline, 1});
    const auto late = std::make_shared<std::optional<Status>>();
    const auto begin = std::chrono::steady_clock::now();
    const Status status = executor.Run<std::monostate>(
        [this, &request, late] {
          *late = request.run(world_);
          return **late;
        },
        request.kind == RequestKind::kTries ? DeadlineOf::kEachCall
                                            : DeadlineOf::kRequest);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5 * kDeadline);
    const Answer answer = AnswerOf(status);
    EXPECT_EQ(AnswerText(answer), AnswerText(kNotAvailable));
    table_.Add(kNoAnswer, When::kHangs, std::string(request.name), answer);
    world_.fault().Release(name);
    while (executor.stuck() > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    world_.fault().Script("");
    world_.ExpectNoLoginLeft();
    // It had been called, and was not refused.
    ASSERT_TRUE(late->has_value());
    Settle(request, (*late)->has_value());
  }

  // A device that was lost is opened anew by the next request at the latest.
  bool ComesBack(const Request& request) {
    request.prepare(world_);
    const Status again = request.run(world_);
    // It may have been deleted when the device went away, or has gone with it.
    if (AnswerOf(again) == Answer(kObjectNotFound) ||
        AnswerOf(again) == Answer(kSessionObjectGone)) {
      return false;
    }
    EXPECT_THAT(again, IsOk()) << "once the device is there again";
    return again.has_value();
  }

  // Until its file changes.
  void ExpectPinLatched(const Request& request) {
    request.prepare(world_);
    world_.log().Take();
    const Status again = request.run(world_);
    EXPECT_EQ(AnswerOf(again), Answer(kNotAuthorized));
    const auto calls = world_.log().Take();
    EXPECT_EQ(CountOf("C_Login", calls), 0U);
    EXPECT_EQ(CountOf("C_InitToken", calls), 0U);
    world_.WritePinsAnew();
  }

  void ExpectGoodAgain(const Request& request) {
    request.prepare(world_);
    const Status again = request.run(world_);
    EXPECT_THAT(again, IsOk()) << "after the fault";
    if (request.settle) request.settle(world_, again.has_value());
  }

  // Every cell has the answer that was recorded for it.
  void CompareWithRecorded() const {
    const std::filesystem::path made = SIGTOKEN_MATRIX_FOLDER;
    const auto recorded =
        std::filesystem::path(SIGTOKEN_SOURCE_DIR) / "tests/matrix/answers";
    const std::string file = std::string(GetParam().name) + ".txt";
    for (const std::string& change :
         table_.Changes(AnswerTable::Parse(Read(recorded / file)))) {
      ADD_FAILURE() << change;
    }
    EXPECT_EQ(table_.Format(), Read(recorded / file))
        << "where it is right: cp " << made / file << " " << recorded;
  }

  World world_;
  unsigned hangs_ = 0;
  AnswerTable table_{std::string(GetParam().name)};
};

TEST_P(FaultMatrixTest, EachRequestAnswersAsDesigned) {
  for (const Request& request : testing::Requests()) {
    RunRequests(request);
    if (HasFatalFailure()) break;
  }
  const std::string table = table_.Format();
  std::cout << table;
  const std::filesystem::path folder = SIGTOKEN_MATRIX_FOLDER;
  std::filesystem::create_directories(folder);
  std::ofstream(folder / (std::string(GetParam().name) + ".txt")) << table;
  if (kIsWhole) CompareWithRecorded();
}

INSTANTIATE_TEST_SUITE_P(
    Cryptoki, FaultMatrixTest,
    ::testing::ValuesIn(testing::CryptokiFunctions().begin(),
                        testing::CryptokiFunctions().end()),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace sigtoken
