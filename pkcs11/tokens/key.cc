#include "pkcs11/tokens/key.h"

#include <sodium.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <mutex>
#include <utility>
#include <vector>

#include "pkcs11/cryptoki/mac.h"
#include "pkcs11/tokens/key_marks.h"
#include "pkcs11/tokens/key_size.h"
#include "pkcs11/tokens/same_key.h"
#include "pkcs11/tokens/wrong_mac.h"

namespace sigtoken {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kRecordIsFresh{1};
constexpr std::chrono::seconds kRecordHolds{60};

// Of no token: they count from zero.
constexpr unsigned kNoGeneration = std::numeric_limits<unsigned>::max();

// How often a module may be opened anew while a session is looked for.
constexpr int kMostTries = 4;

// Of the object that a search in `session` has just shown.
Result<FoundKey> ExamineIn(Token& token, const HostLock::Shared& held,
                           const Session& session, CK_OBJECT_HANDLE object,
                           std::optional<ObjectId> id) {
  auto found =
      id ? ExamineAs(token, held, object, *id) : Examine(token, held, object);
  if (found || !IsObjectGone(found.error())) return found;
  // SoftHSM2 says so of each private object once the login is gone.
  SIGTOKEN_TRY(token.CheckLoggedIn(session));
  return found;
}

}  // namespace

struct Key::State {
  std::shared_ptr<Token> token;
  Search search;
  std::optional<ObjectId> id;  // That was searched for; attributes otherwise.
  std::string what;
  FoundKey found;
  KeyMarks marks;

  // The generation is taken away before the object is changed: whoever sees one
  // generation before and behind it has seen the object of that one.
  std::atomic<CK_OBJECT_HANDLE> object;
  std::atomic<unsigned> generation;  // Of the token, in which it was found.
  std::atomic<bool> disabled;
  std::atomic<bool> may_sign;    // CKA_SIGN and CKA_VERIFY, which another
  std::atomic<bool> may_verify;  // process may change (keygen/replace.h).
  std::atomic<SteadyClock::time_point> record_read;
  std::mutex mutex;  // One thread at a time finds or reads again.
  // As first seen, under the mutex: what has another one is another key.
  std::optional<std::vector<std::uint8_t>> check_mac;

  std::string Name() const {
    return found.handle ? found.handle->FormatShort() : what;
  }

  Status ReadRecordAgain();
  Status FindAgain(CK_OBJECT_HANDLE stale);
  Status MayBeUsed(CK_ATTRIBUTE_TYPE use);
  Status CheckMarks(Session& session, CK_OBJECT_HANDLE now) const;
  Error Explain(Error error, const MacAlgorithm& algorithm);

  // Runs `work(session, object)`; `used` is the object, once it gets so far.
  template <typename Work>
  auto TryOnce(const Work& work, std::optional<CK_OBJECT_HANDLE>& used)
      -> decltype(work(std::declval<Session&>(), CK_OBJECT_HANDLE{}));

  // Runs it once more when what it used was stale, and when the device or the
  // login was gone.
  template <typename Work>
  auto Run(const MacAlgorithm& algorithm, const Work& work)
      -> decltype(work(std::declval<Session&>(), CK_OBJECT_HANDLE{}));

  // By C_Verify.
  Result<bool> AskModule(const MacAlgorithm& algorithm,
                         std::span<const std::uint8_t> data,
                         std::span<const std::uint8_t> mac);
  bool IsAnswerToWrongMacs(const MacAlgorithm& algorithm, CK_RV rv);
  Result<bool> VerifyByModule(const MacAlgorithm& algorithm,
                              std::span<const std::uint8_t> data,
                              std::span<const std::uint8_t> mac);
};

Result<Key> Key::Find(std::shared_ptr<Token> token, ObjectId id) {
  const std::string what = Handle(token->name(), id).FormatShort();
  Token& in = *token;
  return Find(
      std::move(token), what,
      [&in, id](Session& session) { return FindObject(in, session, id); }, id);
}

