// Refused PINs: a wrong PIN is not tried again, by any process.

#ifndef PKCS11_STORE_REFUSED_PINS_H_
#define PKCS11_STORE_REFUSED_PINS_H_

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <optional>
#include <string>

#include "pkcs11/base/result.h"
#include "pkcs11/store/database.h"
#include "pkcs11/store/token_records.h"

namespace sigtoken {

// A file that holds a PIN, as it was when the PIN was read. Whoever writes
// another PIN into it changes one of the numbers; the PIN itself is not kept,
// nor anything made of it.
struct PinFile {
  std::string path;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t changed = 0;  // Its last write, nanoseconds since 1970.

  friend bool operator==(const PinFile&, const PinFile&) = default;
};

// `path` as it is now; nothing where there is no such file.
std::optional<PinFile> LookAtPinFile(const std::string& path);

// Whether a module says with that code that it does not take a PIN.
bool IsPinRefusal(CK_RV rv);

// Whether C_Login says with that code that the session, the device or its
// daemon is gone, and so nothing of the PIN.
bool IsNoWordOfThePin(CK_RV rv);

// Whether a token with these flags (CK_TOKEN_INFO) has counted a wrong PIN of
// the user. Many never say so.
bool HasCountedAWrongPin(CK_FLAGS flags);

// Some tokens lock themselves, or a whole device, after three wrong PINs, and
// programs that are started again and again spend those in a second.

// What the module answered to the PIN in `file`; nothing where it was not
// refused, or the file has changed since.
Result<std::optional<CK_RV>> FindRefusedPin(Database& database,
                                            const TokenIdentity& token,
                                            const PinFile& file);

// The caller has begun a transaction.
Status PutRefusedPin(Database& database, const TokenIdentity& token,
                     const PinFile& file, CK_RV rv);

// Fine where there is none. The caller has begun a transaction.
Status ForgetRefusedPin(Database& database, const TokenIdentity& token,
                        const std::string& path);

}  // namespace sigtoken

#endif  // PKCS11_STORE_REFUSED_PINS_H_
