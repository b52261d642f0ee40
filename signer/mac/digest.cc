#include "signer/mac/digest.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <array>
#include <string>
#include <utility>

namespace sigtoken {
namespace {

// Of DigestInfo ::= SEQUENCE { SEQUENCE { OID, NULL }, OCTET STRING }.
constexpr std::array<std::uint8_t, 15> kSha1 = {0x30, 0x21, 0x30, 0x09, 0x06,
                                                0x05, 0x2B, 0x0E, 0x03, 0x02,
                                                0x1A, 0x05, 0x00, 0x04, 0x14};
constexpr std::array<std::uint8_t, 19> Sha2(std::uint8_t oid,
                                            std::uint8_t bytes) {
  return {0x30, static_cast<std::uint8_t>(17 + bytes),
          0x30, 0x0D,
          0x06, 0x09,
          0x60, 0x86,
          0x48, 0x01,
          0x65, 0x03,
          0x04, 0x02,
          oid,  0x05,
          0x00, 0x04,
          bytes};
}
constexpr auto kSha224 = Sha2(4, 28);
constexpr auto kSha256 = Sha2(1, 32);
constexpr auto kSha384 = Sha2(2, 48);
constexpr auto kSha512 = Sha2(3, 64);

constexpr std::array<HashMethod, 5> kMethods = {{
    {"SHA-1", "SHA1", 20, kSha1},
    {"SHA-224", "SHA224", 28, kSha224},
    {"SHA-256", "SHA256", 32, kSha256},
    {"SHA-384", "SHA384", 48, kSha384},
    {"SHA-512", "SHA512", 64, kSha512},
}};

// OpenSSL keeps its errors for each thread; a caller that uses it too must not
// find ours among its own.
class NoErrorsStay {
 public:
  NoErrorsStay() { ERR_set_mark(); }
  NoErrorsStay(const NoErrorsStay&) = delete;
  NoErrorsStay& operator=(const NoErrorsStay&) = delete;
  ~NoErrorsStay() { ERR_pop_to_mark(); }
};

Error NoMemory() { return Fault("OpenSSL could not go on with a hash"); }

}  // namespace

std::span<const HashMethod> HashMethods() { return kMethods; }

const HashMethod* FindHashMethod(std::string_view keyword) {
  for (const HashMethod& method : kMethods) {
    if (method.keyword == keyword) return &method;
  }
  return nullptr;
}

struct Digest::Context {
  Context() : evp(EVP_MD_CTX_new()) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(evp); }

  EVP_MD_CTX* evp;
};

Digest::Digest(std::unique_ptr<Context> context)
    : context_(std::move(context)) {}
Digest::Digest(Digest&& other) noexcept = default;
Digest& Digest::operator=(Digest&& other) noexcept = default;
Digest::~Digest() = default;

Result<Digest> Digest::Begin(const HashMethod& method) {
  const NoErrorsStay none;
  auto context = std::make_unique<Context>();
  EVP_MD* fetched =
      EVP_MD_fetch(nullptr, std::string(method.openssl).c_str(), nullptr);
  // The context keeps a share of it.
  const bool begun = context->evp != nullptr && fetched != nullptr &&
                     EVP_DigestInit_ex2(context->evp, fetched, nullptr) == 1;
  EVP_MD_free(fetched);
  if (begun) return Digest(std::move(context));
  return Refusal(kServiceNotAvailable, CKR_MECHANISM_INVALID,
                 "OpenSSL does not offer " + std::string(method.keyword),
                 "see the providers in OpenSSL's configuration, openssl.cnf");
}

Result<Digest> Digest::Copy() const {
  const NoErrorsStay none;
  auto context = std::make_unique<Context>();
  if (context->evp == nullptr ||
      EVP_MD_CTX_copy_ex(context->evp, context_->evp) != 1) {
    return NoMemory();
  }
  return Digest(std::move(context));
}

Status Digest::Update(std::span<const std::uint8_t> text) {
  const NoErrorsStay none;
  if (EVP_DigestUpdate(context_->evp, text.data(), text.size()) != 1) {
    return NoMemory();
  }
  return Ok();
}

Result<std::vector<std::uint8_t>> Digest::Hash() const {
  SIGTOKEN_ASSIGN(const Digest copy, Copy());
  const NoErrorsStay none;
  std::vector<std::uint8_t> hash(EVP_MAX_MD_SIZE);
  unsigned bytes = 0;
  if (EVP_DigestFinal_ex(copy.context_->evp, hash.data(), &bytes) != 1) {
    return NoMemory();
  }
  hash.resize(bytes);
  return hash;
}

std::vector<std::uint8_t> DigestInfo(const HashMethod& method,
                                     std::span<const std::uint8_t> hash) {
  std::vector<std::uint8_t> der(method.der_prefix.begin(),
                                method.der_prefix.end());
  der.insert(der.end(), hash.begin(), hash.end());
  return der;
}

}  // namespace sigtoken
