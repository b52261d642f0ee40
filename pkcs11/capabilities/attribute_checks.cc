// Which attributes the token keeps, and obeys.

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "pkcs11/capabilities/checks.h"
#include "pkcs11/capabilities/proof.h"
#include "pkcs11/capabilities/raw_calls.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/trial_key.h"

namespace sigtoken {
namespace {

// "kept", or what reading it gives.
std::string ReadBack(Session& session, CK_OBJECT_HANDLE key,
                     CK_ATTRIBUTE_TYPE type) {
  const auto value = ReadBytes(session, key, type);
  return value ? "kept" : "not to be read (" + AnswerOf(value.error()) + ")";
}

bool Refuses(Session& session, CK_OBJECT_HANDLE key, std::string& answer) {
  const Status changed = ChangeAttributes(
      session, key, Attributes().Text(CKA_LABEL, kRenamedScratchLabel));
  answer = changed ? AnswerOf("C_SetAttributeValue", CKR_OK)
                   : AnswerOf(changed.error());
  return !changed;
}

Finding MadeWithout(const Error& error, const std::string& name) {
  return Finding{CheckStatus::kLimited, AnswerOf(error),
                 "keys are made without " + name};
}

}  // namespace

Result<Finding> CheckAttributes(Scratch& scratch) {
  SIGTOKEN_ASSIGN(const ScratchKey key, scratch.MakeKey());
  SIGTOKEN_ASSIGN(Session session, scratch.Open(Access::kReadOnly));
  const Attributes asked = scratch.PlainTemplate(key.id);
  SIGTOKEN_ASSIGN(const auto different,
                  DifferentAttributes(session, key.object, asked));
  const std::size_t count = asked.ForCall().size();
  if (!different.empty()) {
    return Finding{CheckStatus::kFailed, Join(different) + " not as asked for",
                   "sigtoken destroys such keys again"};
  }
  return Finding{
      CheckStatus::kOk,
      "all " + std::to_string(count) + " that sigtoken asks for are kept",
      "keys are private, sensitive and not extractable"};
}

Result<Finding> CheckAllowedMechanisms(Scratch& scratch) {
  constexpr char kName[] = "CKA_ALLOWED_MECHANISMS";
  const CK_MECHANISM_TYPE only = Hs256().mechanism;
  std::array<std::uint8_t, sizeof only> bytes{};
  std::memcpy(bytes.data(), &only, bytes.size());
  SIGTOKEN_ASSIGN(Session session, scratch.Open());
  Attributes attributes = scratch.PlainTemplate(Scratch::NewId());
  attributes.Bytes(CKA_ALLOWED_MECHANISMS, bytes);
  const auto key = scratch.MakeWith(session, attributes);
  if (!key) return MadeWithout(key.error(), kName);
  const auto allowed = SignOnce(scratch, *key, Hs256(), {});
  const auto other = SignOnce(scratch, *key, MacAlgorithms().back(), {});
  const std::string kept = ReadBack(session, *key, CKA_ALLOWED_MECHANISMS);
  if (!allowed) {
    return Finding{
        CheckStatus::kFailed,
        kept + "; a key with it does not sign: " + AnswerOf(allowed.error()),
        "not known"};
  }
  if (other) {
    return Finding{CheckStatus::kLimited, kept + ", and not obeyed",
                   "the token itself lets keys do more than MACs"};
  }
  return Finding{CheckStatus::kOk, kept + ", and obeyed",
                 "keys make MACs and nothing else"};
}

Result<Finding> CheckModifiable(Scratch& scratch) {
  SIGTOKEN_ASSIGN(Session session, scratch.Open());
  Attributes attributes = scratch.PlainTemplate(Scratch::NewId());
  attributes.Flag(CKA_MODIFIABLE, false);
  const auto key = scratch.MakeWith(session, attributes);
  if (!key) return MadeWithout(key.error(), "CKA_MODIFIABLE");
  std::string answer;
  if (!Refuses(session, *key, answer)) {
    return Finding{CheckStatus::kLimited, "not obeyed: " + answer,
                   "whoever has the PIN can change keys"};
  }
  return Finding{CheckStatus::kOk, "obeyed: " + answer,
                 "nobody changes keys that sign identity tokens"};
}

Result<Finding> CheckOtherAttributes(Scratch& scratch) {
  constexpr std::string_view kDate = "20300101";
  struct Row {
    const char* name;
    Attributes attributes;
  };
  const Row rows[] = {
      {"CKA_COPYABLE", TrialKey().Flag(CKA_COPYABLE, false)},
      {"CKA_DESTROYABLE", TrialKey().Flag(CKA_DESTROYABLE, false)},
      {"dates",
       TrialKey().Text(CKA_START_DATE, kDate).Text(CKA_END_DATE, kDate)},
      {"CKA_APPLICATION", TrialKey().Text(CKA_APPLICATION, "sigtoken")},
  };
  std::vector<std::string> taken;
  std::vector<std::string> refused;
  std::string why;
  // In session keys: one that is not destroyable would stay in the token for
  // good, and one with dates keeps SoftHSM2 from searching.
  for (const auto& [name, attributes] : rows) {
    SIGTOKEN_ASSIGN(Session owner, scratch.Open(Access::kReadOnly));
    const auto key = scratch.SessionKeyWith(owner, attributes);
    (key ? taken : refused).emplace_back(name);
    if (!key) why = AnswerOf(key.error());
  }
  if (taken.empty()) {
    return Finding{CheckStatus::kMissing, "a session key takes none: " + why,
                   "sigtoken asks for none of them: its store keeps what keys "
                   "do not"};
  }
  return Finding{
      CheckStatus::kOk,
      "a session key takes " + Join(taken) +
          (refused.empty() ? "" : ", and not " + Join(refused)),
      "sigtoken asks for none of them: its store keeps what keys do not"};
}

Result<Finding> CheckIdAndLabel(Scratch& scratch) {
  constexpr char kConsequence[] =
      "sigtoken changes no key: it makes a changed copy";
  SIGTOKEN_ASSIGN(const ScratchKey key, scratch.MakePlainKey(Scratch::NewId()));
  SIGTOKEN_ASSIGN(Session session, scratch.Open());
  const std::string id = Scratch::NewId();
  const Status changed = ChangeAttributes(
      session, key.object,
      Attributes().Text(CKA_LABEL, kRenamedScratchLabel).Text(CKA_ID, id));
  if (!changed) {
    return Finding{CheckStatus::kMissing, AnswerOf(changed.error()),
                   kConsequence};
  }
  SIGTOKEN_ASSIGN(const auto found, Scratch::Find(session, id));
  if (found.size() != 1) {
    return Finding{CheckStatus::kFailed,
                   "the change was taken, and is not to be seen", kConsequence};
  }
  return Finding{CheckStatus::kOk, "can be changed in place", kConsequence};
}

}  // namespace sigtoken
