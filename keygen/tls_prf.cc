#include "keygen/tls_prf.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <memory>

namespace sigtoken {
namespace {

struct FreeKdf {
  void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
  void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};

// What OpenSSL reports meanwhile is not the host program's.
class ErrorsKept {
 public:
  ErrorsKept() { ERR_set_mark(); }
  ErrorsKept(const ErrorsKept&) = delete;
  ErrorsKept& operator=(const ErrorsKept&) = delete;
  ~ErrorsKept() { ERR_pop_to_mark(); }
};

// OpenSSL takes what it reads without const.
OSSL_PARAM OctetsOf(const char* name, const std::uint8_t* bytes,
                    std::size_t size) {
  return OSSL_PARAM_construct_octet_string(
      name, const_cast<std::uint8_t*>(bytes), size);
}

}  // namespace

Status TlsPrf(const Secret& secret,
              std::span<const std::uint8_t> label_and_seed,
              std::span<std::uint8_t> output) {
  const ErrorsKept kept;
  const std::unique_ptr<EVP_KDF, FreeKdf> kdf(
      EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_TLS1_PRF, nullptr));
  const std::unique_ptr<EVP_KDF_CTX, FreeKdf> context(
      kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
  char digest[] = "MD5-SHA1";
  const std::array<OSSL_PARAM, 4> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OctetsOf(OSSL_KDF_PARAM_SECRET, secret.data(), secret.size()),
      OctetsOf(OSSL_KDF_PARAM_SEED, label_and_seed.data(),
               label_and_seed.size()),
      OSSL_PARAM_construct_end()};
  if (context && EVP_KDF_derive(context.get(), output.data(), output.size(),
                                parameters.data()) > 0) {
    return Ok();
  }
  return Refusal(kServiceNotAvailable, CKR_MECHANISM_INVALID,
                 "this machine's OpenSSL does not compute the pseudo-random "
                 "function of TLS 1.0",
                 "see whether it runs in FIPS mode, which has no MD5");
}

}  // namespace sigtoken
