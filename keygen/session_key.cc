#include "keygen/session_key.h"

#include <string>
#include <utility>

#include "keygen/key_template.h"
#include "keygen/known_answer.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/objects/locate.h"
#include "pkcs11/tokens/object_index.h"

namespace sigtoken {
namespace {

Status CheckSessionCategory(char category) {
  SIGTOKEN_TRY(CheckCategory(category));
  if (category == 'S' || category == 'X') return Ok();
  return Refusal(
      kParameterInvalid, CKR_ARGUMENTS_BAD,
      "session keys have the category S or X, not " + std::string(1, category),
      "use S for a clear or X for a secure session object");
}

// By its address: the module may have been opened anew, and have given the
// object's own handle to another one.
Status DestroyAll(Session& session, const Handle& handle) {
  SIGTOKEN_ASSIGN(
      const auto objects,
      FindObjects(session, AddressOf(handle.token_name(), *handle.object())));
  for (const CK_OBJECT_HANDLE object : objects) {
    SIGTOKEN_TRY(DestroyObject(session, object));
  }
  return Ok();
}

// The proof that it works, and what it is.
Result<FoundKey> Prove(Token& token, CK_OBJECT_HANDLE object, ObjectId id,
                       const KeySpec& spec, const KeyCreation& source) {
  SIGTOKEN_ASSIGN(const auto held, token.Change());
  SIGTOKEN_TRY(
      CheckKnownAnswer(token, held, object, spec, source.every_algorithm));
  SIGTOKEN_ASSIGN(FoundKey found, ExamineAs(token, held, object, id));
  SIGTOKEN_TRY(CheckReadBack(spec, source.stored_bytes, *found.handle,
                             found.attributes));
  if (source.proof) SIGTOKEN_TRY(source.proof(found));
  return found;
}

}  // namespace

Result<MadeKey> MakeSessionKey(Icsf& icsf, Token& token, const KeySpec& spec,
                               const KeyCreation& source) {
  SIGTOKEN_TRY(CheckSessionCategory(spec.category));
  SIGTOKEN_TRY(CheckSpec(spec));
  const ObjectId id{icsf.sessions().NextSequence(token.name()), spec.category};
  const Handle handle(token.name(), id);
  SIGTOKEN_ASSIGN(
      const CK_OBJECT_HANDLE object,
      token.MakeInLogin([&](Session& session, const HostLock::Shared&) {
        return source.create(session, RequiredAttributes(spec, handle));
      }));
  auto found = Prove(token, object, id, spec, source);
  if (!found) {
    const auto destroyed =
        token.MakeInLogin([&](Session& session, const HostLock::Shared&) {
          return DestroyAll(session, handle);
        });
    if (!destroyed) {
      found.error().cure += "; " + destroyed.error().message;
    }
    return std::move(found).error();
  }
  icsf.sessions().Put(handle, {spec.bytes, spec.kept});
  MadeKey made;
  made.key = *std::move(found);
  return made;
}

Status DeleteSessionObject(Icsf& icsf, Token& token, ObjectId id) {
  SIGTOKEN_TRY(token.MakeInLogin([&](Session& session,
                                     const HostLock::Shared& held) -> Status {
    SIGTOKEN_ASSIGN(const Located located, Locate(token, held, session, id));
    return DestroyObject(session, located.object);
  }));
  icsf.sessions().Remove(Handle(token.name(), id));
  return Ok();
}

KeyMaker MakerFor(Icsf& icsf, Token& token, const KeySpec& spec) {
  if (IsTokenCategory(spec.category)) return MakerIn(token);
  return [&icsf, &token](const KeySpec& asked, const KeyCreation& source) {
    return MakeSessionKey(icsf, token, asked, source);
  };
}

}  // namespace sigtoken
