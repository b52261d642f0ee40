#include "signer/mac/rsa_verify.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>

#include "pkcs11/cryptoki/rsa.h"

namespace sigtoken {
namespace {

constexpr std::size_t kLeastModulusBits = 1024;
constexpr std::size_t kMostExponentBits = 64;

template <auto free>
struct Free {
  template <typename T>
  void operator()(T* pointer) const {
    free(pointer);
  }
};
using Number = std::unique_ptr<BIGNUM, Free<&BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Free<&OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Free<&OSSL_PARAM_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Free<&EVP_PKEY_CTX_free>>;
using PublicKey = std::unique_ptr<EVP_PKEY, Free<&EVP_PKEY_free>>;

std::size_t Bits(std::span<const std::uint8_t> number) {
  const std::size_t bytes = RsaBytes(number);
  if (bytes == 0) return 0;
  std::size_t bits = 8 * (bytes - 1);
  for (unsigned first = number[number.size() - bytes]; first != 0;
       first >>= 1U) {
    ++bits;
  }
  return bits;
}

bool IsOdd(std::span<const std::uint8_t> number) {
  return !number.empty() && (number.back() & 1U) != 0;
}

Error Unfit(const std::string& what) {
  return Refusal(kKeyTypeInconsistent, CKR_KEY_SIZE_RANGE,
                 "the RSA key cannot be used: its " + what,
                 "use a key with a modulus of 1024 to 16384 bits and an odd "
                 "exponent of at most 64 bits");
}

Number NumberOf(const std::vector<std::uint8_t>& bytes) {
  return Number(
      BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

// Null where OpenSSL does not make it.
PublicKey KeyOf(const RsaPublicKey& key) {
  const Number modulus = NumberOf(key.modulus);
  const Number exponent = NumberOf(key.exponent);
  const Builder builder(OSSL_PARAM_BLD_new());
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  if (!modulus || !exponent || !builder || !context ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N,
                             modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E,
                             exponent.get()) != 1) {
    return nullptr;
  }
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  EVP_PKEY* made = nullptr;
  if (!params || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY,
                        params.get()) != 1) {
    return nullptr;
  }
  return PublicKey(made);
}

}  // namespace

Status CheckRsaPublicKey(const RsaPublicKey& key) {
  const std::size_t modulus = Bits(key.modulus);
  const std::size_t exponent = Bits(key.exponent);
  if (modulus < kLeastModulusBits || modulus > 8 * kMaxRsaBytes) {
    return Unfit("modulus has " + std::to_string(modulus) + " bits");
  }
  if (!IsOdd(key.modulus)) return Unfit("modulus is even");
  // 1 would let everybody sign.
  if (exponent < 2 || exponent > kMostExponentBits) {
    return Unfit("public exponent has " + std::to_string(exponent) + " bits");
  }
  if (!IsOdd(key.exponent)) return Unfit("public exponent is even");
  return Ok();
}

Result<bool> VerifyRsaPkcs(const RsaPublicKey& key, const HashMethod& method,
                           std::span<const std::uint8_t> hash,
                           std::span<const std::uint8_t> signature) {
  if (signature.size() != RsaBytes(key.modulus)) return false;
  // A wrong signature leaves errors behind, which are not the caller's.
  ERR_set_mark();
  int verified = -1;
  if (const PublicKey made = KeyOf(key)) {
    const Context context(
        EVP_PKEY_CTX_new_from_pkey(nullptr, made.get(), nullptr));
    if (context && EVP_PKEY_verify_init(context.get()) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
        EVP_PKEY_CTX_set_signature_md(
            context.get(),
            EVP_get_digestbyname(std::string(method.openssl).c_str())) == 1) {
      verified = EVP_PKEY_verify(context.get(), signature.data(),
                                 signature.size(), hash.data(), hash.size());
    }
  }
  ERR_pop_to_mark();
  if (verified >= 0) return verified == 1;
  return Refusal(kServiceNotAvailable, CKR_MECHANISM_INVALID,
                 "OpenSSL does not verify RSA signatures with " +
                     std::string(method.keyword),
                 "see the providers in OpenSSL's configuration, openssl.cnf");
}

}  // namespace sigtoken
