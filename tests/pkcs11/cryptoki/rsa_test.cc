#include "pkcs11/cryptoki/rsa.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pkcs11/base/codes.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/rsa_keys.h"

namespace sigtoken {
namespace {

using testing::AnyRsaPair;
using testing::Bytes;
using testing::FailsWith;
using testing::MessageOf;
using testing::Must;
using testing::RsaPair;

// DigestInfo of SHA-256 (RFC 8017, 9.2, note 1).
const std::vector<std::uint8_t> kSha256 = {
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
    0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

std::vector<std::uint8_t> InfoOf(std::string_view text) {
  auto info = kSha256;
  info.resize(info.size() + 32);
  EXPECT_EQ(EVP_Q_digest(nullptr, "SHA256", nullptr, text.data(), text.size(),
                         &info[kSha256.size()], nullptr),
            1);
  return info;
}

class RsaTest : public testing::FaultyTokenTest {
 protected:
  CK_OBJECT_HANDLE Import(const Attributes& key) {
    return testing::Import(token(), key);
  }
  Result<std::vector<std::uint8_t>> Sign(CK_OBJECT_HANDLE key) {
    Must(token().Login());
    Session session =
        Must(token().OpenSession(Must(token().Look()), Access::kReadOnly));
    return SignRsaPkcs(session, key, InfoOf("data"));
  }
};

TEST_F(RsaTest, SignsAsOpenSslDoes) {
  for (const unsigned bits : {1024U, 1032U, 2048U, 3072U}) {
    SCOPED_TRACE(bits);
    const RsaPair pair(bits);
    const auto made = Must(Sign(Import(pair.PrivateKey("key"))));
    EXPECT_EQ(made.size(), bits / 8);
    EXPECT_EQ(made, pair.Sign("SHA256", Bytes("data")));
  }
}

TEST_F(RsaTest, WhatTheModuleRefusesIsSaid) {
  Attributes no_sign = AnyRsaPair().PrivateKey("no sign");
  no_sign.Remove(CKA_SIGN);
  no_sign.Flag(CKA_SIGN, false);
  struct Row {
    CK_OBJECT_HANDLE key;
    IcsfCode code;
  };
  // SoftHSM2 does not look at the type before it signs.
  const CK_OBJECT_HANDLE last = Import(no_sign);
  const std::vector<std::uint8_t> value(64, 7);
  for (const Row& row :
       {Row{last, kKeyFunctionNotPermitted},
        Row{Import(AnyRsaPair().PublicKey("public")), kKeyFunctionNotPermitted},
        Row{Import(testing::KeyToImport("secret", value)), kNotAvailable},
        Row{last + 1000, IcsfOf(CKR_OBJECT_HANDLE_INVALID)}}) {
    EXPECT_THAT(Sign(row.key), FailsWith(row.code));
  }
}

TEST_F(RsaTest, ASignatureOfAnotherLengthThanTheModulusIsNone) {
  const CK_OBJECT_HANDLE key = Import(AnyRsaPair().PrivateKey("key"));
  for (const char* fault :
       {"truncate 1", "truncate 128", "lengthen 1", "lengthen 4096"}) {
    fault_.Script(std::string("C_Sign * ") + fault);
    const auto made = Sign(key);
    EXPECT_THAT(made, FailsWith(kNotAvailable)) << fault;
    EXPECT_EQ(made.error().rv, CKR_DEVICE_ERROR);
    EXPECT_EQ(made.error().call, "C_Sign");
  }
}

// A module need not give a private key's modulus.
TEST_F(RsaTest, WhereTheModulusIsNotGivenTheLengthIsThatOfSomeModulus) {
  const CK_OBJECT_HANDLE key = Import(AnyRsaPair().PrivateKey("key"));
  const std::string silent =
      "C_GetAttributeValue * return CKR_ATTRIBUTE_SENSITIVE\n";
  fault_.Script(silent);
  EXPECT_EQ(Must(Sign(key)), AnyRsaPair().Sign("SHA256", Bytes("data")));
  for (const char* fault : {"truncate 129", "truncate 256", "lengthen 4096"}) {
    fault_.Script(silent + "C_Sign * " + fault);
    const auto made = Sign(key);
    EXPECT_THAT(made, FailsWith(kNotAvailable)) << fault;
    EXPECT_EQ(made.error().rv, CKR_DEVICE_ERROR);
  }
}

TEST_F(RsaTest, WhatTheDeviceAnswersStaysWhatItIs) {
  const CK_OBJECT_HANDLE key = Import(AnyRsaPair().PrivateKey("key"));
  struct Row {
    const char* script;
    const char* call;
    CK_RV rv;
  };
  for (const Row& row :
       {Row{"C_SignInit * return CKR_MECHANISM_INVALID", "C_SignInit",
            CKR_MECHANISM_INVALID},
        Row{"C_Sign * return CKR_DATA_LEN_RANGE", "C_Sign", CKR_DATA_LEN_RANGE},
        Row{"C_Sign * return CKR_DEVICE_REMOVED", "C_Sign", CKR_DEVICE_REMOVED},
        Row{"C_GetAttributeValue * return CKR_DEVICE_ERROR",
            "C_GetAttributeValue", CKR_DEVICE_ERROR}}) {
    fault_.Script(row.script);
    const auto made = Sign(key);
    ASSERT_FALSE(made) << row.script;
    EXPECT_EQ(made.error().rv, row.rv) << row.script;
    EXPECT_EQ(made.error().call, row.call);
  }
}

TEST(RsaBytesTest, ZerosInFrontCountForNothing) {
  using Number = std::vector<std::uint8_t>;
  struct Row {
    Number modulus;
    std::size_t bytes;
  };
  for (const Row& row : {Row{{}, 0}, Row{{0}, 0}, Row{{0, 0, 0}, 0},
                         Row{{1}, 1}, Row{{0, 1, 0}, 2},
                         Row{{0, 0, 0x80, 1, 0}, 3}, Row{{0xFF, 0, 0, 0}, 4}}) {
    EXPECT_EQ(RsaBytes(row.modulus), row.bytes);
  }
}

}  // namespace
}  // namespace sigtoken
