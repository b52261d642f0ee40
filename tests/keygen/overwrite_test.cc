// Modules that have one key a CKA_ID, as NSS, and another host that makes keys
// in the same token.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "keygen/generate.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/keygen/elsewhere.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::CountObjects;
using testing::Must;
using testing::Name;
using testing::SignWith;

class OverwriteTest : public testing::FaultyTokenTest {
 protected:
  static std::uint32_t Generate(Token& in) {
    return Must(GenerateKey(in, {})).key.handle->object()->sequence;
  }
};

// Its number would be ours too by our store, which has never heard of it.
TEST_F(OverwriteTest, AKeyOfAnotherHostIsNotOverwritten) {
  fault_.Script("* * overwrite-id");
  const auto elsewhere = testing::OpenElsewhere(hsm_, configuration_);
  const auto there = Must(elsewhere->FindToken(Name(kName)));
  ASSERT_EQ(Generate(*there), 1U);
  const auto mac = SignWith(Must(Key::Find(there, {1, 'T'})), "data");
  EXPECT_EQ(Generate(token()), 2U);
  EXPECT_EQ(CountObjects(token()), 2U);
  EXPECT_EQ(SignWith(FindKey(1), "data"), mac);
  EXPECT_NE(SignWith(FindKey(2), "data"), mac);
}

// Nor where both stores know of keys, and theirs of one more.
TEST_F(OverwriteTest, ANumberThatAnotherHostHasTakenSinceIsSteppedOver) {
  fault_.Script("* * overwrite-id");
  ASSERT_EQ(Generate(token()), 1U);
  const auto elsewhere = testing::OpenElsewhere(hsm_, configuration_);
  const auto there = Must(elsewhere->FindToken(Name(kName)));
  ASSERT_EQ(Generate(*there), 2U);
  const auto mac = SignWith(Must(Key::Find(there, {2, 'T'})), "data");
  EXPECT_EQ(Generate(token()), 3U);
  EXPECT_EQ(CountObjects(token()), 3U);
  EXPECT_EQ(SignWith(FindKey(2), "data"), mac);
}

// What cannot be read may be a key, and its number may be the next.
TEST_F(OverwriteTest, AKeyThatSaysNothingOfItsAddressIsSteppedOver) {
  Must(token().Login());
  const auto elsewhere = testing::OpenElsewhere(hsm_, configuration_);
  const auto there = Must(elsewhere->FindToken(Name(kName)));
  ASSERT_EQ(Generate(*there), 1U);
  const auto mac = SignWith(Must(Key::Find(there, {1, 'T'})), "data");
  fault_.Script(
      "* * overwrite-id\nC_GetAttributeValue 1-4 return CKR_GENERAL_ERROR");
  EXPECT_EQ(Generate(token()), 2U);
  EXPECT_EQ(SignWith(FindKey(1), "data"), mac);
  EXPECT_EQ(CountObjects(token()), 2U);
}

TEST_F(OverwriteTest, AKeyWhoseAddressCannotBeReadIsNotOverwrittenEither) {
  Must(token().Login());
  fault_.Script("* * overwrite-id");
  const auto elsewhere = testing::OpenElsewhere(hsm_, configuration_);
  const auto there = Must(elsewhere->FindToken(Name(kName)));
  ASSERT_EQ(Generate(*there), 1U);
  const auto mac = SignWith(Must(Key::Find(there, {1, 'T'})), "data");
  for (const std::string code :
       {"CKR_DEVICE_ERROR", "CKR_HOST_MEMORY", "CKR_SESSION_HANDLE_INVALID"}) {
    SCOPED_TRACE(code);
    fault_.Script("* * overwrite-id\nC_GetAttributeValue 1-4 return " + code);
    EXPECT_THAT(GenerateKey(token(), {}), testing::FailsWith(kNotAvailable));
    fault_.Script("");
    EXPECT_EQ(SignWith(FindKey(1), "data"), mac);
    EXPECT_EQ(CountObjects(token()), 1U);
  }
}

}  // namespace
}  // namespace sigtoken
