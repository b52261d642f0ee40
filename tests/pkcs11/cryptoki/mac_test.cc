#include "pkcs11/cryptoki/mac.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Bytes;
using testing::IsOk;
using testing::KeyToImport;
using testing::MessageOf;
using testing::Must;
using testing::OpenSslMac;

class MacTest : public testing::TokenTest {
 protected:
  MacTest() : value_(64, 0xA5) {}

  Session Open() {
    return Must(token_->OpenSession(Must(token_->Look()), Access::kReadOnly));
  }
  CK_OBJECT_HANDLE Key() {
    return testing::Import(*token_, KeyToImport("id", value_));
  }
  template <typename T>
  static CK_RV RvOf(const Result<T>& result) {
    return result ? CKR_OK : result.error().rv;
  }

  std::vector<std::uint8_t> value_;
};

TEST_F(MacTest, SignsAndVerifiesAsOpenSslDoes) {
  const CK_OBJECT_HANDLE key = Key();
  Session session = Open();
  for (const MacAlgorithm& algorithm : HmacAlgorithms()) {
    if (algorithm.is_ssl3) continue;
    for (const std::string& text :
         {std::string(), std::string("data"), std::string(4097, 'x')}) {
      const auto right = OpenSslMac(algorithm, value_, Bytes(text));
      const Mac mac = Must(SignMac(session, key, algorithm, Bytes(text)));
      EXPECT_TRUE(std::ranges::equal(mac.bytes(), right));
      EXPECT_TRUE(Must(VerifyMac(session, key, algorithm, Bytes(text), right)));
      EXPECT_FALSE(
          Must(VerifyMac(session, key, algorithm, Bytes(text + "!"), right)));
    }
  }
}

// Two modules of five do not look at the length themselves.
TEST_F(MacTest, AMacOfAnotherLengthIsWrongBeforeTheModuleSeesIt) {
  Session session = Open();
  for (const std::size_t size : {0U, 1U, 31U, 33U, 48U, 63U, 64U, 65U}) {
    const std::vector<std::uint8_t> mac(size);
    EXPECT_FALSE(Must(VerifyMac(session, CK_INVALID_HANDLE, Hs256(), {}, mac)))
        << size;
  }
}

TEST_F(MacTest, WhatTheModuleRefusesIsSaid) {
  const auto with = [&](std::size_t size, CK_ATTRIBUTE_TYPE off) {
    Attributes key = KeyToImport("id", std::vector<std::uint8_t>(size, 1));
    if (key.Remove(off)) key.Flag(off, false);
    return testing::Import(*token_, key);
  };
  Generate();
  const CK_OBJECT_HANDLE short_key = with(63, CKA_WRAP);
  const CK_OBJECT_HANDLE no_sign = with(64, CKA_SIGN);
  const CK_OBJECT_HANDLE no_verify = with(64, CKA_VERIFY);
  const MacAlgorithm& hs512 = *FindMacAlgorithm("HS512");
  struct Row {
    CK_OBJECT_HANDLE key;
    CK_RV sign;
    CK_RV verify;
  };
  for (const Row& row : {Row{short_key, CKR_KEY_SIZE_RANGE, CKR_KEY_SIZE_RANGE},
                         Row{no_sign, CKR_KEY_FUNCTION_NOT_PERMITTED, CKR_OK},
                         Row{no_verify, CKR_OK, CKR_KEY_FUNCTION_NOT_PERMITTED},
                         Row{no_verify + 1000, CKR_OBJECT_HANDLE_INVALID,
                             CKR_OBJECT_HANDLE_INVALID}}) {
    Session session = Open();
    const auto made = SignMac(session, row.key, hs512, {});
    EXPECT_EQ(RvOf(made), row.sign);
    Session other = Open();
    const auto verified = VerifyMac(other, row.key, hs512, {}, Mac(64).bytes());
    EXPECT_EQ(RvOf(verified), row.verify);
    if (!made) {
      EXPECT_EQ(made.error().call, "C_SignInit");
      EXPECT_EQ(MessageOf(made), "could not sign with HS512");
    }
    if (!verified) {
      EXPECT_EQ(verified.error().call, "C_VerifyInit");
      EXPECT_EQ(MessageOf(verified), "could not verify with HS512");
    }
  }
}

// SoftHSM2 has none; tests/modules has one that has.
TEST_F(MacTest, AnAlgorithmThatTheModuleLacksIsSaid) {
  const CK_OBJECT_HANDLE key = Key();
  for (const char* keyword : {"SSL3-MD5", "SSL3-SHA"}) {
    const MacAlgorithm& algorithm = *FindHmacAlgorithm(keyword);
    Session session = Open();
    const auto made = SignMac(session, key, algorithm, {});
    EXPECT_EQ(RvOf(made), CKR_MECHANISM_INVALID);
    EXPECT_EQ(MessageOf(made), std::string("could not sign with ") + keyword);
    EXPECT_EQ(RvOf(VerifyMac(session, key, algorithm, {},
                             Mac(algorithm.mac_bytes).bytes())),
              CKR_MECHANISM_INVALID);
  }
}

TEST_F(MacTest, ASessionServesManyMacs) {
  const CK_OBJECT_HANDLE key = Key();
  Session session = Open();
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(SignMac(session, key, Hs256(), {}), IsOk());
    EXPECT_FALSE(Must(VerifyMac(session, key, Hs256(), {}, Mac(32).bytes())));
  }
}

}  // namespace
}  // namespace sigtoken
