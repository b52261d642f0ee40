// Keys that a module hides for a while, and what it does not take.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "keygen/remove.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Bytes;
using testing::CureOf;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::OpenSslMac;

class LostKeysTest : public testing::FaultyTokenTest {
 protected:
  void SetUp() override { testing::ImportKey(token(), {1, 'T'}, value_); }

  void ExpectRight(const Key& key) const {
    const Mac mac = Must(key.Sign(Hs256(), Bytes("data")));
    EXPECT_EQ(std::vector(mac.bytes().begin(), mac.bytes().end()),
              OpenSslMac(Hs256(), value_, Bytes("data")));
  }

  // As another library in the same process does.
  void LogOut() {
    auto lease = Must(token().Borrow());
    ASSERT_EQ(lease.session().functions().C_Logout(lease.session().handle()),
              CKR_OK);
  }

  const std::vector<std::uint8_t> value_ = std::vector<std::uint8_t>(64, 0xA5);
};

// SoftHSM2 hides a key that it could not destroy, until it is initialised anew.
TEST_F(LostKeysTest, AfterAKeyWasNotDestroyedTheModuleIsInitialisedAnew) {
  const Key key = FindKey(1);
  const auto initialised = fault_.Calls("C_Initialize");
  const auto logins = fault_.Calls("C_Login");
  fault_.Script("C_DestroyObject 1 return CKR_GENERAL_ERROR");
  EXPECT_THAT(DeleteKey(token(), {1, 'T'}, false), FailsWith(kNotAvailable));
  fault_.Script("");
  ExpectRight(key);
  EXPECT_EQ(Must(ListKeys(token())).keys.size(), 1U);
  EXPECT_EQ(fault_.Calls("C_Initialize"), initialised + 1);
  EXPECT_EQ(fault_.Calls("C_Login"), logins + 1);
  EXPECT_THAT(DeleteKey(token(), {1, 'T'}, false), IsOk());
  EXPECT_THAT(key.Sign(Hs256(), {}), FailsWith(kObjectNotFound));
}

// As another library in the same process logs out; NSS calls the key too short
// then.
TEST_F(LostKeysTest, ALostLoginIsMadeAgain) {
  OpenAnewWithoutPauses();
  const Key key = FindKey(1);
  ExpectRight(key);
  const auto initialised = fault_.Calls("C_Initialize");
  for (const std::string script :
       {"", "C_SignInit 1 return CKR_KEY_SIZE_RANGE",
        "C_SignInit 1 return CKR_KEY_HANDLE_INVALID",
        "C_SignInit 1 return CKR_USER_NOT_LOGGED_IN"}) {
    SCOPED_TRACE(script);
    LogOut();
    const auto logins = fault_.Calls("C_Login");
    fault_.Script(script);
    ExpectRight(key);
    EXPECT_EQ(fault_.Calls("C_Login"), logins + 1);
  }
  EXPECT_EQ(fault_.Calls("C_Initialize"), initialised);
  fault_.Script("");
  LogOut();
  EXPECT_EQ(Must(ListKeys(token())).keys.size(), 1U);
  LogOut();
  EXPECT_THAT(Key::Find(token_, ObjectId{1, 'T'}), IsOk());
}

TEST_F(LostKeysTest, ALoginThatIsLostForGoodIsSaidToBe) {
  const Key key = FindKey(1);
  LogOut();
  fault_.Script("C_Login * return CKR_DEVICE_ERROR");
  EXPECT_THAT(key.Sign(Hs256(), {}), FailsWith(kNotAvailable));
  const auto list = ListKeys(token());
  ASSERT_THAT(list, FailsWith(kNotAvailable));
  EXPECT_EQ(list.error().call, "C_Login");
}

// Busy with what another process changes, NSS shows nothing for a moment.
TEST_F(LostKeysTest, AKeyIsAbsentOnlyWhenItIsNotFoundTwice) {
  Must(token().Login());
  fault_.Script("C_FindObjects 1 forget");
  EXPECT_THAT(Key::Find(token_, ObjectId{1, 'T'}), IsOk());
  fault_.Script("C_FindObjects * forget");
  EXPECT_THAT(Key::Find(token_, ObjectId{1, 'T'}), FailsWith(kObjectNotFound));
}

TEST_F(LostKeysTest, DataThatTheTokenDoesNotTakeAreALimitOfIts) {
  const Key key = FindKey(1);
  const std::vector<std::uint8_t> data(5000);
  for (const std::string code :
       {"CKR_DATA_LEN_RANGE", "CKR_BUFFER_TOO_SMALL"}) {
    fault_.Script("C_Sign * return " + code);
    const auto mac = key.Sign(Hs256(), data);
    ASSERT_THAT(mac, FailsWith(kDataLengthInvalid));
    EXPECT_EQ(mac.error().call, "C_Sign");
    EXPECT_EQ(CureOf(mac),
              "the token does not take 5000 bytes of data, and they cannot be "
              "hashed elsewhere first: use fewer, or a token without that "
              "limit");
  }
}

}  // namespace
}  // namespace sigtoken
