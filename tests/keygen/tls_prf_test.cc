#include "keygen/tls_prf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/signer/vectors.h"

namespace sigtoken {
namespace {

using testing::FromHex;
using testing::IsOk;
using testing::Must;

using Bytes = std::vector<std::uint8_t>;

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Bytes Text(std::string_view text) { return {text.begin(), text.end()}; }

Bytes Prf(Bytes secret, const Bytes& label_and_seed, std::size_t size) {
  const Secret key = Must(Secret::Take(secret));
  Bytes output(size, 0xEE);
  EXPECT_THAT(TlsPrf(key, label_and_seed, output), IsOk());
  return output;
}

// Written out from RFC 2246, section 5, on OpenSSL's HMACs.
Bytes Hmac(const char* digest, const Bytes& key, const Bytes& data) {
  Bytes mac(EVP_MAX_MD_SIZE);
  std::size_t size = 0;
  EXPECT_NE(EVP_Q_mac(nullptr, "HMAC", nullptr, digest, nullptr, key.data(),
                      key.size(), data.data(), data.size(), mac.data(),
                      mac.size(), &size),
            nullptr);
  mac.resize(size);
  return mac;
}

Bytes PHash(const char* digest, const Bytes& secret, const Bytes& seed,
            std::size_t size) {
  Bytes output;
  for (Bytes a = Hmac(digest, secret, seed); output.size() < size;
       a = Hmac(digest, secret, a)) {
    output = output + Hmac(digest, secret, a + seed);
  }
  output.resize(size);
  return output;
}

Bytes PrfByTheBook(const Bytes& secret, const Bytes& seed, std::size_t size) {
  const auto half = static_cast<std::ptrdiff_t>((secret.size() + 1) / 2);
  Bytes output =
      PHash("MD5", {secret.begin(), secret.begin() + half}, seed, size);
  const Bytes other =
      PHash("SHA1", {secret.end() - half, secret.end()}, seed, size);
  for (std::size_t i = 0; i < size; ++i) output[i] ^= other[i];
  return output;
}

// NIST CAVP, SP 800-135 components, TLS 1.0/1.1.
TEST(TlsPrfTest, AgreesWithThePublishedVectors) {
  const Bytes pre_master = FromHex(
      "bded7fa5c1699c010be23dd06ada3a48349f21e5f86263d512c0c5cc379f0e780ec55d98"
      "44b2f1db02a96453513568d0");
  const Bytes master = FromHex(
      "2f6962dfbc744c4b2138bb6b3d33054c5ecc14f24851d9896395a44ab3964efc2090c5bf"
      "51a0891209f46c1e1e998f62");
  EXPECT_EQ(
      Prf(pre_master,
          Text("master secret") +
              FromHex("e5acaf549cd25c22d964c0d930fa4b5261d2507fad84c33715b7b9"
                      "a864020693") +
              FromHex("135e4d557fdf3aa6406d82975d5c606a9734c9334b42136e96990f"
                      "bd5358cdb2"),
          48),
      master);
  EXPECT_EQ(
      Prf(master,
          Text("key expansion") +
              FromHex("67267e650eb32444119d222a368c191af3082888dc35afe8368e63"
                      "8c828874be") +
              FromHex("d58a7b1cd4fedaa232159df652ce188f9d997e061b9bf48e83b629"
                      "90440931f6"),
          104),
      FromHex("3088825988e77fce68d19f756e18e43eb7fe672433504feaf99b3c503d9091b1"
              "64f166db301d70c9fc0870b4a94563907bee1a61fb786cb717576890bcc51cb9"
              "ead97e01d0a2fea99c953377b195205ff07b369589178796edc963fd80fdbe51"
              "8a2fc1c35c18ae8d"));
}

// Halves of a secret of odd length share its middle byte.
TEST(TlsPrfTest, AgreesWithTheTextOfTheRfc) {
  for (const std::size_t secret_bytes : {1U, 2U, 5U, 48U, 127U, 200U}) {
    for (const std::size_t seed_bytes : {1U, 77U, 1024U}) {
      for (const std::size_t size : {1U, 16U, 20U, 81U, 1000U}) {
        Bytes secret(secret_bytes);
        for (std::size_t i = 0; i < secret.size(); ++i) {
          secret[i] = static_cast<std::uint8_t>(i * 7 + 1);
        }
        const Bytes seed(seed_bytes, 0x5A);
        EXPECT_EQ(Prf(secret, seed, size), PrfByTheBook(secret, seed, size))
            << secret_bytes << ' ' << seed_bytes << ' ' << size;
      }
    }
  }
}

TEST(TlsPrfTest, LeavesNoErrorsInOpenSslsQueue) {
  ERR_clear_error();
  Bytes key(16, 1);
  const Secret secret = Must(Secret::Take(key));
  Bytes output(16);
  // More than OpenSSL takes: not what callers do.
  EXPECT_FALSE(TlsPrf(secret, Bytes(1025, 1), output));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace sigtoken
