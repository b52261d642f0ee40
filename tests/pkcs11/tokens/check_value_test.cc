#include "pkcs11/tokens/check_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::KeyToImport;
using testing::MessageOf;
using testing::Must;

using Value = std::vector<std::uint8_t>;

class CheckValueTest : public testing::TokenTest {
 protected:
  Result<Value> Mac(const Value& value, CK_ATTRIBUTE_TYPE off = CKA_WRAP) {
    Attributes key = KeyToImport("id", value);
    if (key.Remove(off)) key.Flag(off, false);
    const auto object = testing::Import(*token_, key);
    return testing::Change(*token_, [&](Session& session) {
      return CheckMac(session, object, value.size());
    });
  }
  // Whether a key that may not sign is found to be worthless.
  bool IsWorthless(const Value& value) {
    Attributes key = KeyToImport("id", value);
    key.Remove(CKA_SIGN);
    key.Flag(CKA_SIGN, false);
    const auto object = testing::Import(*token_, key);
    return Must(testing::Change(*token_, [&](Session& session) {
      return VerifiesForEverybody(session, object, value.size());
    }));
  }
};

TEST_F(CheckValueTest, IsHmacSha256OverNoData) {
  for (const std::size_t size : {32U, 64U, 65U, 256U}) {
    const Value value(size, 0x5A);
    EXPECT_EQ(Must(Mac(value)), testing::OpenSslMac(Hs256(), value, {}));
  }
}

// HMAC-SHA-256 pads a key below 64 bytes with zeros (RFC 2104, section 2), so
// all of these are the empty key.
TEST_F(CheckValueTest, KeysOfZerosAloneAreRefused) {
  for (const std::size_t size : {32U, 48U, 63U, 64U, 65U, 128U, 4096U}) {
    SCOPED_TRACE(size);
    const auto made = Mac(Value(size));
    EXPECT_THAT(made, FailsWith(kAttributeValueInvalid));
    EXPECT_EQ(MessageOf(made),
              "the key is empty or has only zero bytes: everybody can sign "
              "with it");
  }
}

TEST_F(CheckValueTest, KeysOfZerosThatOnlyVerifyAreKnownToo) {
  for (const std::size_t size : {32U, 64U, 65U, 4096U}) {
    SCOPED_TRACE(size);
    Value value(size);
    EXPECT_TRUE(IsWorthless(value));
    value.back() = 1;
    EXPECT_FALSE(IsWorthless(value));
  }
}

TEST_F(CheckValueTest, AKeyThatCannotSignHasNone) {
  const auto no_sign = Mac(Value(64, 1), CKA_SIGN);
  ASSERT_FALSE(no_sign);
  EXPECT_EQ(no_sign.error().rv, CKR_KEY_FUNCTION_NOT_PERMITTED);
  const auto too_short = Mac(Value(31, 1));
  ASSERT_FALSE(too_short);
  EXPECT_EQ(too_short.error().rv, CKR_KEY_SIZE_RANGE);
}

TEST(KeyCheckValueTest, IsTheFirstThreeBytesInUpperCase) {
  Value mac(32, 0xEE);
  mac[0] = 0x0A;
  mac[1] = 0xBC;
  mac[2] = 0x00;
  EXPECT_EQ(KeyCheckValue(mac), "0ABC00");
}

}  // namespace
}  // namespace sigtoken