Result<Key> Key::Find(std::shared_ptr<Token> token, const Attributes& wanted,
                      const std::string& what) {
  Token& in = *token;
  return Find(std::move(token), what, [&in, wanted, what](Session& session) {
    return FindOne(in, session, wanted, what,
                   "name one by its handle, or by its id and label; 'sigtoken "
                   "key list' shows them");
  });
}

Result<Key> Key::Find(std::shared_ptr<Token> token, const std::string& what,
                      Search search, std::optional<ObjectId> id) {
  auto key = token->WithRecovery([&] {
    auto found = FindOnce(token, what, search, id);
    if (found || !IsObjectGone(found.error())) return found;
    // Since it was found; or the module is busy (NSS, measured).
    return FindOnce(token, what, search, id);
  });
  if (key) RecordFirstUse(*token, key->found());
  return key;
}

Result<Key> Key::FindOnce(std::shared_ptr<Token> token, const std::string& what,
                          Search search, std::optional<ObjectId> id) {
  SIGTOKEN_TRY(token->Login());
  SIGTOKEN_ASSIGN(const auto held, token->Look());
  // Before the session: what is found in a later one is looked for again.
  const unsigned generation = token->generation();
  SIGTOKEN_ASSIGN(Session session, token->OpenSession(held, Access::kReadOnly));
  SIGTOKEN_ASSIGN(const CK_OBJECT_HANDLE object, search(session));
  SIGTOKEN_ASSIGN(FoundKey found, ExamineIn(*token, held, session, object, id));
  if (found.worthless) {
    return Refusal(kAttributeValueInvalid, CKR_ATTRIBUTE_VALUE_INVALID,
                   found.no_check_mac, "use another key");
  }
  auto state = std::make_shared<State>();
  state->token = std::move(token);
  state->search = std::move(search);
  state->id = id;
  state->what = what;
  state->object = found.object;
  state->generation = generation;
  state->disabled = found.disabled();
  state->may_sign = found.attributes.Is(CKA_SIGN);
  state->may_verify = found.attributes.Is(CKA_VERIFY);
  state->record_read = SteadyClock::now();
  state->check_mac = found.check_mac;
  state->found = std::move(found);
  state->marks = KeyMarks(state->found);
  return Key(std::move(state));
}

const std::optional<Handle>& Key::handle() const {
  return state_->found.handle;
}
const FoundKey& Key::found() const { return state_->found; }
const Token& Key::token() const { return *state_->token; }

Status Key::State::ReadRecordAgain() {
  if (!found.handle) return Ok();
  if (SteadyClock::now() - record_read.load() < kRecordIsFresh) return Ok();
  const std::lock_guard lock(mutex);
  const auto age = SteadyClock::now() - record_read.load();
  if (age < kRecordIsFresh) return Ok();
  const auto record = FindObjectRecord(token->database(), token->name(),
                                       *found.handle->object());
  if (record) {
    disabled = *record && (*record)->disabled;
    record_read = SteadyClock::now();
    return Ok();
  }
  if (age < kRecordHolds) return Ok();
  return record.error();
}

Status Key::State::FindAgain(CK_OBJECT_HANDLE stale) {
  const std::lock_guard lock(mutex);
  // Another thread was here first.
  if (object != stale && generation == token->generation()) return Ok();
  SIGTOKEN_TRY(token->Login());
  SIGTOKEN_ASSIGN(const auto held, token->Look());
  // Before the session: what is found in a later one is looked for again.
  const unsigned seen = token->generation();
  SIGTOKEN_ASSIGN(Session session, token->OpenSession(held, Access::kReadOnly));
  SIGTOKEN_ASSIGN(const CK_OBJECT_HANDLE fresh, search(session));
  SIGTOKEN_ASSIGN(const FoundKey now,
                  ExamineIn(*token, held, session, fresh, id));
  if (check_mac) {
    SIGTOKEN_TRY(CheckSameKey(*token, held, now, Name(), *check_mac));
  } else {
    check_mac = now.check_mac;
  }
  may_sign = now.attributes.Is(CKA_SIGN);
  may_verify = now.attributes.Is(CKA_VERIFY);
  generation = kNoGeneration;
  object = fresh;
  generation = seen;
  return Ok();
}

