// The pseudo-random function of TLS 1.0.

#ifndef KEYGEN_TLS_PRF_H_
#define KEYGEN_TLS_PRF_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "pkcs11/base/result.h"
#include "pkcs11/base/secret.h"

namespace sigtoken {

// OpenSSL's, for label and seed together (TLS1_PRF_MAXBUF).
inline constexpr std::size_t kMaxTlsPrfSeedBytes = 1024;

// Fills `output` with PRF(secret, label, seed) of RFC 2246, section 5: P_MD5 of
// one half of the secret and P_SHA-1 of the other. Label and seed are one text
// to it, `label_and_seed`. Preconditions: neither that text nor the output is
// empty, and the text is not longer than kMaxTlsPrfSeedBytes. Errors:
// kServiceNotAvailable where this machine's OpenSSL does not offer it, as in
// FIPS mode.
Status TlsPrf(const Secret& secret,
              std::span<const std::uint8_t> label_and_seed,
              std::span<std::uint8_t> output);

}  // namespace sigtoken

#endif  // KEYGEN_TLS_PRF_H_
