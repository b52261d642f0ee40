// Objects in a token that others than sigtoken make, for one test.

#ifndef TESTS_IMPORT_KEY_H_
#define TESTS_IMPORT_KEY_H_

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/cryptoki/mac_algorithm.h"
#include "pkcs11/cryptoki/session.h"
#include "pkcs11/tokens/token.h"
#include "tests/embedded_home.h"

namespace sigtoken::testing {

inline std::span<const std::uint8_t> Bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Runs `work(session)` with a read-write session of a token that is logged in,
// under the host lock, and gives what it gives.
template <typename Work>
auto Change(Token& token, const Work& work) {
  Must(token.Login());
  const auto held = Must(token.Change());
  Session session = Must(token.OpenSession(held, Access::kReadWrite));
  return work(session);
}

// A secret key as C_CreateObject takes it: a whole key of ours by its template,
// with that CKA_ID and value.
Attributes KeyToImport(std::string_view id,
                       std::span<const std::uint8_t> value);

// C_CreateObject; the test has failed where the token refuses.
CK_OBJECT_HANDLE Import(Token& token, const Attributes& object);

// A key under a handle of the token. A value below 64 bytes gets zeros behind
// it, which is the same key to HMAC (RFC 2104, section 2): SoftHSM2 refuses
// keys that are shorter than the MAC.
CK_OBJECT_HANDLE ImportKey(Token& token, ObjectId id,
                           std::span<const std::uint8_t> value);

// C_DestroyObject behind sigtoken's back.
void Destroy(Token& token, CK_OBJECT_HANDLE object);

// How many objects the token has.
std::size_t CountObjects(Token& token);

// The MAC by OpenSSL, for the algorithms that are HMACs.
std::vector<std::uint8_t> OpenSslMac(const MacAlgorithm& algorithm,
                                     std::span<const std::uint8_t> key,
                                     std::span<const std::uint8_t> data);

}  // namespace sigtoken::testing

#endif  // TESTS_IMPORT_KEY_H_
