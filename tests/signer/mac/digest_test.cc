#include "signer/mac/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <string>
#include <utility>

#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/signer/vectors.h"

namespace sigtoken {
namespace {

using testing::Bytes;
using testing::FromHex;
using testing::Must;

// FIPS 180-4: the examples of NIST for "abc".
struct Row {
  const char* keyword;
  const char* abc;
  int nid;
};
constexpr Row kRows[] = {
    {"SHA-1", "A9993E364706816ABA3E25717850C26C9CD0D89D", NID_sha1},
    {"SHA-224", "23097D223405D8228642A477BDA255B32AADBCE4BDA0B3F7E36C9DA7",
     NID_sha224},
    {"SHA-256",
     "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
     NID_sha256},
    {"SHA-384",
     "CB00753F45A35E8BB5A03D699AC65007272C32AB0EDED1631A8B605A43FF5BED8086072BA"
     "1E7CC2358BAECA134C825A7",
     NID_sha384},
    {"SHA-512",
     "DDAF35A193617ABACC417349AE20413112E6FA4E89A97EA20A9EEEE64B55D39A2192992A2"
     "74FC1A836BA3C23A3FEEBBD454D4423643CE80E2A9AC94FA54CA49F",
     NID_sha512}};

TEST(DigestTest, HasTheHashesOfFips180) {
  ASSERT_EQ(HashMethods().size(), std::size(kRows));
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    SCOPED_TRACE(kRows[i].keyword);
    const HashMethod& method = HashMethods()[i];
    EXPECT_EQ(method.keyword, kRows[i].keyword);
    EXPECT_EQ(FindHashMethod(kRows[i].keyword), &method);
    const auto right = FromHex(kRows[i].abc);
    EXPECT_EQ(method.bytes, right.size());
    Digest digest = Must(Digest::Begin(method));
    Must(digest.Update(Bytes("abc")));
    EXPECT_EQ(Must(digest.Hash()), right);
  }
}

TEST(DigestTest, FindsNothingElse) {
  for (const char* keyword : {"", "SHA1", "SHA-1 ", "sha-256", "MD5", "SHA-2",
                              "SHA-512/256", "SHA3-256", "RPMD-160"}) {
    EXPECT_EQ(FindHashMethod(keyword), nullptr) << keyword;
  }
}

TEST(DigestTest, PiecesAreOneText) {
  for (const HashMethod& method : HashMethods()) {
    const std::string text(1000, 'x');
    Digest whole = Must(Digest::Begin(method));
    Must(whole.Update(Bytes(text)));
    Digest pieces = Must(Digest::Begin(method));
    std::size_t at = 0;
    for (const std::size_t size : {0U, 1U, 63U, 64U, 128U, 0U, 744U}) {
      Must(pieces.Update(Bytes(std::string_view(text).substr(at, size))));
      at += size;
    }
    ASSERT_EQ(at, text.size());
    EXPECT_EQ(Must(pieces.Hash()), Must(whole.Hash()));
  }
}

TEST(DigestTest, ACopyAndAHashLeaveItAsItIs) {
  const HashMethod& method = *FindHashMethod("SHA-256");
  Digest digest = Must(Digest::Begin(method));
  Must(digest.Update(Bytes("ab")));
  const auto early = Must(digest.Hash());
  Digest copy = Must(digest.Copy());
  Must(copy.Update(Bytes("!")));
  EXPECT_EQ(Must(digest.Hash()), early);
  EXPECT_NE(Must(copy.Hash()), early);
  Must(digest.Update(Bytes("c")));
  EXPECT_EQ(Must(digest.Hash()), FromHex(kRows[2].abc));
  const Digest moved = std::move(digest);
  EXPECT_EQ(Must(moved.Hash()), FromHex(kRows[2].abc));
}

TEST(DigestTest, AHashThatOpenSslLacksIsNotAvailable) {
  ERR_clear_error();
  const HashMethod none{"SHA-0", "SHA0", 20, {}};
  const auto begun = Digest::Begin(none);
  ASSERT_FALSE(begun);
  EXPECT_EQ(ToIcsf(begun.error()), kServiceNotAvailable);
  // A program that uses OpenSSL itself does not find our errors.
  EXPECT_EQ(ERR_peek_error(), 0U);
}

// OpenSSL writes the same DER from the parts.
TEST(DigestInfoTest, IsTheDerOfOpenSsl) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.keyword);
    const auto hash = FromHex(row.abc);
    X509_SIG* info = X509_SIG_new();
    X509_ALGOR* algorithm = nullptr;
    ASN1_OCTET_STRING* digest = nullptr;
    X509_SIG_getm(info, &algorithm, &digest);
    X509_ALGOR_set0(algorithm, OBJ_nid2obj(row.nid), V_ASN1_NULL, nullptr);
    ASN1_OCTET_STRING_set(digest, hash.data(), static_cast<int>(hash.size()));
    std::vector<std::uint8_t> der(
        static_cast<std::size_t>(i2d_X509_SIG(info, nullptr)));
    unsigned char* out = der.data();
    i2d_X509_SIG(info, &out);
    X509_SIG_free(info);
    EXPECT_EQ(DigestInfo(*FindHashMethod(row.keyword), hash), der);
  }
}

}  // namespace
}  // namespace sigtoken
