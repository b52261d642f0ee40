// Checks of sessions, threads, speed and random numbers.

#include "pkcs11/capabilities/checks.h"
#include "tests/capabilities.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Must;

class SessionChecksTest : public testing::CapabilitiesTest {
 protected:
  std::size_t OpenSessions() const {
    return fault_.Calls("C_OpenSession") - fault_.Calls("C_CloseSession");
  }
};

TEST_F(SessionChecksTest, RandomNumbers) {
  const std::string of_no_use = " -> do not let it make keys or random numbers";
  Expect(CheckRandom,
         {{"",
           "ok: two draws of 32 bytes differ, and 4096 come at once -> CSNBRNG "
           "and CSFPPRF give the token's random numbers"},
          {"C_GenerateRandom * return CKR_RANDOM_NO_RNG",
           "missing: C_GenerateRandom answered CKR_RANDOM_NO_RNG -> CSNBRNG "
           "and CSFPPRF have no random numbers"},
          {"C_GenerateRandom 3 return CKR_DATA_LEN_RANGE",
           "failed: C_GenerateRandom answered CKR_DATA_LEN_RANGE" + of_no_use},
          // Nothing is written.
          {"C_GenerateRandom * return CKR_OK",
           "failed: C_GenerateRandom answered CKR_DEVICE_ERROR" + of_no_use},
          {"C_GenerateRandom * same-random",
           "failed: two draws of 32 bytes are alike" + of_no_use}});
}

TEST_F(SessionChecksTest, SessionsAreCounted) {
  EXPECT_EQ(Run(CheckSessions),
            "ok: 64 at once, and maybe more -> as many threads sign at once");
  EXPECT_EQ(Run(CheckSessions, "* * most-sessions 9"),
            "limited: 10 at once; more: C_OpenSession answered "
            "CKR_SESSION_COUNT -> at most 9 threads of all programs sign at "
            "once");
  EXPECT_TRUE(known_.has_sessions);
  EXPECT_EQ(Run(CheckSessions, "* * most-sessions 0"),
            "failed: one alone: C_OpenSession answered CKR_SESSION_COUNT -> "
            "sigtoken needs one for the login and one to sign");
  EXPECT_FALSE(known_.has_sessions);
  // The one of the login; two were refused.
  EXPECT_EQ(OpenSessions(), 1U + 2);
}

TEST_F(SessionChecksTest, ThreadsSignBesideEachOther) {
  EXPECT_EQ(Run(CheckThreads),
            "ok: 8 threads, each with a session of its own, get the right MACs "
            "-> threads sign beside each other");
  EXPECT_EQ(OpenSessions(), 1U);
}

TEST_F(SessionChecksTest, WhatThreadsGetWrong) {
  // The first 16 are those to compare with.
  Expect(CheckThreads,
         {{"C_Sign 40 corrupt",
           "failed: 8 threads at once get wrong MACs -> do not use this "
           "module"},
          {"C_SignInit 40- return CKR_OPERATION_ACTIVE",
           "limited: 8 threads at once: C_SignInit answered "
           "CKR_OPERATION_ACTIVE -> use it in programs of one thread alone"},
          {"* * most-sessions 6",
           "limited: C_OpenSession answered CKR_SESSION_COUNT -> fewer than 8 "
           "threads sign at once"}});
}

TEST_F(SessionChecksTest, OnlyAWrongMacIsAWrongMac) {
  Run(CheckThreads, "C_SignInit 40- return CKR_OPERATION_ACTIVE");
  EXPECT_FALSE(known_.computes_wrong_macs);
  Run(CheckThreads, "C_Sign 40 corrupt");
  EXPECT_TRUE(known_.computes_wrong_macs);
}

TEST_F(SessionChecksTest, SpeedIsMeasuredAndNotJudged) {
  EXPECT_THAT(Run(CheckSpeed),
              ::testing::MatchesRegex(
                  "ok: one signature takes [0-9,]+ us; 4 sessions make "
                  "[0-9,]+ a second -> measured on this machine now, and not "
                  "judged"));
  EXPECT_EQ(Run(CheckSpeed, "C_Sign 9- return CKR_DEVICE_MEMORY"),
            "error: C_Sign answered CKR_DEVICE_MEMORY");
  EXPECT_EQ(OpenSessions(), 1U);
}

}  // namespace
}  // namespace sigtoken
