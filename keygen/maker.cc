#include "keygen/maker.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "keygen/destroy.h"
#include "keygen/key_template.h"
#include "keygen/known_answer.h"
#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/call.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/address_search.h"
#include "pkcs11/tokens/omnipresent.h"
#include "pkcs11/tokens/same_key.h"
#include "pkcs11/tokens/sequence.h"

namespace sigtoken {
namespace {

// Ours. Two hosts that meet once seldom meet again after a pause of a random
// length; what goes on for longer is no accident.
constexpr int kCollisionTries = 16;
constexpr std::chrono::milliseconds kLongestPause{50};

// What a module says that never makes such a key in this way: it has made none.
bool CannotMakeKeys(const Error& error) {
  return error.call == "C_GenerateKey" &&
         (error.rv == CKR_FUNCTION_NOT_SUPPORTED ||
          error.rv == CKR_MECHANISM_INVALID);
}

void PauseAtRandom() {
  std::random_device random;
  std::this_thread::sleep_for(std::chrono::milliseconds(
      random() % static_cast<unsigned>(kLongestPause.count())));
}

// Makes one key, with all that must not be interrupted in between. The guard is
// held by the caller.
class Maker {
 public:
  Maker(Token& token, const HostLock::Exclusive& held, Session session,
        const KeySpec& spec, const KeyCreation& source)
      : token_(token),
        held_(held),
        session_(std::move(session)),
        spec_(spec),
        source_(source) {}

  // Of the maker's own, for reading and writing.
  Session& session() { return *session_; }

  // The key that if_absent finds, if there is one.
  Result<std::optional<FoundKey>> Existing() {
    Attributes wanted;
    wanted.Number(CKA_CLASS, CKO_SECRET_KEY).Text(CKA_LABEL, spec_.label);
    SIGTOKEN_ASSIGN(const auto objects, InSight(wanted));
    if (objects.empty()) return std::optional<FoundKey>();
    if (objects.size() > 1) {
      return Refusal(kHandleInvalid, CKR_OBJECT_HANDLE_INVALID,
                     std::to_string(objects.size()) + " keys are labelled " +
                         Quoted(spec_.label),
                     "use a label that only one key has");
    }
    SIGTOKEN_ASSIGN(FoundKey found, Examine(token_, held_, objects.front()));
    if (const std::string why = WhyNot(found); !why.empty()) {
      return Refusal(
          kParameterInvalid, CKR_ARGUMENTS_BAD,
          "a key labelled " + Quoted(spec_.label) + " is there, but " + why,
          "use another label, or delete that key first");
    }
    return std::optional<FoundKey>(std::move(found));
  }

  // One try with one number. False when another host took it too: then our key
  // is withdrawn, for the other one may be in use there.
  Result<bool> MakeUnder(ObjectId id, MadeKey& made) {
    const CallWatch::CallByCall to_the_end;
    SIGTOKEN_ASSIGN(CK_OBJECT_HANDLE object, Create(id, made.not_kept));
    bool rival = false;
    auto finish = [&]() -> Status {
      SIGTOKEN_ASSIGN(rival, HasRival(id));
      if (rival) return Ok();
      SIGTOKEN_ASSIGN(made.key, Prove(id));
      SIGTOKEN_ASSIGN(rival, HasRivalAfresh(id, made.key, object));
      if (rival) return Ok();
      return Record(made.key, made.not_kept);
    };
    auto finished = finish();
    if (finished && !rival) return true;
    if (!finished && object == CK_INVALID_HANDLE) {
      left_ = id;
      return std::move(finished).error();
    }
    const auto destroyed =
        object == CK_INVALID_HANDLE ? Ok() : Destroy(id, object);
    if (!finished) {
      if (!destroyed) left_ = id;
      return std::move(finished).error();
    }
    if (destroyed) return false;
    // Beside another host's key of the same address.
    return MayBeLeft(destroyed.error(), NameOf(id));
  }

  // What may be in the token, though it does not count as made.
  std::optional<ObjectId> left() const { return left_; }

