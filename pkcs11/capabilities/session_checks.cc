// Sessions and threads, speed, and random numbers.

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "pkcs11/capabilities/checks.h"
#include "pkcs11/capabilities/in_threads.h"
#include "pkcs11/capabilities/proof.h"
#include "pkcs11/cryptoki/mac.h"
#include "pkcs11/cryptoki/random.h"

namespace sigtoken {
namespace {

using Clock = std::chrono::steady_clock;

// Ours: enough to tell a token that counts its sessions from one that does not,
// and too few to disturb others.
constexpr std::size_t kMostSessions = 64;
constexpr std::size_t kThreads = 8;
constexpr std::size_t kTextsOfThread = 16;
constexpr std::size_t kSessionsForSpeed = 4;

std::string TextNumber(std::size_t number) {
  return "text " + std::to_string(number);
}

// Sessions of `count` threads, opened before they begin.
Result<std::vector<Session>> OpenSessions(Scratch& scratch, std::size_t count) {
  std::vector<Session> sessions;
  while (sessions.size() < count) {
    SIGTOKEN_ASSIGN(Session session, scratch.Open(Access::kReadOnly));
    sessions.push_back(std::move(session));
  }
  return sessions;
}

// "57", "1,234"
std::string WithCommas(double number) {
  std::string digits = std::to_string(static_cast<std::uint64_t>(number));
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

// How many signatures `session` makes until the time is up. Errors: as SignMac.
Result<std::size_t> SignUntil(Session& session, CK_OBJECT_HANDLE key,
                              Clock::time_point end) {
  std::size_t signatures = 0;
  while (Clock::now() < end) {
    SIGTOKEN_TRY(SignMac(session, key, Hs256(), BytesOf("text")));
    ++signatures;
  }
  return signatures;
}

// Signatures a second of several sessions at once.
Result<double> RateOf(Scratch& scratch, CK_OBJECT_HANDLE key,
                      std::size_t count) {
  SIGTOKEN_ASSIGN(auto sessions, OpenSessions(scratch, count));
  std::vector<std::optional<Result<std::size_t>>> made(count);
  const auto begin = Clock::now();
  SIGTOKEN_TRY(RunInThreads(count, [&](std::size_t i) {
    made.at(i) = SignUntil(sessions.at(i), key, begin + scratch.measured());
  }));
  const std::chrono::duration<double> seconds = Clock::now() - begin;
  std::size_t all = 0;
  for (const auto& each : made) {
    SIGTOKEN_TRY(*each);
    all += **each;
  }
  return static_cast<double>(all) / seconds.count();
}

}  // namespace

Result<Finding> CheckRandom(Scratch& scratch) {
  constexpr std::size_t kBytes = 32;
  constexpr char kConsequence[] = "do not let it make keys or random numbers";
  SIGTOKEN_ASSIGN(Session session, scratch.Open(Access::kReadOnly));
  std::vector<std::uint8_t> first(kBytes);
  std::vector<std::uint8_t> second(kBytes);
  std::vector<std::uint8_t> whole_piece(kRandomPieceBytes);
  for (auto* const draw : {&first, &second, &whole_piece}) {
    const Status drawn = GenerateRandom(session, *draw);
    if (drawn) continue;
    if (drawn.error().rv == CKR_RANDOM_NO_RNG ||
        drawn.error().rv == CKR_FUNCTION_NOT_SUPPORTED) {
      return Finding{CheckStatus::kMissing, AnswerOf(drawn.error()),
                     "CSNBRNG and CSFPPRF have no random numbers"};
    }
    return Finding{CheckStatus::kFailed, AnswerOf(drawn.error()), kConsequence};
  }
  if (first == second) {
    return Finding{CheckStatus::kFailed, "two draws of 32 bytes are alike",
                   kConsequence};
  }
  return Finding{CheckStatus::kOk,
                 "two draws of 32 bytes differ, and 4096 come at once",
                 "CSNBRNG and CSFPPRF give the token's random numbers"};
}

Result<Finding> CheckSessions(Scratch& scratch) {
  Known& known = scratch.known();
  std::vector<Session> sessions;
  std::string why;
  // The one that logged in is there already.
  while (sessions.size() + 1 < kMostSessions) {
    auto session = scratch.Open(Access::kReadOnly);
    if (!session) {
      why = AnswerOf(session.error());
      break;
    }
    sessions.push_back(*std::move(session));
  }
  if (sessions.empty()) {
    known.has_sessions = false;
    return Finding{CheckStatus::kFailed, "one alone: " + why,
                   "sigtoken needs one for the login and one to sign"};
  }
  if (why.empty()) {
    return Finding{CheckStatus::kOk,
                   std::to_string(kMostSessions) + " at once, and maybe more",
                   "as many threads sign at once"};
  }
  const std::string at_most = std::to_string(sessions.size() + 1);
  return Finding{CheckStatus::kLimited, at_most + " at once; more: " + why,
                 "at most " + std::to_string(sessions.size()) +
                     " threads of all programs sign at once"};
}

Result<Finding> CheckThreads(Scratch& scratch) {
  SIGTOKEN_ASSIGN(const ScratchKey key, scratch.MakeKey());
  std::vector<Mac> right;
  for (std::size_t i = 0; i < kTextsOfThread; ++i) {
    SIGTOKEN_ASSIGN(const Mac mac, SignOnce(scratch, key.object, Hs256(),
                                            BytesOf(TextNumber(i))));
    right.push_back(mac);
  }
  auto sessions = OpenSessions(scratch, kThreads);
  if (!sessions) {
    return Finding{
        CheckStatus::kLimited, AnswerOf(sessions.error()),
        "fewer than " + std::to_string(kThreads) + " threads sign at once"};
  }
  std::vector<Session> own = *std::move(sessions);
  std::vector<std::size_t> wrong(kThreads);
  std::vector<std::string> failed(kThreads);
  SIGTOKEN_TRY(RunInThreads(kThreads, [&](std::size_t i) {
    for (std::size_t text = 0; text < right.size(); ++text) {
      const auto mac =
          SignMac(own.at(i), key.object, Hs256(), BytesOf(TextNumber(text)));
      if (!mac) {
        failed.at(i) = AnswerOf(mac.error());
        return;
      }
      if (!std::ranges::equal(mac->bytes(), right.at(text).bytes())) {
        ++wrong.at(i);
      }
    }
  }));
  const std::string what = std::to_string(kThreads) + " threads";
  if (std::any_of(wrong.begin(), wrong.end(),
                  [](std::size_t count) { return count > 0; })) {
    scratch.known().computes_wrong_macs = true;
    return Finding{CheckStatus::kFailed, what + " at once get wrong MACs",
                   "do not use this module"};
  }
  const auto why =
      std::find_if(failed.begin(), failed.end(),
                   [](const std::string& each) { return !each.empty(); });
  if (why != failed.end()) {
    return Finding{CheckStatus::kLimited, what + " at once: " + *why,
                   "use it in programs of one thread alone"};
  }
  return Finding{CheckStatus::kOk,
                 what +
                     ", each with a session of its own, "
                     "get the right MACs",
                 "threads sign beside each other"};
}

Result<Finding> CheckSpeed(Scratch& scratch) {
  SIGTOKEN_ASSIGN(const ScratchKey key, scratch.MakeKey());
  SIGTOKEN_ASSIGN(const double one, RateOf(scratch, key.object, 1));
  SIGTOKEN_ASSIGN(const double several,
                  RateOf(scratch, key.object, kSessionsForSpeed));
  constexpr double kMicroseconds = 1e6;
  return Finding{CheckStatus::kOk,
                 "one signature takes " + WithCommas(kMicroseconds / one) +
                     " us; " + std::to_string(kSessionsForSpeed) +
                     " sessions make " + WithCommas(several) + " a second",
                 "measured on this machine now, and not judged"};
}

}  // namespace sigtoken
