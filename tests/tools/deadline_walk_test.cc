// A module that does not come back from any one of the functions that a request
// calls.

#include <algorithm>
#include <array>
#include <chrono>
#include <ostream>
#include <string>
#include <vector>

#include "tests/tools/bound_token.h"

namespace sigtoken::testing {
namespace {

using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

// What sigtoken calls of Cryptoki.
constexpr auto kFunctions = std::to_array<const char*>(
    {"C_Initialize",        "C_Finalize",        "C_GetInfo",
     "C_GetSlotList",       "C_GetSlotInfo",     "C_GetTokenInfo",
     "C_InitToken",         "C_InitPIN",         "C_OpenSession",
     "C_CloseSession",      "C_GetSessionInfo",  "C_Login",
     "C_CreateObject",      "C_CopyObject",      "C_DestroyObject",
     "C_GetAttributeValue", "C_FindObjectsInit", "C_FindObjects",
     "C_FindObjectsFinal",  "C_SignInit",        "C_Sign",
     "C_VerifyInit",        "C_Verify",          "C_GenerateKey",
     "C_GenerateRandom"});

struct Request {
  const char* name;
  Words words;
  std::string input;  // "TOKEN" is an identity token.
  int status;         // Of one that is served.
  // It must call these, and none that are not in kFunctions.
  Words functions;
};

std::ostream& operator<<(std::ostream& out, const Request& request) {
  return out << request.name;
}

const Words kKeyOfTest = {"--key", "HSM.KEYS:1T", "--alg", "HS256"};
const Words kNamed = Words{"--appl", "APPL01", "--user", "USER01"} + kKeyOfTest;
const Words kFinding = {
    "C_Initialize",        "C_Finalize",        "C_GetInfo",
    "C_GetSlotList",       "C_GetSlotInfo",     "C_GetTokenInfo",
    "C_OpenSession",       "C_CloseSession",    "C_Login",
    "C_GetAttributeValue", "C_FindObjectsInit", "C_FindObjects",
    "C_FindObjectsFinal",  "C_SignInit",        "C_Sign"};

class DeadlineWalkTest : public BoundTokenTest,
                         public ::testing::WithParamInterface<Request> {
 protected:
  void SetUp() override {
    ASSERT_EQ(Generate().status, 0);
    const Outcome made = Run(Words{"idt", "generate"} + kNamed);
    ASSERT_EQ(made.status, 0) << made.err;
    token_ = made.out;
    Configure("file:" + folder_.Write("pin", PrivateSoftHsm2::kPin).string(),
              "deadline_seconds = 1\n");
  }
  Outcome RunIt() const {
    return Run(GetParam().words,
               GetParam().input == "TOKEN" ? token_ : GetParam().input);
  }
  // Those that it calls when it is served.
  Words Called() const {
    std::vector<std::size_t> before;
    for (const char* function : kFunctions) {
      before.push_back(fault_.Calls(function));
    }
    EXPECT_EQ(RunIt().status, GetParam().status);
    Words called;
    for (std::size_t i = 0; i < kFunctions.size(); ++i) {
      if (fault_.Calls(kFunctions[i]) > before[i]) {
        called.emplace_back(kFunctions[i]);
      }
    }
    return called;
  }

  std::string token_;
};

TEST_P(DeadlineWalkTest, EndsInTimeWhicheverHangs) {
  const Words called = Called();
  for (const std::string& function : GetParam().functions) {
    EXPECT_EQ(std::count(called.begin(), called.end(), function), 1)
        << function;
  }
  for (const std::string& function : called) {
    SCOPED_TRACE(function);
    fault_.Script(function + " * hang door");
    const auto begin = Clock::now();
    const Outcome outcome = RunIt();
    // A second, and a margin of five.
    EXPECT_LT(Clock::now() - begin, std::chrono::seconds{5});
    if (function == "C_Finalize") {
      // All is done by then.
      EXPECT_EQ(outcome.status, GetParam().status) << outcome.err;
    } else {
      EXPECT_EQ(outcome.status, 12);
      EXPECT_THAT(outcome.err, HasSubstr("has not come back from " + function));
    }
    fault_.Script("");
    const Outcome next = Run(Signing("HSM.KEYS:1T"), "data");
    EXPECT_EQ(next.status, 0) << next.err;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Requests, DeadlineWalkTest,
    ::testing::Values(
        Request{"sign", Words{"sign"} + kKeyOfTest, "data", 0, kFinding},
        Request{"verify", Words{"verify"} + kKeyOfTest + Words{"--mac", "AAAA"},
                "data", 4, kFinding},
        Request{"key_generate",
                {"key", "generate", "--token", "HSM.KEYS"},
                "",
                0,
                kFinding + Words{"C_GenerateKey"}},
        Request{"idt_generate", Words{"idt", "generate"} + kNamed, "", 0,
                kFinding},
        Request{"idt_validate",
                Words{"idt", "validate", "--appl", "APPL01"} + kKeyOfTest,
                "TOKEN", 0, kFinding}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace sigtoken::testing
