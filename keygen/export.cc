#include "keygen/export.h"

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/object_index.h"

namespace sigtoken {
namespace {

Result<Secret> ExportOnce(Token& token, ObjectId id) {
  SIGTOKEN_TRY(token.Login());
  SIGTOKEN_ASSIGN(const auto held, token.Look());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  SIGTOKEN_ASSIGN(const FoundKey key, FindKey(token, held, session, id));
  const std::string name = key.handle->FormatShort();
  if (key.disabled()) {
    return Refusal(kObjectDisabled, CKR_KEY_FUNCTION_NOT_PERMITTED,
                   "the key " + name + " is disabled",
                   "enable it with 'sigtoken key enable'");
  }
  if (key.attributes.Is(CKA_SENSITIVE) || !key.attributes.Is(CKA_EXTRACTABLE)) {
    return Error{CKR_ATTRIBUTE_SENSITIVE,
                 "",
                 "the value of the key " + name +
                     " stays in the token: it is " +
                     (key.attributes.Is(CKA_SENSITIVE) ? "CKA_SENSITIVE"
                                                       : "not CKA_EXTRACTABLE"),
                 "only a key that was made with --exportable can be exported",
                 {}};
  }
  SIGTOKEN_ASSIGN(Secret value, ReadSecretValue(session, key.object));
  if (key.record && key.record->bytes != 0) value.Shorten(key.record->bytes);
  return value;
}

}  // namespace

Result<Secret> ExportKey(Token& token, ObjectId id) {
  return token.WithRecovery([&] { return ExportOnce(token, id); });
}

}  // namespace sigtoken
