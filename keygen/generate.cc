#include "keygen/generate.h"

#include <algorithm>
#include <utility>

#include "keygen/key_template.h"
#include "keygen/known_answer.h"
#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/sequence.h"

namespace sigtoken {
namespace {

Error OutOfRange(std::string message, std::string cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, std::move(message),
                 std::move(cure));
}

Status CheckSpec(const KeySpec& spec) {
  if (spec.category != 'T' && spec.category != 'Y') {
    SIGTOKEN_TRY(CheckCategory(spec.category));
    return OutOfRange("keys of category " + Quoted({&spec.category, 1}) +
                          " do not outlive the process that makes them",
                      "use T for a clear or Y for a secure token object");
  }
  if (spec.bytes == 0 || spec.bytes > kMaxKeyBytes) {
    return OutOfRange(
        "a key of " + std::to_string(spec.bytes) + " bytes cannot be generated",
        "use 1 to " + std::to_string(kMaxKeyBytes) + " bytes");
  }
  if (spec.label.size() > kMaxLabelBytes) {
    return OutOfRange("the label " + Quoted(spec.label) + " is longer than " +
                          std::to_string(kMaxLabelBytes) + " bytes",
                      "use a shorter one");
  }
  if (std::any_of(spec.label.begin(), spec.label.end(),
                  [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; })) {
    return OutOfRange(
        "the label " + Quoted(spec.label) + " has control characters",
        "use printable text");
  }
  if (spec.exportable && spec.category == 'Y') {
    return Refusal(kAttributeValueInvalid, CKR_TEMPLATE_INCONSISTENT,
                   "a key of category Y is never exportable",
                   "use category T, or leave --exportable out");
  }
  if (spec.if_absent && spec.label.empty()) {
    return OutOfRange("'if absent' needs a label to look for",
                      "add --label LABEL");
  }
  return Ok();
}

// How often a number is given up because another host took it too.
constexpr int kMaxCollisions = 3;

// Makes one key, with all that must not be interrupted in between. The guard is
// held by the caller.
class Maker {
 public:
  Maker(Token& token, const HostLock::Exclusive& held, Session& session,
        const KeySpec& spec)
      : token_(token), held_(held), session_(session), spec_(spec) {}

  // The key that if_absent finds, if there is one.
  Result<std::optional<FoundKey>> Existing() {
    Attributes wanted;
    wanted.Number(CKA_CLASS, CKO_SECRET_KEY).Text(CKA_LABEL, spec_.label);
    SIGTOKEN_ASSIGN(const auto objects, FindObjects(session_, wanted));
    if (objects.empty()) return std::optional<FoundKey>();
    SIGTOKEN_ASSIGN(
        const CK_OBJECT_HANDLE object,
        FindOne(session_, wanted, "labelled " + Quoted(spec_.label)));
    SIGTOKEN_ASSIGN(FoundKey found, Examine(token_, held_, object));
    return std::optional<FoundKey>(std::move(found));
  }

  // C_GenerateKey, with the optional protections that the module takes.
  Status Generate(ObjectId id, std::vector<std::string>& not_kept) {
    const Handle handle(token_.name(), id);
    Attributes attributes = RequiredAttributes(spec_, handle);
    AddOptionalProtections(attributes);
    const auto& protections = OptionalProtections();
    for (std::size_t given_up = 0;; ++given_up) {
      auto made = GenerateGenericSecret(session_, attributes);
      if (made) {
        own_ = *made;
        return Ok();
      }
      // A module may have made the key, or half of it, and failed then.
      SIGTOKEN_TRY(Destroy(id));
      if (!MayBeTheTemplate(made.error().rv) ||
          given_up == protections.size()) {
        return std::move(made).error();
      }
      attributes.Remove(protections[given_up].type);
      not_kept.emplace_back(protections[given_up].name);
    }
  }

  // Destroys whatever carries the address, and sees that it is gone.
  Status Destroy(ObjectId id) {
    const Attributes address = AddressOf(token_.name(), id);
    SIGTOKEN_ASSIGN(const auto objects, FindObjects(session_, address));
    for (const CK_OBJECT_HANDLE object : objects) {
      SIGTOKEN_TRY(DestroyObject(session_, object));
    }
    SIGTOKEN_ASSIGN(const auto left, FindObjects(session_, address));
    if (left.empty()) return Ok();
    return Error{CKR_FUNCTION_FAILED, "C_DestroyObject",
                 "the key " + Handle(token_.name(), id).FormatShort() +
                     " is still there after it was destroyed",
                 "look at the module's device; delete the key with --force",
                 kNotAvailable};
  }

