#include "pkcs11/tokens/right_mac.h"

#include <algorithm>
#include <cstdint>

#include "pkcs11/cryptoki/mac.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/rfc4231.h"
#include "pkcs11/tokens/trial_key.h"

namespace sigtoken {
Status CheckRightMac(const HostLock::Exclusive& /*held*/, Session& session) {
  const Rfc4231Case& known = Rfc4231Cases().back();
  SIGTOKEN_ASSIGN(Secret value, Secret::OfSize(known.key.size()));
  std::copy(known.key.begin(), known.key.end(), value.data());
  const auto key = CreateSecretKey(session, TrialKey(), value);
  if (!key) return Ok();
  const auto mac =
      SignMac(session, *key, Hs256(),
              {reinterpret_cast<const std::uint8_t*>(known.data.data()),
               known.data.size()});
  static_cast<void>(DestroyObject(session, *key).has_value());
  if (!mac || std::ranges::equal(mac->bytes(), known.macs.front())) return Ok();
  // No call: to open such a module anew cures nothing.
  return Error{CKR_DEVICE_ERROR, "",
               "the module computes wrong MACs: that of RFC 4231, test case 6, "
               "is another one",
               "use another module, or have this one mended: nobody else can "
               "check what it signs",
               kNotAvailable};
}

}  // namespace sigtoken