 private:
  // What fits, without the keys of other ICSF tokens that live in the same
  // PKCS#11 token: their labels are not this one's.
  Result<std::vector<CK_OBJECT_HANDLE>> InSight(const Attributes& wanted) {
    SIGTOKEN_ASSIGN(const auto objects, FindObjects(*session_, wanted));
    SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token_));
    std::vector<CK_OBJECT_HANDLE> in_sight;
    for (const CK_OBJECT_HANDLE object : objects) {
      SIGTOKEN_ASSIGN(const KeyAttributes attributes,
                      ReadKeyAttributes(*session_, object));
      if (!book.IsOfAnotherName(attributes)) in_sight.push_back(object);
    }
    return in_sight;
  }

  // The object, with the optional protections that the module takes.
  Result<CK_OBJECT_HANDLE> Create(ObjectId id,
                                  std::vector<std::string>& not_kept) {
    Attributes attributes =
        RequiredAttributes(spec_, Handle(token_.name(), id));
    AddOptionalProtections(spec_, attributes);
    std::vector<OptionalProtection> protections = OptionalProtections();
    std::erase_if(protections, [this](const OptionalProtection& each) {
      return spec_.modifiable && each.type == CKA_MODIFIABLE;
    });
    not_kept.clear();
    for (std::size_t given_up = 0;; ++given_up) {
      auto made = source_.create(*session_, attributes);
      if (made) return made;
      // A module may have made the key, or half of it, and failed then.
      const auto taken_back = TakeBack(
          token_, held_, *session_, AddressOf(token_.name(), id), NameOf(id));
      if (!taken_back) {
        left_ = id;
        return made;
      }
      if (!MayBeTheTemplate(made.error().rv) ||
          given_up == protections.size()) {
        return made;
      }
      attributes.Remove(protections[given_up].type);
      not_kept.emplace_back(protections[given_up].name);
    }
  }

  // The objects with that address, of which one was made just now.
  Result<std::vector<CK_OBJECT_HANDLE>> MadeObjects(ObjectId id) {
    SIGTOKEN_ASSIGN(auto objects,
                    FindObjects(*session_, AddressOf(token_.name(), id)));
    if (!objects.empty()) return objects;
    return Error{CKR_FUNCTION_FAILED, "C_FindObjects",
                 "the module said that it made the key " +
                     Handle(token_.name(), id).FormatShort() +
                     " and does not show it",
                 "look at the module's device: it may be full or read-only",
                 kNotAvailable};
  }

  // Whether another host has made a key of that number too.
  Result<bool> HasRival(ObjectId id) {
    SIGTOKEN_ASSIGN(const auto objects, MadeObjects(id));
    return objects.size() > 1;
  }

  // As HasRival(), of a module that was initialised anew, where nothing else in
  // this process uses it. `key` and `object` are then as they were found again;
  // CK_INVALID_HANDLE after an error, and for a key that the other host's has
  // overwritten.
  Result<bool> HasRivalAfresh(ObjectId id, FoundKey& key,
                              CK_OBJECT_HANDLE& object) {
    if (token_.is_of_this_host()) return false;
    session_.reset();
    const CK_OBJECT_HANDLE before = std::exchange(object, CK_INVALID_HANDLE);
    const auto renewed = token_.Renew(held_);
    SIGTOKEN_TRY(renewed);
    SIGTOKEN_ASSIGN(session_, token_.OpenSession(held_, Access::kReadWrite));
    if (!*renewed) {
      object = before;
      return false;
    }
    SIGTOKEN_ASSIGN(const auto objects, MadeObjects(id));
    if (objects.size() == 1 && !key.check_mac) {
      object = key.object = objects.front();
      return false;
    }
    for (const CK_OBJECT_HANDLE candidate : objects) {
      auto found = ExamineAs(token_, held_, candidate, id);
      if (!found || !found->check_mac) continue;
      if (found->check_mac != key.check_mac) continue;
      object = candidate;
      key = *std::move(found);
    }
    if (object != CK_INVALID_HANDLE) return objects.size() > 1;
    if (key.check_mac) return true;
    return Unavailable(std::to_string(objects.size()) + " keys are " +
                           Handle(token_.name(), id).FormatShort() +
                           " now, and which of them is the new one is not to "
                           "be seen",
                       "let all who use the token use one state store");
  }