  // Destroys the key that was made here and nothing else: another one that
  // carries the address is another host's, and may be in use there.
  Status Withdraw() { return DestroyObject(session_, own_); }

  Result<FoundKey> Prove(ObjectId id) {
    SIGTOKEN_ASSIGN(const CK_OBJECT_HANDLE object,
                    FindOne(session_, AddressOf(token_.name(), id),
                            Handle(token_.name(), id).FormatShort()));
    // Before Examine(), which makes the check value: only here is a key that
    // is too short told which size the module needs.
    SIGTOKEN_TRY(CheckKnownAnswer(token_, held_, object, spec_));
    SIGTOKEN_ASSIGN(FoundKey found, Examine(token_, held_, object));
    SIGTOKEN_TRY(CheckReadBack(spec_, *found.handle, found.attributes));
    return found;
  }

  Status Record(FoundKey& key) {
    ObjectRecord record;
    record.id = *key.handle->object();
    record.bytes = spec_.bytes;
    if (spec_.algorithm != nullptr) record.algorithm = spec_.algorithm->name;
    record.check_mac = key.check_mac;
    record.created = Now();
    SIGTOKEN_ASSIGN(auto transaction, token_.database().Begin());
    SIGTOKEN_TRY(PutObjectRecord(token_.database(), token_.name(), record));
    SIGTOKEN_TRY(transaction.Commit());
    key.record = std::move(record);
    return Ok();
  }

 private:
  static bool MayBeTheTemplate(CK_RV rv) {
    return rv == CKR_ATTRIBUTE_TYPE_INVALID ||
           rv == CKR_ATTRIBUTE_VALUE_INVALID || rv == CKR_ATTRIBUTE_READ_ONLY ||
           rv == CKR_TEMPLATE_INCONSISTENT || rv == CKR_GENERAL_ERROR;
  }

  Token& token_;
  const HostLock::Exclusive& held_;
  Session& session_;
  const KeySpec& spec_;
  CK_OBJECT_HANDLE own_ = CK_INVALID_HANDLE;  // What C_GenerateKey gave.
};

// Whether two keys turned out to carry the address.
bool IsCollision(const Error& error) { return error.icsf == kHandleInvalid; }

// One try with one number.
Result<GeneratedKey> MakeUnder(Maker& maker, ObjectId id) {
  GeneratedKey made;
  SIGTOKEN_TRY(maker.Generate(id, made.not_kept));
  auto finish = [&]() -> Status {
    SIGTOKEN_ASSIGN(made.key, maker.Prove(id));
    return maker.Record(made.key);
  };
  if (auto finished = finish(); !finished) {
    const auto destroyed =
        IsCollision(finished.error()) ? maker.Withdraw() : maker.Destroy(id);
    if (!destroyed) {
      finished.error().cure += "; " + destroyed.error().message;
      // Nobody knows what is left there: the number stays spent.
      finished.error().icsf = kNotAvailable;
    }
    return std::move(finished).error();
  }
  return made;
}

}  // namespace

Result<GeneratedKey> GenerateKey(Token& token, const KeySpec& spec) {
  SIGTOKEN_TRY(CheckSpec(spec));
  SIGTOKEN_TRY(token.Login());
  SIGTOKEN_ASSIGN(const auto held, token.Change());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadWrite));
  Maker maker(token, held, session, spec);
  if (spec.if_absent) {
    SIGTOKEN_ASSIGN(auto existing, maker.Existing());
    if (existing) return GeneratedKey{*std::move(existing), true, {}};
  }

  for (int collisions = 0;;) {
    SIGTOKEN_ASSIGN(const ReservedNumber number,
                    ReserveNumber(token, held, session, spec.category));
    auto made = MakeUnder(maker, number.id);
    if (made) return made;
    if (IsCollision(made.error())) {
      if (++collisions < kMaxCollisions) continue;
      return made;
    }
    // A device that failed may make the key yet; one that refused has not.
    if (ToIcsf(made.error()).return_code == kParameterInvalid.return_code) {
      if (auto back = GiveBack(token, held, number); !back) {
        made.error().cure += "; " + back.error().message;
      }
    }
    return made;
  }
}

}  // namespace sigtoken
