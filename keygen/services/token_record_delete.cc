#include "keygen/services/token_record_delete.h"

#include <array>

#include "keygen/data_object.h"
#include "keygen/remove.h"
#include "keygen/session_key.h"
#include "pkcs11/icsf/rule_array.h"
#include "pkcs11/objects/locate.h"

namespace sigtoken {
namespace {

constexpr std::array<std::string_view, 2> kRules = {"TOKEN", "OBJECT"};

Status DeleteToken(Icsf& icsf, const TokenName& name) {
  // Before it goes, so that nobody holds it.
  icsf.ForgetAllOf(name);
  SIGTOKEN_TRY(icsf.directory().DeleteToken(name, true));
  icsf.ForgetAllOf(name);
  icsf.sessions().RemoveAllOf(name);
  icsf.states().DeleteAllOf(name);
  return Ok();
}

// What of the token's: a key, a data object, or the handle of an object that
// others made, which itself stays.
Status DeleteTokenObject(Token& token, ObjectId id) {
  SIGTOKEN_TRY(token.Ready());
  CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
  {
    SIGTOKEN_ASSIGN(const auto held, token.Look());
    SIGTOKEN_ASSIGN(Session session,
                    token.OpenSession(held, Access::kReadOnly));
    SIGTOKEN_ASSIGN(const Located located, Locate(token, held, session, id));
    object_class = located.object_class;
  }
  if (object_class == CKO_DATA) return DeleteDataObject(token, id);
  SIGTOKEN_TRY(DeleteKey(token, id, false));
  return Ok();
}

Status DeleteObject(Icsf& icsf, const Handle& handle) {
  const char category = handle.object()->category;
  if (category == 'U' || category == 'Z') return icsf.states().Delete(handle);
  SIGTOKEN_ASSIGN(const auto token,
                  icsf.directory().FindToken(handle.token_name()));
  auto deleted = IsTokenCategory(category)
                     ? DeleteTokenObject(*token, *handle.object())
                     : DeleteSessionObject(icsf, *token, *handle.object());
  icsf.Forget(handle);
  if (deleted) return deleted;
  Error error = ExplainMissing(icsf, handle, deleted.error());
  // It is known now that it is gone.
  if (ToIcsf(error) == kSessionObjectGone) icsf.sessions().Remove(handle);
  return error;
}

}  // namespace

Status TokenRecordDelete(Icsf& icsf, const TokenRecordDeleteCall& call) {
  SIGTOKEN_ASSIGN(
      const auto rules,
      ParseRuleArray(call.rule_array, {{{"kind of what is deleted", kRules}}}));
  if (rules.front() == "TOKEN") {
    SIGTOKEN_ASSIGN(const TokenName name, TokenNameOf(call.handle));
    return DeleteToken(icsf, name);
  }
  SIGTOKEN_ASSIGN(const Handle handle, ObjectHandleOf(call.handle));
  return DeleteObject(icsf, handle);
}

}  // namespace sigtoken