  // Destroys the object, and sees that it is gone.
  Status Destroy(ObjectId id, CK_OBJECT_HANDLE object) {
    const Attributes address = AddressOf(token_.name(), id);
    // By its handle: it may not have the address that it was to have.
    if (DestroyObject(*session_, object) &&
        CheckGone(token_, *session_, address, NameOf(id), object)) {
      return Ok();
    }
    return TakeBack(token_, held_, *session_, address, NameOf(id), object);
  }

  Result<FoundKey> Prove(ObjectId id) {
    SIGTOKEN_ASSIGN(const CK_OBJECT_HANDLE object,
                    FindObject(token_, *session_, id));
    // Before Examine(), which makes the check value: only here is a key that
    // is too short told which size the module needs.
    SIGTOKEN_TRY(CheckKnownAnswer(token_, held_, object, spec_,
                                  source_.every_algorithm));
    SIGTOKEN_ASSIGN(FoundKey found, ExamineAs(token_, held_, object, id));
    SIGTOKEN_TRY(CheckReadBack(spec_, source_.stored_bytes, *found.handle,
                               found.attributes));
    if (source_.proof) SIGTOKEN_TRY(source_.proof(found));
    if (source_.check_mac) SIGTOKEN_TRY(CheckHolds(found));
    return found;
  }

  // Of a key that may not sign: of any other, source_.proof tells.
  Status CheckHolds(const FoundKey& found) {
    auto same = CheckSameKey(token_, held_, found, found.handle->FormatShort(),
                             *source_.check_mac);
    if (same || same.error().rv != CKR_KEY_CHANGED) return same;
    return Error{CKR_DEVICE_ERROR, "C_Verify",
                 "the module holds another key than it was given; it was "
                 "destroyed again",
                 "the module or its device is faulty: replace it",
                 kNotAvailable};
  }

  Status Record(FoundKey& key, const std::vector<std::string>& not_kept) {
    ObjectRecord record;
    record.id = *key.handle->object();
    record.bytes = spec_.bytes;
    if (spec_.algorithm != nullptr) record.algorithm = spec_.algorithm->name;
    record.check_mac = key.check_mac ? key.check_mac : source_.check_mac;
    record.created = Now();
    record.exportable = spec_.exportable || !spec_.is_sensitive();
    record.not_kept = not_kept;
    SIGTOKEN_ASSIGN(auto transaction, token_.database().Begin());
    SIGTOKEN_TRY(PutObjectRecord(token_.database(), token_.name(), record));
    SIGTOKEN_TRY(PutKeptAttributes(token_.database(), token_.name(), record.id,
                                   spec_.kept));
    SIGTOKEN_TRY(transaction.Commit());
    key.record = std::move(record);
    return Ok();
  }

  // Why a key that is there is not the one that was asked for.
  std::string WhyNot(const FoundKey& found) const {
    if (!found.handle) return "it has no handle: others made it";
    if (found.disabled()) return "it is disabled";
    if (found.handle->object()->category != spec_.category) {
      return "it has another category";
    }
    if (found.attributes.Is(CKA_SIGN) == spec_.verify_only) {
      return spec_.verify_only ? "it may sign" : "it may not sign";
    }
    if (found.attributes.Is(CKA_EXTRACTABLE) != spec_.exportable) {
      return spec_.exportable ? "it is not exportable" : "it is exportable";
    }
    if (!spec_.any_size && found.bytes() != 0 && found.bytes() != spec_.bytes) {
      return "it has " + std::to_string(found.bytes()) + " bytes and not " +
             std::to_string(spec_.bytes);
    }
    return "";
  }

  std::string NameOf(ObjectId id) const {
    return "the key " + Handle(token_.name(), id).FormatShort();
  }

