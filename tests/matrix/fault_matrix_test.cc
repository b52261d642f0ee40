// The fault matrix: each function of Cryptoki that we call, each code that it
// may answer, in each request that calls it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "tests/matrix/answer_table.h"
#include "tests/matrix/cryptoki_functions.h"
#include "tests/matrix/expected_answers.h"
#include "tests/matrix/requests.h"
#include "tests/matrix/world.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Answer;
using testing::AnswerText;
using testing::CryptokiFunction;
using testing::IsOk;
using testing::LoggedCall;
using testing::Request;
using testing::RequestKind;
using testing::When;
using testing::World;

// Of the calls behind the first one, how many are made to fail, each alone.
constexpr std::size_t kLaterCalls = 3;

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
    for (const CK_RV rv : CodesOf(GetParam())) {
      Run({request, rv, When::kFirst, 1});
      for (std::size_t call = 2; call <= std::min(calls, 1 + kLaterCalls);
           ++call) {
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
    table_.Add(testing::CodeName(fault.rv), fault.when,
               std::string(request.name), answer);
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
    if (refused) ExpectPinLatched(request);
    if (request.settle) request.settle(world_, done);
    if (!done || request.kind == RequestKind::kReads) ExpectGoodAgain(request);
    world_.ExpectAsBefore();
  }

  // A device that was lost is opened anew by the next request at the latest.
  bool ComesBack(const Request& request) {
    request.prepare(world_);
    const Status again = request.run(world_);
    // It may have been deleted when the device went away.
    if (AnswerOf(again) == Answer(kObjectNotFound)) return false;
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

  World world_;
  testing::AnswerTable table_{std::string(GetParam().name)};
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
}

INSTANTIATE_TEST_SUITE_P(
    Cryptoki, FaultMatrixTest,
    ::testing::ValuesIn(testing::CryptokiFunctions().begin(),
                        testing::CryptokiFunctions().end()),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace sigtoken
