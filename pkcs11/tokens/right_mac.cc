#include "pkcs11/tokens/right_mac.h"

#include <algorithm>
#include <cstdint>

#include "pkcs11/cryptoki/mac.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/recovery.h"
#include "pkcs11/tokens/rfc4231.h"
#include "pkcs11/tokens/trial_key.h"

namespace sigtoken {
namespace {

std::span<const std::uint8_t> DataOf(const Rfc4231Case& known) {
  return {reinterpret_cast<const std::uint8_t*>(known.data.data()),
          known.data.size()};
}

Result<Mac> MacOf(const Rfc4231Case& known, Session& session) {
  SIGTOKEN_ASSIGN(Secret value, Secret::OfSize(known.key.size()));
  std::copy(known.key.begin(), known.key.end(), value.data());
  SIGTOKEN_ASSIGN(const CK_OBJECT_HANDLE key,
                  CreateSecretKey(session, TrialKey(), value));
  auto mac = SignMac(session, key, Hs256(), DataOf(known));
  static_cast<void>(DestroyObject(session, key).has_value());
  return mac;
}

// Of a token that says it needs none: it is never logged in to.
bool WantsALogin(const Token& token, const Error& error) {
  return error.rv == CKR_USER_NOT_LOGGED_IN &&
         !(token.info().flags & CKF_LOGIN_REQUIRED);
}

// What a module does all the same that answers no more than that.
bool SignsWithItsOwnKey(Session& session, const Rfc4231Case& known) {
  constexpr std::size_t kBytes = 64;
  const auto key = MakeTrialKey(session, kBytes);
  return key && SignMac(session, *key, Hs256(), DataOf(known));
}

}  // namespace

Status CheckRightMac(Token& token, const HostLock::Exclusive& held) {
  const Rfc4231Case& known = Rfc4231Cases().back();
  for (bool again = false;; again = true) {
    SIGTOKEN_ASSIGN(Session session,
                    token.OpenSession(held, Access::kReadOnly));
    auto mac = MacOf(known, session);
    if (mac) {
      if (std::ranges::equal(mac->bytes(), known.macs.front())) return Ok();
      // No call: to open such a module anew cures nothing.
      return Error{CKR_DEVICE_ERROR, "",
                   "the module computes wrong MACs: that of RFC 4231, test "
                   "case 6, is another one",
                   "use another module, or have this one mended: nobody else "
                   "can check what it signs",
                   kNotAvailable};
    }
    if (!IsCuredByOpeningAnew(mac.error()) || WantsALogin(token, mac.error())) {
      return Ok();
    }
    if (!again) continue;
    SIGTOKEN_ASSIGN(Session other, token.OpenSession(held, Access::kReadOnly));
    if (MayBeOfTheRequest(mac.error().rv) && SignsWithItsOwnKey(other, known)) {
      return Ok();
    }
    return std::move(mac).error();
  }
}

}  // namespace sigtoken
