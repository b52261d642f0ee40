#include "tests/rsa_keys.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "pkcs11/store/object_records.h"
#include "tests/embedded_home.h"

namespace sigtoken::testing {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

}  // namespace

RsaPair::RsaPair(unsigned bits)
    : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{bits})) {
  EXPECT_NE(key_, nullptr);
}

RsaPair::RsaPair(const std::vector<std::uint8_t>& modulus,
                 const std::vector<std::uint8_t>& exponent) {
  BIGNUM* n =
      BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr);
  BIGNUM* e =
      BN_bin2bn(exponent.data(), static_cast<int>(exponent.size()), nullptr);
  OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n);
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e);
  OSSL_PARAM* params = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
  EVP_PKEY* made = nullptr;
  EVP_PKEY_fromdata_init(context);
  EXPECT_EQ(EVP_PKEY_fromdata(context, &made, EVP_PKEY_PUBLIC_KEY, params), 1);
  key_.reset(made);
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(params);
  OSSL_PARAM_BLD_free(builder);
  BN_free(e);
  BN_free(n);
}

std::vector<std::uint8_t> RsaPair::Number(const char* name) const {
  BIGNUM* number = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(key_.get(), name, &number), 1) << name;
  std::vector<std::uint8_t> bytes(
      static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, bytes.data());
  BN_clear_free(number);
  return bytes;
}

Attributes RsaPair::PrivateKey(const std::string& label) const {
  Attributes key;
  key.Number(CKA_CLASS, CKO_PRIVATE_KEY)
      .Number(CKA_KEY_TYPE, CKK_RSA)
      .Flag(CKA_TOKEN, true)
      .Flag(CKA_PRIVATE, true)
      .Flag(CKA_SENSITIVE, true)
      .Flag(CKA_EXTRACTABLE, false)
      .Flag(CKA_SIGN, true)
      .Text(CKA_LABEL, label)
      .Bytes(CKA_MODULUS, Number("n"))
      .Bytes(CKA_PUBLIC_EXPONENT, Number("e"))
      .Bytes(CKA_PRIVATE_EXPONENT, Number("d"))
      .Bytes(CKA_PRIME_1, Number("rsa-factor1"))
      .Bytes(CKA_PRIME_2, Number("rsa-factor2"))
      .Bytes(CKA_EXPONENT_1, Number("rsa-exponent1"))
      .Bytes(CKA_EXPONENT_2, Number("rsa-exponent2"))
      .Bytes(CKA_COEFFICIENT, Number("rsa-coefficient1"));
  return key;
}

Attributes RsaPair::PublicKey(const std::string& label) const {
  Attributes key;
  key.Number(CKA_CLASS, CKO_PUBLIC_KEY)
      .Number(CKA_KEY_TYPE, CKK_RSA)
      .Flag(CKA_TOKEN, true)
      .Flag(CKA_PRIVATE, false)
      .Flag(CKA_VERIFY, true)
      .Text(CKA_LABEL, label)
      .Bytes(CKA_MODULUS, Number("n"))
      .Bytes(CKA_PUBLIC_EXPONENT, Number("e"));
  return key;
}

std::vector<std::uint8_t> RsaPair::Sign(
    const char* digest, std::span<const std::uint8_t> text) const {
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EXPECT_EQ(EVP_DigestSignInit_ex(context.get(), nullptr, digest, nullptr,
                                  nullptr, key_.get(), nullptr),
            1);
  std::vector<std::uint8_t> signature(2048);
  std::size_t size = signature.size();
  EXPECT_EQ(EVP_DigestSign(context.get(), signature.data(), &size, text.data(),
                           text.size()),
            1);
  signature.resize(size);
  return signature;
}

bool RsaPair::Verifies(const char* digest, std::span<const std::uint8_t> text,
                       std::span<const std::uint8_t> signature) const {
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EXPECT_EQ(EVP_DigestVerifyInit_ex(context.get(), nullptr, digest, nullptr,
                                    nullptr, key_.get(), nullptr),
            1);
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                          text.data(), text.size()) == 1;
}

const RsaPair& AnyRsaPair() {
  static const RsaPair pair(2048);
  return pair;
}

void GiveHandle(Token& token, ObjectId id, const std::string& label,
                CK_OBJECT_CLASS object_class, bool disabled) {
  ObjectRecord record;
  record.id = id;
  record.object_class = object_class;
  record.created = Now();
  record.foreign = ForeignAddress{{}, label, object_class};
  record.adopted = true;
  record.disabled = disabled;
  auto transaction = Must(token.database().Begin());
  Must(PutObjectRecord(token.database(), token.name(), record));
  Must(transaction.Commit());
}

}  // namespace sigtoken::testing
