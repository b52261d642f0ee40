#include "pkcs11/capabilities/capabilities.h"

#include <array>
#include <optional>
#include <utility>

#include "pkcs11/capabilities/checks.h"
#include "pkcs11/tokens/recovery.h"

namespace sigtoken {
namespace {

struct Row {
  std::string_view name;
  Result<Finding> (*check)(Scratch& scratch);
};

// All of them. Those behind use what those before have learned
// (Scratch::known()).
constexpr auto kChecks = std::to_array<Row>({
    {"module", CheckModule},
    {"token", CheckToken},
    {"login", CheckLogin},
    {"pin", CheckPin},
    {"keys of others", CheckKeysOfOthers},
    {"random", CheckRandom},
    {"generate", CheckGenerate},
    {"import", CheckImport},
    {"typed keys", CheckTypedKeys},
    {"key sizes", CheckKeySizes},
    {"macs", CheckMacs},
    {"mechanisms", CheckMechanisms},
    {"other macs", CheckOtherMacs},
    {"verify", CheckVerify},
    {"short buffer", CheckShortBuffer},
    {"empty data", CheckEmptyData},
    {"large data", CheckLargeData},
    {"attributes", CheckAttributes},
    {"allowed mechanisms", CheckAllowedMechanisms},
    {"modifiable", CheckModifiable},
    {"other attributes", CheckOtherAttributes},
    {"id and label", CheckIdAndLabel},
    {"duplicate id", CheckDuplicateId},
    {"copy", CheckCopy},
    {"destroy", CheckDestroy},
    {"handles", CheckHandles},
    {"session objects", CheckSessionObjects},
    {"data objects", CheckDataObjects},
    {"sessions", CheckSessions},
    {"threads", CheckThreads},
    {"speed", CheckSpeed},
});
constexpr std::string_view kLeftOver = "scratch objects";

Finding NotTried(const Error& error) {
  return {error.call.empty() ? CheckStatus::kMissing : CheckStatus::kFailed,
          AnswerOf(error), "not known"};
}

// Whether the device is there and the login lasts, where sessions share it.
Status CheckAlive(Token& token, const HostLock::Shared& held,
                  const Known& known) {
  auto alive = [&]() -> Status {
    SIGTOKEN_ASSIGN(Session session,
                    token.OpenSession(held, Access::kReadOnly));
    return known.has_sessions ? token.CheckLoggedIn(session) : Ok();
  }();
  // Sessions that are all in use say nothing of the device.
  if (alive || alive.error().rv == CKR_SESSION_COUNT) return Ok();
  alive.error().icsf = kNotAvailable;
  return alive;
}

// One run through the table.
class Run {
 public:
  Run(Token& token, const KeyRecipe& recipe, std::chrono::milliseconds measured)
      : token_(token), recipe_(recipe), measured_(measured) {}

  // What an interrupted run has left goes first.
  Status Begin() {
    SIGTOKEN_ASSIGN(const auto held, token_.Change());
    Scratch scratch(token_, held, recipe_, known_);
    auto removed = scratch.Sweep();
    if (removed) {
      left_by_others_ = *removed;
      return Ok();
    }
    NotDestroyed(std::move(removed).error());
    return CheckAlive(token_, held, known_);
  }

  Result<Finding> Try(const Row& row) {
    SIGTOKEN_ASSIGN(const auto held, token_.Change());
    Scratch scratch(token_, held, recipe_, known_, measured_);
    auto found = row.check(scratch);
    auto removed = scratch.CleanUp();
    if (!removed) NotDestroyed(std::move(removed).error());
    if (found) return found;
    SIGTOKEN_TRY(CheckAlive(token_, held, known_));
    return NotTried(found.error());
  }

  Result<Finding> End() {
    SIGTOKEN_ASSIGN(const auto held, token_.Change());
    SIGTOKEN_TRY(CheckAlive(token_, held, known_));
    Scratch scratch(token_, held, recipe_, known_);
    auto removed = scratch.Sweep();
    if (removed && !failed_) return Removed();
    const std::string label = "'" + std::string(kScratchLabel) + "'";
    const std::string made = Count(known_.made, "object") + " made";
    if (removed) {
      return Finding{
          CheckStatus::kLimited,
          made + ", none of them is to be seen now; to destroy one: " +
              AnswerOf(*failed_),
          "look for what is labelled " + label + " with the vendor's tool"};
    }
    NotDestroyed(std::move(removed).error());
    return Finding{
        CheckStatus::kFailed,
        made + ", not all are destroyed: " + AnswerOf(*failed_),
        "destroy what is labelled " + label + " with the vendor's tool"};
  }