  Token& token_;
  const HostLock::Exclusive& held_;
  std::optional<Session> session_;
  const KeySpec& spec_;
  const KeyCreation& source_;
  std::optional<ObjectId> left_;
};

// MakeKey() with the guard. `left` is what may be in the token after an error.
Result<MadeKey> MakeGuarded(Token& token, const KeySpec& spec,
                            const KeyCreation& source,
                            std::optional<ObjectId>& left) {
  SIGTOKEN_ASSIGN(const auto held, token.Change());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadWrite));
  // Without one, no key shows that has the number already.
  SIGTOKEN_TRY(token.CheckLoggedIn(session));
  Maker maker(token, held, std::move(session), spec, source);
  MadeKey made;
  if (spec.if_absent) {
    SIGTOKEN_ASSIGN(auto existing, maker.Existing());
    if (existing) {
      made.key = *std::move(existing);
      made.existed = true;
      return made;
    }
  }

  SIGTOKEN_ASSIGN(made.store_was_lost,
                  StoreWasLost(token, held, maker.session()));
  for (int tries = 1;; ++tries) {
    SIGTOKEN_ASSIGN(const ReservedNumber number,
                    ReserveNumber(token, held, maker.session(), spec.category));
    auto outcome = maker.MakeUnder(number.id, made);
    left = maker.left();
    if (outcome && *outcome) return made;
    if (!outcome) {
      Error& error = outcome.error();
      // Nobody knows what is there: the number stays spent.
      if (left) return std::move(error);
      if (CannotMakeKeys(error)) {
        error.cure =
            "this module makes no generic secret keys: make the value "
            "elsewhere, and bring it in with 'sigtoken key import'";
      }
      // A device that failed may make the key yet; one that refused has not.
      if (ToIcsf(error).return_code == kParameterInvalid.return_code ||
          CannotMakeKeys(error)) {
        if (auto back = GiveBack(token, held, number); !back) {
          error.cure += "; " + back.error().message;
        }
      }
      return std::move(error);
    }
    if (tries == kCollisionTries) {
      return Unavailable("another host makes keys in the token " +
                             token.name().text() + " without end",
                         "let both use one state store");
    }
    PauseAtRandom();
  }
}

// Destroys what a device that was lost has left of a key, once it is there
// again. Not where other hosts use the token too: it may be theirs by now.
Status TakeBackAnew(Token& token, ObjectId id, const std::string& name) {
  const CallWatch::CallByCall to_the_end;
  SIGTOKEN_TRY(token.Ready());
  SIGTOKEN_ASSIGN(const auto held, token.Change());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadWrite));
  const Attributes address = AddressOf(token.name(), id);
  SIGTOKEN_ASSIGN(const auto objects, FindForSure(token, session, address));
  if (objects.size() > 1) {
    return Unavailable(std::to_string(objects.size()) + " objects are " + name,
                       "see which of them is another store's");
  }
  return DestroyAll(token, session, address, name);
}

}  // namespace

KeyMaker MakerIn(Token& token) {
  return [&token](const KeySpec& spec, const KeyCreation& source) {
    return MakeKey(token, spec, source);
  };
}

Result<MadeKey> MakeKey(Token& token, const KeySpec& spec,
                        const KeyCreation& source) {
  SIGTOKEN_TRY(CheckTakesTokenObjects(token.name()));
  SIGTOKEN_TRY(CheckTokenCategory(spec.category));
  SIGTOKEN_TRY(CheckSpec(spec));
  SIGTOKEN_TRY(token.Ready());
  std::optional<ObjectId> left;
  auto made = MakeGuarded(token, spec, source, left);
  if (made || !left) return made;
  const std::string name =
      "the key " + Handle(token.name(), *left).FormatShort();
  Error error = std::move(made).error();
  error.icsf = kNotAvailable;
  if (!token.is_of_this_host()) return MayBeLeft(std::move(error), name);
  // The guard is gone: the device may be opened anew.
  const Status taken_back = TakeBackAnew(token, *left, name);
  return WithWhatIsLeft(std::move(error), taken_back, name);
}

}  // namespace sigtoken
