// Functions of the fault module itself, on a token of SoftHSM2.

#ifndef TESTS_FAULT_RAW_CALLS_H_
#define TESTS_FAULT_RAW_CALLS_H_

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "pkcs11/cryptoki/objects.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/read_attribute.h"

namespace sigtoken::testing {

using Text = std::vector<std::uint8_t>;

// The token is logged in to and has one key, value_.
class RawCallsTest : public FaultyTokenTest {
 protected:
  void SetUp() override {
    Must(token().Login());
    session_.emplace(Open());
    key_ = ImportKey(token(), {1, 'T'}, value_);
  }
  void TearDown() override { session_.reset(); }

  Session Open() {
    return Must(token().OpenSession(Must(token().Look()), Access::kReadWrite));
  }
  CK_FUNCTION_LIST& functions() { return session_->functions(); }

  // C_SignInit and C_Sign: the answer of the one that fails.
  static CK_RV Sign(Session& session, CK_OBJECT_HANDLE key, Text& mac) {
    auto& functions = session.functions();
    CK_MECHANISM mechanism{CKM_SHA256_HMAC, nullptr, 0};
    CK_BYTE data[] = {'d', 'a', 't', 'a'};
    CK_RV rv = functions.C_SignInit(session.handle(), &mechanism, key);
    if (rv != CKR_OK) return rv;
    mac.assign(64, 0xEE);
    CK_ULONG bytes = mac.size();
    rv = functions.C_Sign(session.handle(), data, sizeof data, mac.data(),
                          &bytes);
    mac.resize(bytes);
    return rv;
  }
  CK_RV Sign(Text& mac) { return Sign(*session_, key_, mac); }
  CK_RV Sign() {
    Text mac;
    return Sign(mac);
  }
  CK_RV Verify(Text mac) {
    CK_MECHANISM mechanism{CKM_SHA256_HMAC, nullptr, 0};
    CK_BYTE data[] = {'d', 'a', 't', 'a'};
    const CK_RV rv =
        functions().C_VerifyInit(session_->handle(), &mechanism, key_);
    if (rv != CKR_OK) return rv;
    return functions().C_Verify(session_->handle(), data, sizeof data,
                                mac.data(), mac.size());
  }
  Text Right() const { return OpenSslMac(Hs256(), value_, Bytes("data")); }

  std::vector<CK_OBJECT_HANDLE> Find() {
    return Must(FindObjects(*session_, Attributes()));
  }
  CK_OBJECT_HANDLE Create(std::string_view id, const Text& value) {
    const Attributes attributes = KeyToImport(id, value);
    auto list = attributes.ForCall();
    CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
    EXPECT_EQ(functions().C_CreateObject(session_->handle(), list.data(),
                                         list.size(), &made),
              CKR_OK);
    return made;
  }
  CK_OBJECT_HANDLE Generate() {
    Attributes attributes = KeyToImport("generated", {});
    attributes.Remove(CKA_VALUE);
    attributes.Number(CKA_VALUE_LEN, 64);
    return Must(GenerateGenericSecret(*session_, attributes));
  }
  // What reading CKA_SENSITIVE answers.
  Result<bool> Sensitive(CK_OBJECT_HANDLE key) {
    return ReadFlag(*session_, key, CKA_SENSITIVE);
  }

  const Text value_ = Text(64, 0xA5);
  std::optional<Session> session_;
  CK_OBJECT_HANDLE key_ = CK_INVALID_HANDLE;
};

}  // namespace sigtoken::testing

#endif  // TESTS_FAULT_RAW_CALLS_H_