Status Key::State::MayBeUsed(CK_ATTRIBUTE_TYPE use) {
  SIGTOKEN_TRY(token->backend().TurnTo());
  SIGTOKEN_TRY(ReadRecordAgain());
  if (disabled) {
    return Refusal(kObjectDisabled, CKR_KEY_FUNCTION_NOT_PERMITTED,
                   "the key " + Name() + " is disabled",
                   "enable it with 'sigtoken key enable'");
  }
  const bool sign = use == CKA_SIGN;
  if (sign ? may_sign : may_verify) return Ok();
  return Refusal(kKeyFunctionNotPermitted, CKR_KEY_FUNCTION_NOT_PERMITTED,
                 "the key " + Name() + " may not " +
                     (sign ? "sign: its CKA_SIGN" : "verify: its CKA_VERIFY") +
                     " is FALSE",
                 sign ? "use a key that was not made with --verify-only"
                      : "use a key whose CKA_VERIFY is TRUE");
}

// Some modules deal the handle of a destroyed object again at once, some all of
// them after a logout (openCryptoki 3.8.1, measured), and each of them after
// another part of the process has initialised it: then it names another key,
// which works as well.
Status Key::State::CheckMarks(Session& session, CK_OBJECT_HANDLE now) const {
  if (!token->may_reuse_handles()) return Ok();
  return marks.Check(session, now);
}

Error Key::State::Explain(Error error, const MacAlgorithm& algorithm) {
  if (error.rv != CKR_KEY_SIZE_RANGE) {
    error.message += " and the key " + Name();
    return error;
  }
  // What cannot be tried is left unsaid.
  const auto held = token->Change();
  if (!held) return error;
  return KeyTooShort(*token, *held, std::move(error), algorithm, found.bytes());
}

template <typename Work>
auto Key::State::TryOnce(const Work& work,
                         std::optional<CK_OBJECT_HANDLE>& used)
    -> decltype(work(std::declval<Session&>(), CK_OBJECT_HANDLE{})) {
  std::optional<Token::Lease> borrowed;
  CK_OBJECT_HANDLE now = CK_INVALID_HANDLE;
  for (int tries = 0; !borrowed; ++tries) {
    // Before a session is borrowed: one of a module that was given up keeps it
    // from being opened anew.
    if (generation != token->generation()) SIGTOKEN_TRY(FindAgain(object));
    SIGTOKEN_ASSIGN(auto lease, token->Borrow());
    const unsigned before = generation;
    now = object;
    if (before == lease.generation() && before == generation) {
      borrowed.emplace(std::move(lease));
    } else if (tries == kMostTries) {
      return Check({CKR_SESSION_HANDLE_INVALID, "C_OpenSession"},
                   "keep a session: the module is opened anew again and again")
          .error();
    }
  }
  Token::Lease& lease = *borrowed;
  used = now;
  auto result = work(lease.session(), now);
  // Behind the work, so that no change between the two goes unseen. An answer
  // of another key, its refusal too, is none.
  if (result || ToIcsf(result.error()).return_code == 8) {
    const auto same = CheckMarks(lease.session(), now);
    if (result && same) return result;
    if (!same) result = same.error();
  }
  // NSS calls a key too short that it does not show (measured).
  if (result.error().rv == CKR_KEY_SIZE_RANGE) {
    const auto logged_in = token->CheckLoggedIn(lease.session());
    if (!logged_in) result = logged_in.error();
  }
  lease.Drop();
  return result;
}

