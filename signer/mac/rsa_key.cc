#include "signer/mac/rsa_key.h"

#include <cstring>
#include <functional>
#include <string>
#include <utility>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/cryptoki/rsa.h"
#include "pkcs11/objects/locate.h"
#include "pkcs11/store/object_records.h"

namespace sigtoken {
namespace {

// What a service asks of its key.
struct Wanted {
  CK_OBJECT_CLASS object_class;
  CK_ATTRIBUTE_TYPE use;
  std::string_view what;
  std::string_view use_name;
};
constexpr Wanted kSigner = {CKO_PRIVATE_KEY, CKA_SIGN, "private RSA key",
                            "CKA_SIGN"};
constexpr Wanted kVerifier = {CKO_PUBLIC_KEY, CKA_VERIFY, "public RSA key",
                              "CKA_VERIFY"};

// False also where the module does not say.
bool Is(const AttributeValues& values, CK_ATTRIBUTE_TYPE type) {
  const auto found = values.find(type);
  return found != values.end() && found->second.size() == sizeof(CK_BBOOL) &&
         found->second.front() != CK_FALSE;
}

bool IsRsa(const AttributeValues& values) {
  const auto found = values.find(CKA_KEY_TYPE);
  CK_KEY_TYPE type = CK_UNAVAILABLE_INFORMATION;
  if (found == values.end() || found->second.size() != sizeof type) {
    return false;
  }
  std::memcpy(&type, found->second.data(), sizeof type);
  return type == CKK_RSA;
}

Status CheckUse(const Handle& handle, const Wanted& wanted,
                const Located& located, const AttributeValues& values) {
  const std::string key = "the key " + handle.FormatShort();
  if (located.object_class != wanted.object_class || !IsRsa(values)) {
    return Refusal(kKeyTypeInconsistent, CKR_KEY_TYPE_INCONSISTENT,
                   "the object " + handle.FormatShort() + " is no " +
                       std::string(wanted.what),
                   "pass the handle of a " + std::string(wanted.what));
  }
  if (!Is(values, wanted.use)) {
    return Refusal(
        kKeyFunctionNotPermitted, CKR_KEY_FUNCTION_NOT_PERMITTED,
        key + " may not be used: its " + std::string(wanted.use_name) +
            " is not TRUE",
        "use a key whose " + std::string(wanted.use_name) + " is TRUE");
  }
  if (Is(values, CKA_ALWAYS_AUTHENTICATE)) {
    return Refusal(kNotAuthorized, CKR_USER_NOT_LOGGED_IN,
                   key +
                       " asks for the PIN at each signature: its "
                       "CKA_ALWAYS_AUTHENTICATE is TRUE",
                   "use a key that the login of the token is enough for");
  }
  return Ok();
}

// Every key has a type and a use: a module that did not say them may be one
// whose device is gone, and no key is to be blamed for that.
Status AskAgain(Session& session, const Wanted& wanted, const Located& located,
                AttributeValues& values) {
  if (located.object_class != wanted.object_class) return Ok();
  for (const CK_ATTRIBUTE_TYPE type :
       {CK_ATTRIBUTE_TYPE{CKA_KEY_TYPE}, wanted.use}) {
    if (values.count(type) > 0) continue;
    SIGTOKEN_ASSIGN(values[type], ReadBytes(session, located.object, type));
  }
  return Ok();
}

Status CheckNotDisabled(Token& token, const Handle& handle) {
  SIGTOKEN_ASSIGN(
      const auto record,
      FindObjectRecord(token.database(), token.name(), *handle.object()));
  if (!record || !record->disabled) return Ok();
  return Refusal(kObjectDisabled, CKR_KEY_FUNCTION_NOT_PERMITTED,
                 "the key " + handle.FormatShort() + " is disabled",
                 "enable it with 'sigtoken key enable'");
}

// What `work(session, object)` gives, once the key is found and fit.
template <typename Work>
auto WithKey(Icsf& icsf, const Handle& handle, const Wanted& wanted,
             const Work& work)
    -> decltype(work(std::declval<Session&>(), CK_OBJECT_HANDLE{})) {
  using Answer = decltype(work(std::declval<Session&>(), CK_OBJECT_HANDLE{}));
  SIGTOKEN_ASSIGN(const auto token,
                  icsf.directory().FindToken(handle.token_name()));
  return token->WithRecovery([&]() -> Answer {
    SIGTOKEN_TRY(token->Login());
    SIGTOKEN_ASSIGN(const auto held, token->Look());
    SIGTOKEN_ASSIGN(Session session,
                    token->OpenSession(held, Access::kReadOnly));
    SIGTOKEN_ASSIGN(const Located located,
                    Locate(*token, held, session, *handle.object()));
    SIGTOKEN_ASSIGN(
        auto values,
        ReadAttributes(session, located.object,
                       {{CKA_KEY_TYPE, wanted.use, CKA_ALWAYS_AUTHENTICATE}}));
    SIGTOKEN_TRY(AskAgain(session, wanted, located, values));
    SIGTOKEN_TRY(CheckUse(handle, wanted, located, values));
    SIGTOKEN_TRY(CheckNotDisabled(*token, handle));
    return work(session, located.object);
  });
}

}  // namespace

Status CheckRsaSigner(Icsf& icsf, const Handle& handle) {
  return WithKey(
      icsf, handle, kSigner,
      [](Session& /*session*/, CK_OBJECT_HANDLE /*object*/) { return Ok(); });
}

Result<std::vector<std::uint8_t>> SignRsa(
    Icsf& icsf, const Handle& handle,
    std::span<const std::uint8_t> digest_info) {
  return WithKey(icsf, handle, kSigner,
                 [&](Session& session, CK_OBJECT_HANDLE object) {
                   return SignRsaPkcs(session, object, digest_info);
                 });
}

Result<RsaPublicKey> FindRsaVerifier(Icsf& icsf, const Handle& handle) {
  return WithKey(
      icsf, handle, kVerifier,
      [](Session& session, CK_OBJECT_HANDLE object) -> Result<RsaPublicKey> {
        RsaPublicKey key;
        SIGTOKEN_ASSIGN(key.modulus, ReadBytes(session, object, CKA_MODULUS));
        SIGTOKEN_ASSIGN(key.exponent,
                        ReadBytes(session, object, CKA_PUBLIC_EXPONENT));
        SIGTOKEN_TRY(CheckRsaPublicKey(key));
        return key;
      });
}

}  // namespace sigtoken
