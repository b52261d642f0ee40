#include "keygen/data_object.h"

#include <string>
#include <utility>

#include "keygen/destroy.h"
#include "pkcs11/objects/locate.h"
#include "pkcs11/tokens/omnipresent.h"
#include "pkcs11/tokens/pending.h"
#include "pkcs11/tokens/sequence.h"

namespace sigtoken {
namespace {

AttributeValues ValuesOf(const DataSpec& spec) {
  return {{CKA_LABEL, spec.label},
          {CKA_APPLICATION, spec.application},
          {CKA_VALUE, spec.value}};
}

// Whether the module shows what it said that it made.
Status CheckMade(Token& token, const HostLock::Shared& held,
                 const Handle& handle, const DataSpec& spec) {
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  SIGTOKEN_ASSIGN(
      const auto found,
      FindObjects(session, DataAddressOf(token.name(), *handle.object())));
  bool whole = found.size() == 1;
  if (whole) {
    SIGTOKEN_ASSIGN(whole, HasPending(session, found.front(),
                                      FormatPending(ValuesOf(spec))));
  }
  if (whole) return Ok();
  return Error{CKR_FUNCTION_FAILED, "C_CreateObject",
               "the module said that it made the data object " +
                   handle.FormatShort() + " and does not show it as it is",
               "look at the module's device: it may be full or read-only",
               kNotAvailable};
}

std::string NameOf(const Handle& handle) {
  return "the data object " + handle.FormatShort();
}

// The search for whatever carries the address: nothing did before.
Attributes AddressOf(const Handle& handle) {
  return DataAddressOf(handle.token_name(), *handle.object());
}

Status Record(Token& token, ObjectId id, const DataSpec& spec) {
  ObjectRecord record;
  record.id = id;
  record.object_class = CKO_DATA;
  record.bytes = spec.value.size();
  record.created = Now();
  SIGTOKEN_ASSIGN(auto transaction, token.database().Begin());
  SIGTOKEN_TRY(PutObjectRecord(token.database(), token.name(), record));
  SIGTOKEN_TRY(
      PutKeptAttributes(token.database(), token.name(), id, spec.kept));
  return transaction.Commit();
}

Result<Handle> MakeInSession(Icsf& icsf, Token& token, const DataSpec& spec) {
  const Handle handle(token.name(), {icsf.sessions().NextSequence(token.name()),
                                     spec.category});
  const Status done = token.MakeInLogin(
      [&](Session& session, const HostLock::Shared& held) -> Status {
        auto object = CreateObject(session, DataAttributes(spec, handle));
        if (!object) return std::move(object).error();
        auto made = CheckMade(token, held, handle, spec);
        if (made) return made;
        return WithWhatIsLeft(
            std::move(made).error(),
            DestroyAll(token, session, AddressOf(handle), NameOf(handle)),
            NameOf(handle));
      });
  SIGTOKEN_TRY(done);
  icsf.sessions().Put(handle, {0, spec.kept});
  return handle;
}

Result<Handle> MakeInToken(Token& token, const DataSpec& spec) {
  SIGTOKEN_TRY(CheckTakesTokenObjects(token.name()));
  SIGTOKEN_TRY(token.Ready());
  SIGTOKEN_ASSIGN(const auto held, token.Change());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadWrite));
  SIGTOKEN_TRY(token.CheckLoggedIn(session));
  SIGTOKEN_ASSIGN(const ReservedNumber number,
                  ReserveNumber(token, held, session, spec.category));
  const Handle handle(token.name(), number.id);
  const auto make = [&]() -> Status {
    SIGTOKEN_TRY(CreateObject(session, DataAttributes(spec, handle)));
    SIGTOKEN_TRY(CheckMade(token, held, handle, spec));
    return Record(token, number.id, spec);
  };
  auto made = make();
  if (made) return handle;
  const auto taken_back =
      TakeBack(token, held, session, AddressOf(handle), NameOf(handle));
  Error error =
      WithWhatIsLeft(std::move(made).error(), taken_back, NameOf(handle));
  // A device that failed may make the object yet; one that refused has not.
  if (ToIcsf(error).return_code == kParameterInvalid.return_code) {
    if (const auto back = GiveBack(token, held, number); !back) {
      error.cure += "; " + back.error().message;
    }
  }
  return error;
}

}  // namespace

Status DeleteDataObject(Token& token, ObjectId id) {
  const Handle handle(token.name(), id);
  SIGTOKEN_TRY(token.Ready());
  SIGTOKEN_ASSIGN(const auto held, token.Change());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadWrite));
  SIGTOKEN_TRY(Locate(token, held, session, id));
  SIGTOKEN_ASSIGN(auto transaction, token.database().Begin());
  // A store that does not know the object must not give its number out again.
  SIGTOKEN_TRY(SpendSequence(token, held, session, id.sequence));
  SIGTOKEN_TRY(DeleteObjectRecord(token.database(), token.name(), id));
  const Status destroyed =
      DestroyAll(token, session, AddressOf(handle), NameOf(handle));
  if (!destroyed) {
    token.Restart(held, std::move(session));
    return destroyed.error();
  }
  return transaction.Commit();
}

Attributes DataAttributes(const DataSpec& spec, const Handle& handle) {
  Attributes attributes;
  attributes.Number(CKA_CLASS, CKO_DATA)
      .Flag(CKA_TOKEN, IsTokenCategory(spec.category))
      .Flag(CKA_PRIVATE, spec.is_private)
      .Bytes(CKA_LABEL, spec.label)
      .Bytes(CKA_APPLICATION, spec.application)
      .Text(CKA_OBJECT_ID, handle.FormatShort())
      .Bytes(CKA_VALUE, spec.value);
  return attributes;
}

Result<Handle> MakeDataObject(Icsf& icsf, Token& token, const DataSpec& spec) {
  return IsTokenCategory(spec.category) ? MakeInToken(token, spec)
                                        : MakeInSession(icsf, token, spec);
}

}  // namespace sigtoken
