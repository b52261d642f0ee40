#include "pkcs11/capabilities/scratch.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/trial_key.h"

namespace sigtoken {
namespace {

constexpr std::size_t kRandomBytes = 8;
constexpr std::size_t kKeyBytes = 64;
// Once with the session at hand, which may be in a bad state, and once more.
constexpr int kCleanUpTries = 2;

bool IsGone(CK_RV rv) {
  return rv == CKR_OBJECT_HANDLE_INVALID || rv == CKR_KEY_HANDLE_INVALID;
}

bool BeginsAsOurs(const std::vector<std::uint8_t>& value) {
  return value.size() >= kScratchIdPrefix.size() &&
         std::equal(kScratchIdPrefix.begin(), kScratchIdPrefix.end(),
                    value.begin());
}

bool IsData(const std::vector<std::uint8_t>& object_class) {
  constexpr CK_OBJECT_CLASS kData = CKO_DATA;
  return object_class.size() == sizeof kData &&
         std::memcmp(object_class.data(), &kData, sizeof kData) == 0;
}

// The value of a key is not looked at: it may be readable.
Result<bool> HasScratchId(Session& session, CK_OBJECT_HANDLE object) {
  SIGTOKEN_ASSIGN(auto values,
                  ReadAttributes(session, object, {{CKA_CLASS, CKA_ID}}));
  if (!IsData(values[CKA_CLASS])) return BeginsAsOurs(values[CKA_ID]);
  SIGTOKEN_ASSIGN(
      values, ReadAttributes(session, object, {{CKA_OBJECT_ID, CKA_VALUE}}));
  return BeginsAsOurs(values[CKA_OBJECT_ID]) || BeginsAsOurs(values[CKA_VALUE]);
}

}  // namespace

Result<std::vector<CK_OBJECT_HANDLE>> FindScratchObjects(Session& session) {
  std::vector<CK_OBJECT_HANDLE> all;
  for (const auto label : {kScratchLabel, kRenamedScratchLabel}) {
    SIGTOKEN_ASSIGN(
        const auto labelled,
        FindObjects(session,
                    Attributes().Flag(CKA_TOKEN, true).Text(CKA_LABEL, label)));
    for (const CK_OBJECT_HANDLE object : labelled) {
      SIGTOKEN_ASSIGN(const bool ours, HasScratchId(session, object));
      if (ours) all.push_back(object);
    }
  }
  return all;
}

std::string Scratch::NewId() {
  std::array<std::uint8_t, kRandomBytes> random{};
  randombytes_buf(random.data(), random.size());
  return std::string(kScratchIdPrefix) + Hex(random);
}

Result<CK_OBJECT_HANDLE> Scratch::Keep(Session& session, const Make& make) {
  if (!known_.destroys) {
    return Error{CKR_FUNCTION_REJECTED,
                 "",
                 "not tried: nothing more is made in a token that does not "
                 "destroy it again",
                 "",
                 {}};
  }
  // A module may make one and say that it failed.
  may_be_made_ = true;
  auto made = make(session);
  if (!made) return made;
  ++known_.made;
  objects_.push_back(*made);
  return made;
}

Status Scratch::Destroy(Session& session, CK_OBJECT_HANDLE object) {
  std::erase(objects_, object);
  auto destroyed = DestroyObject(session, object);
  if (destroyed) ++known_.destroyed;
  return destroyed;
}

Result<std::vector<CK_OBJECT_HANDLE>> Scratch::Find(Session& session,
                                                    const std::string& id) {
  return FindObjects(
      session, Attributes().Number(CKA_CLASS, CKO_SECRET_KEY).Text(CKA_ID, id));
}

Result<ScratchKey> Scratch::MakeByRecipe(const Create& create) {
  SIGTOKEN_ASSIGN(Session session, Open());
  ScratchKey key{CK_INVALID_HANDLE, NewId(), {}};
  Attributes attributes = recipe_.attributes;
  attributes.Text(CKA_LABEL, kScratchLabel).Text(CKA_ID, key.id);
  for (std::size_t given_up = 0;; ++given_up) {
    const auto made =
        Keep(session, [&](Session& in) { return create(in, attributes); });
    if (made) {
      key.object = *made;
      return key;
    }
    // A module may have made the key, or half of it, and failed then.
    SIGTOKEN_ASSIGN(const auto half, Find(session, key.id));
    for (const CK_OBJECT_HANDLE object : half) {
      SIGTOKEN_TRY(DestroyObject(session, object));
    }
    if (!MayBeTheTemplate(made.error().rv) ||
        given_up == recipe_.optional.size()) {
      return made.error();
    }
    attributes.Remove(recipe_.optional[given_up].type);
    key.not_kept.push_back(recipe_.optional[given_up].name);
  }
}

Result<ScratchKey> Scratch::GenerateKey(std::size_t bytes) {
  return MakeByRecipe([&](Session& session, Attributes attributes) {
    attributes.Number(CKA_VALUE_LEN, bytes);
    return GenerateGenericSecret(session, attributes);
  });
}

Result<ScratchKey> Scratch::ImportKey(std::span<const std::uint8_t> value) {
  SIGTOKEN_ASSIGN(Secret secret, Secret::OfSize(value.size()));
  std::copy(value.begin(), value.end(), secret.data());
  return MakeByRecipe([&](Session& session, const Attributes& attributes) {
    return CreateSecretKey(session, attributes, secret);
  });
}

// Of a key by one of two ways, where neither gave one. What the first answered
// is told by its own check.
Error Scratch::NoKey(Error error) const {
  if (known_.generates || known_.imports || error.call.empty()) return error;
  return Error{
      CKR_FUNCTION_REJECTED, "", "not tried: no key can be made", "", {}};
}

Result<ScratchKey> Scratch::MakeKey() {
  auto generated = GenerateKey(kKeyBytes);
  if (generated) return generated;
  SIGTOKEN_ASSIGN(const Secret random, Secret::RandomHex(kKeyBytes));
  auto imported = ImportKey({random.data(), random.size()});
  if (imported) return imported;
  return NoKey(std::move(generated).error());
}

Result<CK_OBJECT_HANDLE> Scratch::SessionKeyWith(Session& owner,
                                                 const Attributes& attributes) {
  Attributes sized = attributes;
  auto generated =
      GenerateGenericSecret(owner, sized.Number(CKA_VALUE_LEN, kKeyBytes));
  if (generated) return generated;
  SIGTOKEN_ASSIGN(Secret random, Secret::RandomHex(kKeyBytes));
  const auto imported = CreateSecretKey(owner, attributes, random);
  if (imported) return *imported;
  return generated;
}

Result<CK_OBJECT_HANDLE> Scratch::SigningKey(Session& owner) {
  if (const auto made = SessionKeyWith(owner, TrialKey())) return *made;
  SIGTOKEN_ASSIGN(const ScratchKey key, MakeKey());
  return key.object;
}

Result<CK_OBJECT_HANDLE> Scratch::MakeWith(Session& session,
                                           const Attributes& attributes) {
  auto generated = Keep(session, [&](Session& in) {
    Attributes sized = attributes;
    return GenerateGenericSecret(in, sized.Number(CKA_VALUE_LEN, kKeyBytes));
  });
  if (generated || known_.generates) return generated;
  SIGTOKEN_ASSIGN(Secret random, Secret::RandomHex(kKeyBytes));
  auto imported = Keep(session, [&](Session& in) {
    return CreateSecretKey(in, attributes, random);
  });
  if (imported || known_.imports) return imported;
  return NoKey(std::move(generated).error());
}

Attributes Scratch::PlainTemplate(const std::string& id) const {
  Attributes attributes = recipe_.attributes;
  for (const auto& [type, name] : recipe_.optional) attributes.Remove(type);
  attributes.Text(CKA_LABEL, kScratchLabel).Text(CKA_ID, id);
  return attributes;
}

Result<ScratchKey> Scratch::MakePlainKey(const std::string& id) {
  SIGTOKEN_ASSIGN(Session session, Open());
  SIGTOKEN_ASSIGN(const auto object, MakeWith(session, PlainTemplate(id)));
  return ScratchKey{object, id, {}};
}

Result<std::size_t> Scratch::TryToCleanUp() {
  if (objects_.empty()) {
    // In a token that is write-protected there is nothing to destroy.
    SIGTOKEN_ASSIGN(Session looking, Open(Access::kReadOnly));
    SIGTOKEN_ASSIGN(const auto found, FindScratchObjects(looking));
    if (found.empty()) return std::size_t{0};
  }
  SIGTOKEN_ASSIGN(Session session, Open());
  std::optional<Error> failed;
  std::vector<CK_OBJECT_HANDLE> left;
  for (const CK_OBJECT_HANDLE object : objects_) {
    auto destroyed = DestroyObject(session, object);
    if (destroyed) ++known_.destroyed;
    // A key of the same CKA_ID may have taken its place.
    if (destroyed || IsGone(destroyed.error().rv)) continue;
    left.push_back(object);
    failed = std::move(destroyed).error();
  }
  objects_ = std::move(left);
  SIGTOKEN_ASSIGN(const auto others, FindScratchObjects(session));
  for (const CK_OBJECT_HANDLE object : others) {
    auto destroyed = DestroyObject(session, object);
    if (!destroyed) failed = std::move(destroyed).error();
  }
  if (failed) return *std::move(failed);
  SIGTOKEN_ASSIGN(const auto still_there, FindScratchObjects(session));
  if (still_there.empty()) return others.size();
  return Error{CKR_FUNCTION_FAILED,
               "",
               "the module says that it destroys them, and shows them still",
               "",
               {}};
}

Result<std::size_t> Scratch::CleanUp() {
  if (!may_be_made_) return std::size_t{0};
  auto done = TryToCleanUp();
  for (int tries = 1; !done && tries < kCleanUpTries; ++tries) {
    done = TryToCleanUp();
  }
  return done;
}

}  // namespace sigtoken
