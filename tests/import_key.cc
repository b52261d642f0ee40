#include "tests/import_key.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/icsf/handle.h"

namespace sigtoken::testing {
namespace {

constexpr std::size_t kLeastBytes = 64;

}  // namespace

Attributes KeyToImport(std::string_view id,
                       std::span<const std::uint8_t> value) {
  Attributes attributes;
  attributes.Number(CKA_CLASS, CKO_SECRET_KEY)
      .Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
      .Flag(CKA_TOKEN, true)
      .Flag(CKA_PRIVATE, true)
      .Flag(CKA_SENSITIVE, true)
      .Flag(CKA_EXTRACTABLE, false)
      .Flag(CKA_SIGN, true)
      .Flag(CKA_VERIFY, true)
      .Text(CKA_ID, id)
      .Text(CKA_LABEL, "imported")
      .Bytes(CKA_VALUE, value);
  return attributes;
}

CK_OBJECT_HANDLE Import(Token& token, const Attributes& object) {
  return Change(token, [&](Session& session) {
    auto list = object.ForCall();
    CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
    EXPECT_EQ(session.functions().C_CreateObject(session.handle(), list.data(),
                                                 list.size(), &made),
              CKR_OK);
    return made;
  });
}

CK_OBJECT_HANDLE ImportKey(Token& token, ObjectId id,
                           std::span<const std::uint8_t> value) {
  std::vector<std::uint8_t> padded(value.begin(), value.end());
  padded.resize(std::max(padded.size(), kLeastBytes));
  return Import(token,
                KeyToImport(Handle(token.name(), id).FormatShort(), padded));
}

void Destroy(Token& token, CK_OBJECT_HANDLE object) {
  Change(token, [&](Session& session) {
    EXPECT_EQ(session.functions().C_DestroyObject(session.handle(), object),
              CKR_OK);
    return 0;
  });
}

std::size_t CountObjects(Token& token) {
  return Change(token, [](Session& session) {
    return Must(FindObjects(session, Attributes())).size();
  });
}

std::vector<std::uint8_t> OpenSslMac(const MacAlgorithm& algorithm,
                                     std::span<const std::uint8_t> key,
                                     std::span<const std::uint8_t> data) {
  const std::map<std::size_t, const char*> digests = {
      {16, "MD5"},    {20, "SHA1"},   {28, "SHA224"},
      {32, "SHA256"}, {48, "SHA384"}, {64, "SHA512"}};
  const char* digest = digests.at(algorithm.mac_bytes);
  std::vector<std::uint8_t> mac(kMaxMacBytes);
  std::size_t size = 0;
  if (EVP_Q_mac(nullptr, "HMAC", nullptr, digest, nullptr, key.data(),
                key.size(), data.data(), data.size(), mac.data(), mac.size(),
                &size) == nullptr) {
    ADD_FAILURE() << "OpenSSL makes no MAC";
    std::abort();
  }
  mac.resize(size);
  return mac;
}

}  // namespace sigtoken::testing