template <typename Work>
auto Key::State::Run(const MacAlgorithm& algorithm, const Work& work)
    -> decltype(work(std::declval<Session&>(), CK_OBJECT_HANDLE{})) {
  bool found_again = false;
  bool repeated = false;
  bool opened_anew = false;
  while (true) {
    const unsigned seen = token->generation();
    std::optional<CK_OBJECT_HANDLE> used;
    auto result = TryOnce(work, used);
    if (result) return result;
    Error error = std::move(result).error();
    if (!used && !found_again && IsSessionGone(error)) {
      // While it was looked for.
      found_again = true;
      token->SessionsGone(seen);
      continue;
    }
    if (used && !found_again && IsStale(error.rv)) {
      found_again = true;
      if (IsSessionGone(error)) token->SessionsGone(seen);
      const auto again = FindAgain(*used);
      if (again) continue;
      error = again.error();
      used.reset();
    }
    // A module may answer so to a MAC that is wrong: VerifyByModule() tells.
    const bool may_open_anew =
        !opened_anew && error.call != "C_Verify" && IsCuredByOpeningAnew(error);
    // At once, where another thread is at it.
    if (may_open_anew && !token->MayRecover(seen)) return error;
    if (may_open_anew) {
      SIGTOKEN_ASSIGN(const auto recovery,
                      token->RecoverUnlessWell(seen, error.rv, !!used));
      opened_anew = recovery == Token::Recovery::kAnew;
      if (opened_anew) continue;
      const bool well = recovery == Token::Recovery::kNotNeeded;
      if (well && !std::exchange(repeated, true)) continue;
    }
    return used ? Explain(std::move(error), algorithm) : error;
  }
}

Result<bool> Key::State::AskModule(const MacAlgorithm& algorithm,
                                   std::span<const std::uint8_t> data,
                                   std::span<const std::uint8_t> mac) {
  return Run(algorithm, [&](Session& session, CK_OBJECT_HANDLE now) {
    return VerifyMac(session, now, algorithm, data, mac);
  });
}

bool Key::State::IsAnswerToWrongMacs(const MacAlgorithm& algorithm, CK_RV rv) {
  const auto held = token->Change();
  return held && AnswersWrongMac(*token, *held, algorithm, rv);
}

Result<bool> Key::State::VerifyByModule(const MacAlgorithm& algorithm,
                                        std::span<const std::uint8_t> data,
                                        std::span<const std::uint8_t> mac) {
  const unsigned seen = token->generation();
  auto asked = AskModule(algorithm, data, mac);
  if (asked || asked.error().call != "C_Verify") return asked;
  if (!IsAnswerToWrongMacs(algorithm, asked.error().rv)) {
    if (!IsCuredByOpeningAnew(asked.error())) return asked;
    SIGTOKEN_ASSIGN(const auto recovery,
                    token->RecoverUnlessWell(seen, asked.error().rv, true));
    if (recovery == Token::Recovery::kNotNow) return asked;
    asked = AskModule(algorithm, data, mac);
    if (asked || asked.error().call != "C_Verify" ||
        !IsAnswerToWrongMacs(algorithm, asked.error().rv)) {
      return asked;
    }
  }
  // The device is well. If the first answer was a fault that has passed, a
  // right MAC verifies now.
  auto again = AskModule(algorithm, data, mac);
  if (again || again.error().call != "C_Verify" ||
      again.error().rv != asked.error().rv) {
    return again;
  }
  return false;
}

Status Key::MayBeUsed(CK_ATTRIBUTE_TYPE use) const {
  return state_->MayBeUsed(use);
}

Result<Mac> Key::Sign(const MacAlgorithm& algorithm,
                      std::span<const std::uint8_t> data) const {
  SIGTOKEN_TRY(state_->MayBeUsed(CKA_SIGN));
  return state_->Run(algorithm, [&](Session& session, CK_OBJECT_HANDLE object) {
    return SignMac(session, object, algorithm, data);
  });
}

Result<bool> Key::Verify(const MacAlgorithm& algorithm,
                         std::span<const std::uint8_t> data,
                         std::span<const std::uint8_t> mac) const {
  SIGTOKEN_TRY(state_->MayBeUsed(CKA_VERIFY));
  if (mac.size() != algorithm.mac_bytes) return false;
  if (!state_->may_sign) {
    return state_->VerifyByModule(algorithm, data, mac);
  }
  SIGTOKEN_ASSIGN(
      const Mac right,
      state_->Run(algorithm, [&](Session& session, CK_OBJECT_HANDLE object) {
        return SignMac(session, object, algorithm, data);
      }));
  // It may have been found to be changed just now.
  SIGTOKEN_TRY(state_->MayBeUsed(CKA_VERIFY));
  return sodium_memcmp(right.bytes().data(), mac.data(), mac.size()) == 0;
}

}  // namespace sigtoken
