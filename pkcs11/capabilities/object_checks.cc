// How the token keeps objects: keys beside each other, copies, data objects,
// those of a session.

#include <algorithm>
#include <string>
#include <vector>

#include "pkcs11/capabilities/checks.h"
#include "pkcs11/capabilities/proof.h"
#include "pkcs11/capabilities/raw_calls.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/handle_reuse.h"
#include "pkcs11/tokens/trial_key.h"

namespace sigtoken {
namespace {

constexpr std::string_view kApplication = "sigtoken";

bool Contains(const std::vector<CK_OBJECT_HANDLE>& list,
              CK_OBJECT_HANDLE object) {
  return std::find(list.begin(), list.end(), object) != list.end();
}

bool Equal(const Result<Mac>& a, const Result<Mac>& b) {
  return a && b && std::ranges::equal(a->bytes(), b->bytes());
}

}  // namespace

Result<Finding> CheckDuplicateId(Scratch& scratch) {
  const std::string id = Scratch::NewId();
  SIGTOKEN_ASSIGN(const ScratchKey first, scratch.MakePlainKey(id));
  SIGTOKEN_ASSIGN(const Mac before,
                  SignOnce(scratch, first.object, Hs256(), {}));
  const auto second = scratch.MakePlainKey(id);
  if (!second) {
    return Finding{
        CheckStatus::kOk,
        "a second key of one CKA_ID is refused: " + AnswerOf(second.error()),
        "no key takes the place of another"};
  }
  SIGTOKEN_ASSIGN(Session session, scratch.Open(Access::kReadOnly));
  SIGTOKEN_ASSIGN(const auto found, Scratch::Find(session, id));
  const auto after = SignOnce(scratch, first.object, Hs256(), {});
  const bool kept = after && std::ranges::equal(after->bytes(), before.bytes());
  if (found.size() == 2 && kept) {
    return Finding{CheckStatus::kOk, "two keys of one CKA_ID stay two keys",
                   "of two hosts that take one number, one withdraws its key"};
  }
  return Finding{CheckStatus::kLimited,
                 "a key of the same CKA_ID takes the place of the first",
                 "only one host, with one state store, may make keys in it"};
}

Result<Finding> CheckCopy(Scratch& scratch) {
  SIGTOKEN_ASSIGN(const ScratchKey key, scratch.MakePlainKey(Scratch::NewId()));
  SIGTOKEN_ASSIGN(Session session, scratch.Open());
  const auto copy = scratch.Keep(session, [&](Session& in) {
    return CopyObject(in, key.object,
                      Attributes().Text(CKA_ID, Scratch::NewId()));
  });
  if (!copy) {
    return Finding{CheckStatus::kMissing, AnswerOf(copy.error()),
                   "CSFPSAV changes no key here"};
  }
  if (!Equal(SignOnce(scratch, key.object, Hs256(), {}),
             SignOnce(scratch, *copy, Hs256(), {}))) {
    return Finding{CheckStatus::kFailed, "the copy is another key",
                   "CSFPSAV changes no key here"};
  }
  return Finding{CheckStatus::kOk, "a copy signs as its original does",
                 "CSFPSAV changes keys, by a copy"};
}

Result<Finding> CheckDestroy(Scratch& scratch) {
  constexpr char kConsequence[] =
      "'sigtoken key delete' is not to be relied on: use the vendor's tool";
  if (!scratch.known().destroys) {
    SIGTOKEN_ASSIGN(Session looking, scratch.Open(Access::kReadOnly));
    SIGTOKEN_ASSIGN(const auto left, FindScratchObjects(looking));
    return Finding{CheckStatus::kFailed,
                   "what the checks before have made was not destroyed",
                   left.empty() ? kConsequence
                                : "'sigtoken key delete' is impossible, and a "
                                  "scratch key stays"};
  }
  SIGTOKEN_ASSIGN(const ScratchKey key, scratch.MakeKey());
  SIGTOKEN_ASSIGN(Session session, scratch.Open());
  const Status destroyed = scratch.Destroy(session, key.object);
  if (!destroyed) {
    return Finding{CheckStatus::kFailed, AnswerOf(destroyed.error()),
                   kConsequence};
  }
  SIGTOKEN_ASSIGN(const auto left, Scratch::Find(session, key.id));
  if (!left.empty()) {
    return Finding{CheckStatus::kFailed, "the key is still there afterwards",
                   kConsequence};
  }
  if (SignOnce(scratch, key.object, Hs256(), {})) {
    return Finding{CheckStatus::kFailed, "the key still signs afterwards",
                   kConsequence};
  }
  return Finding{CheckStatus::kOk, "a key that was destroyed is gone",
                 "'sigtoken key delete' deletes for good"};
}

Result<Finding> CheckHandles(Scratch& scratch) {
  SIGTOKEN_ASSIGN(Session session, scratch.Open(Access::kReadOnly));
  if (!scratch.known().destroys) {
    return Finding{CheckStatus::kMissing,
                   "not tried: no object is destroyed here",
                   "a key's CKA_ID is read before each signature, which costs "
                   "time"};
  }
  const auto made = MakeTrialKey(session, kMaxMacBytes);
  if (MayReuseHandles(scratch.held(), session)) {
    return Finding{CheckStatus::kLimited,
                   made ? "that of a destroyed object is dealt again"
                        : "not known: " + AnswerOf(made.error()),
                   "a key's CKA_ID is read before each signature, which costs "
                   "time"};
  }
  return Finding{CheckStatus::kOk,
                 "that of a destroyed object is not dealt again",
                 "a key that was found is used without another look"};
}

Result<Finding> CheckSessionObjects(Scratch& scratch) {
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
  bool shared = false;
  {
    SIGTOKEN_ASSIGN(Session owner, scratch.Open(Access::kReadOnly));
    const auto made = Scratch::SessionKeyWith(owner, TrialKey());
    if (!made) {
      return Finding{CheckStatus::kMissing, AnswerOf(made.error()),
                     "keys of category S and X are refused, and MACs are not "
                     "tried before the module is used"};
    }
    key = *made;
    shared = SignOnce(scratch, key, Hs256(), {}).has_value();
  }
  if (!shared) {
    return Finding{CheckStatus::kLimited,
                   "a session key signs in no other session",
                   "keys of category S and X do not sign here"};
  }
  if (SignOnce(scratch, key, Hs256(), {})) {
    return Finding{CheckStatus::kLimited, "a session key outlives its session",
                   "keys of category S and X may stay until the program ends"};
  }
  return Finding{CheckStatus::kOk, "a session key ends with its session",
                 "keys of category S and X work, and leave nothing behind"};
}

Result<Finding> CheckDataObjects(Scratch& scratch) {
  const std::string id = Scratch::NewId();
  SIGTOKEN_ASSIGN(Session session, scratch.Open());
  Attributes attributes;
  attributes.Number(CKA_CLASS, CKO_DATA)
      .Flag(CKA_TOKEN, true)
      .Flag(CKA_PRIVATE, true)
      .Text(CKA_LABEL, kScratchLabel)
      .Text(CKA_APPLICATION, kApplication)
      .Text(CKA_OBJECT_ID, id)
      .Text(CKA_VALUE, id);
  const auto object = scratch.Keep(
      session, [&](Session& in) { return CreateObject(in, attributes); });
  if (!object) {
    return Finding{CheckStatus::kMissing, AnswerOf(object.error()),
                   "CSFPTRC makes no data objects in it"};
  }
  SIGTOKEN_ASSIGN(const auto by_label,
                  FindObjects(session, Attributes()
                                           .Number(CKA_CLASS, CKO_DATA)
                                           .Text(CKA_LABEL, kScratchLabel)));
  SIGTOKEN_ASSIGN(
      const auto by_id,
      FindObjects(
          session,
          Attributes().Number(CKA_CLASS, CKO_DATA).Text(CKA_OBJECT_ID, id)));
  SIGTOKEN_ASSIGN(const auto different,
                  DifferentAttributes(session, *object, attributes));
  if (!Contains(by_label, *object) || !Contains(by_id, *object) ||
      !different.empty()) {
    return Finding{CheckStatus::kFailed,
                   different.empty() ? "one is made, and not found again"
                                     : Join(different) + " not as asked for",
                   "CSFPTRC makes no data objects in it"};
  }
  const Status changed = ChangeAttributes(
      session, *object, Attributes().Text(CKA_VALUE, Scratch::NewId()));
  return Finding{
      CheckStatus::kOk,
      changed ? "kept, and can be changed in place"
              : "kept; to change one in place: " + AnswerOf(changed.error()),
      "CSFPTRC makes data objects, and CSFPSAV makes them anew"};
}

}  // namespace sigtoken
