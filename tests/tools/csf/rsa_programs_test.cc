// CSFPOWH with an RSA key pair that pkcs11-tool put into a token, as Zowe's
// servers sign their JWTs.

#include <openssl/pem.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tools/csf/bound_programs.h"

namespace sigtoken::testing {
namespace {

constexpr const char* kText = "header.payload";
constexpr const char* kSign = "SHA-256 SIGN-RSAONLY    ";
constexpr const char* kVerify = "SHA-256 VER-RSA ONLY    ";

using Octets = std::vector<std::uint8_t>;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using OpenSslKey = std::unique_ptr<EVP_PKEY, FreeKey>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

Octets FromHex(const std::string& hex) {
  Octets bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::string ToHex(const Octets& bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string hex;
  for (const std::uint8_t byte : bytes) {
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 15U];
  }
  return hex;
}

std::span<const std::uint8_t> Bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

class RsaProgramsTest : public BoundProgramsTest {
 protected:
  // The public key as pkcs11-tool reads it out.
  OpenSslKey PublicKey(const std::string& label) const {
    const std::filesystem::path path = folder_.path() / "public.der";
    const Outcome read =
        Pkcs11Tool({"--read-object", "--type", "pubkey", "--label", label,
                    "--output-file", path.string()});
    EXPECT_EQ(read.status, 0) << read.err;
    std::ifstream file(path, std::ios::binary);
    const std::string der{std::istreambuf_iterator<char>(file), {}};
    const auto* at = Bytes(der).data();
    return OpenSslKey(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  }

  static bool Verifies(EVP_PKEY* key, const Octets& signature) {
    const Context context(EVP_MD_CTX_new());
    const auto text = Bytes(kText);
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                                key) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                            text.data(), text.size()) == 1;
  }

  static Octets Sign(EVP_PKEY* key) {
    const Context context(EVP_MD_CTX_new());
    const auto text = Bytes(kText);
    Octets signature(256);
    std::size_t size = signature.size();
    EXPECT_EQ(
        EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key),
        1);
    EXPECT_EQ(EVP_DigestSign(context.get(), signature.data(), &size,
                             text.data(), text.size()),
              1);
    return signature;
  }
};

TEST_F(RsaProgramsTest, OpenSslVerifiesWhatTheTokensKeySigns) {
  MakePair("jwt");
  const std::string key = Find(kPrivate, "jwt");
  const Asked made = Ask({"hash", key, kSign}, kText);
  ASSERT_EQ(made.codes, "0/0");
  Octets signature = FromHex(made.out);
  ASSERT_EQ(signature.size(), 256U);
  const OpenSslKey theirs = PublicKey("jwt");
  ASSERT_NE(theirs, nullptr);
  EXPECT_TRUE(Verifies(theirs.get(), signature));
  signature[0] ^= 1;
  EXPECT_FALSE(Verifies(theirs.get(), signature));
}

TEST_F(RsaProgramsTest, ASignatureOfOpenSslIsVerifiedByTheTokensKey) {
  const OpenSslKey theirs(EVP_RSA_gen(2048));
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(theirs.get(), &der);
  ASSERT_GT(size, 0);
  const auto path = folder_.Write(
      "theirs.der", std::string(reinterpret_cast<const char*>(der),
                                static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  const Outcome written =
      Pkcs11Tool({"--write-object", path.string(), "--type", "pubkey",
                  "--label", "openssl", "--id", "0B", "--usage-sign"});
  ASSERT_EQ(written.status, 0) << written.err;
  const std::string key = Find(kPublic, "openssl");
  Octets signature = Sign(theirs.get());
  const std::string right = ToHex(signature);
  EXPECT_EQ(Ask({"hash", key, kVerify, right}, kText).codes, "0/0");
  EXPECT_EQ(Ask({"hash", key, kVerify, right}, "another text").codes,
            "4/11000");
  signature[100] ^= 1;
  EXPECT_EQ(Ask({"hash", key, kVerify, ToHex(signature)}, kText).codes,
            "4/11000");
  signature.pop_back();
  EXPECT_EQ(Ask({"hash", key, kVerify, ToHex(signature)}, kText).codes,
            "4/11000");
}

// Each search is a process of its own.
TEST_F(RsaProgramsTest, TheSameHandlesComeBack) {
  MakePair("jwt");
  MakePair("other");
  const std::string own = Find(kPrivate, "jwt");
  const std::string open = Find(kPublic, "jwt");
  EXPECT_NE(own, open);
  EXPECT_NE(own, Find(kPrivate, "other"));
  EXPECT_EQ(Find(kPrivate, "jwt"), own);
  EXPECT_EQ(Find(kPublic, "jwt"), open);
  EXPECT_EQ(own.substr(0, 32), Padded(kBound));
  const Asked made = Ask({"hash", own, kSign}, kText);
  ASSERT_EQ(made.codes, "0/0");
  const std::string hex = made.out.substr(0, 512);
  EXPECT_EQ(Ask({"hash", open, kVerify, hex}, kText).codes, "0/0");
  // Its other half does not do this.
  EXPECT_EQ(Ask({"hash", open, kSign}, kText).codes, "8/3039");
  EXPECT_EQ(Ask({"hash", own, kVerify, hex}, kText).codes, "8/3039");
}

}  // namespace
}  // namespace sigtoken::testing