  const Known& known() const { return known_; }
  bool left_any() const { return failed_.has_value(); }

 private:
  Finding Removed() const {
    if (known_.made > 0 && known_.destroyed == 0) {
      return {CheckStatus::kFailed,
              Count(known_.made, "object") +
                  " made, and lost by the module before they were destroyed",
              "see whether the device has room, and what is left on it"};
    }
    std::string what = Count(known_.made, "object") + " made and destroyed";
    if (left_by_others_ > 0) {
      what +=
          "; " + std::to_string(left_by_others_) + " of an interrupted run too";
    }
    return {CheckStatus::kOk, what, "the token is as it was before"};
  }

  void NotDestroyed(Error error) {
    known_.destroys = false;
    if (!failed_) failed_ = std::move(error);
  }

  Token& token_;
  const KeyRecipe& recipe_;
  const std::chrono::milliseconds measured_;
  Known known_;
  std::size_t left_by_others_ = 0;
  std::optional<Error> failed_;  // To destroy.
};

bool SignsAny(const Known& known) {
  return known.signs != std::array<bool, 3>{};
}

// `stays` says whether scratch objects are in the token still.
void Judge(const Known& known, bool stays, Capabilities& all) {
  const auto say = [&](bool ok, const std::string& why) {
    all.ok = ok;
    all.verdict = why;
  };
  constexpr char kWorks[] = "this token works with sigtoken";
  constexpr char kWorksWithin[] =
      "this token works with sigtoken, within limits: ";
  constexpr char kDoesNot[] = "this token does not work with sigtoken: ";
  if (known.computes_wrong_macs) {
    return say(false, kDoesNot + std::string("its MACs are wrong"));
  }
  if (!known.has_sessions) {
    return say(false, kDoesNot + std::string("it has no session to sign in"));
  }
  if (known.tried && !SignsAny(known)) {
    return say(false, kDoesNot + std::string("its keys do not sign"));
  }
  const bool has_keys =
      known.generates || known.imports || known.keys_of_others > 0;
  if (has_keys && !known.destroys) {
    return say(true,
               kWorksWithin +
                   std::string(stays ? "it destroys no object, so 'sigtoken "
                                       "key delete' is impossible and a "
                                       "scratch key stays"
                                     : "it did not destroy an object, so "
                                       "'sigtoken key delete' is not to be "
                                       "relied on"));
  }
  const std::string mend =
      known.device_failed.empty()
          ? ""
          : " (" + known.device_failed +
                ": the device may be full, read-only or out of order; mend it "
                "and run this again)";
  if (known.generates && known.imports) {
    return say(true, kWorks + std::string(": keys are generated and imported"));
  }
  if (known.generates) {
    return say(true, kWorksWithin + std::string("keys are generated, and not "
                                                "imported"));
  }
  if (known.imports) {
    return say(true, kWorksWithin + std::string("keys are imported, and not "
                                                "generated"));
  }
  if (known.keys_of_others > 0 && (mend.empty() || SignsAny(known))) {
    return say(true, kWorksWithin +
                         std::string("keys that others made there "
                                     "are adopted, and none is "
                                     "made") +
                         mend);
  }
  if (!mend.empty()) {
    return say(false, kDoesNot + std::string("no key can be made now") + mend);
  }
  say(false, kDoesNot + std::string("it neither makes an HMAC key nor takes "
                                    "one, and has none of others"));
}

}  // namespace

std::vector<std::string_view> CheckNames() {
  std::vector<std::string_view> names;
  names.reserve(kChecks.size() + 1);
  for (const Row& row : kChecks) names.push_back(row.name);
  names.push_back(kLeftOver);
  return names;
}

Result<Capabilities> TryModule(Token& token, const KeyRecipe& recipe,
                               const TryOptions& options) {
  Capabilities all;
  Run run(token, recipe, options.measured);
  SIGTOKEN_TRY(run.Begin());
  for (const Row& row : kChecks) {
    if (options.on_check) options.on_check(row.name, all.checks);
    SIGTOKEN_ASSIGN(Finding found, run.Try(row));
    all.checks.push_back({row.name, std::move(found)});
  }
  if (options.on_check) options.on_check(kLeftOver, all.checks);
  SIGTOKEN_ASSIGN(Finding last, run.End());
  all.left_any = run.left_any();
  const bool stays = last.status == CheckStatus::kFailed;
  all.checks.push_back({kLeftOver, std::move(last)});
  Judge(run.known(), stays, all);
  return all;
}

}  // namespace sigtoken
