// A key that was found never becomes another one, whoever knows of it.

#include "pkcs11/tokens/same_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Bytes;
using testing::FailsWith;
using testing::Must;
using testing::OpenSslMac;

class SameKeyTest : public testing::FaultyTokenTest {
 protected:
  static Attributes Template(std::uint8_t value, bool signs) {
    Attributes key = testing::KeyToImport("IDT.KEYS:00000001T",
                                          std::vector<std::uint8_t>(64, value));
    key.Remove(CKA_SIGN);
    return std::move(key.Flag(CKA_SIGN, signs));
  }
  CK_OBJECT_HANDLE Import(std::uint8_t value, bool signs = true) {
    return testing::Import(token(), Template(value, signs));
  }
  CK_OBJECT_HANDLE ImportWithoutHandle(std::uint8_t value) {
    Attributes key = Template(value, true);
    key.Remove(CKA_ID);
    return testing::Import(token(), key);
  }
  Key FindLabelled() {
    Attributes wanted;
    wanted.Text(CKA_LABEL, "imported");
    return Must(Key::Find(token_, wanted, "labelled so"));
  }
  static std::vector<std::uint8_t> Right(std::uint8_t value) {
    return OpenSslMac(Hs256(), std::vector<std::uint8_t>(64, value),
                      Bytes("data"));
  }
  static void ExpectSigns(const Key& key, std::uint8_t value) {
    const Mac mac = Must(key.Sign(Hs256(), Bytes("data")));
    EXPECT_EQ(std::vector(mac.bytes().begin(), mac.bytes().end()),
              Right(value));
  }
  template <typename T>
  static void ExpectChanged(const Result<T>& result) {
    EXPECT_THAT(result, FailsWith(kObjectNotFound));
    EXPECT_EQ(result ? CKR_OK : result.error().rv, CKR_KEY_CHANGED);
  }
};

TEST_F(SameKeyTest, OneWithoutARecordIsTheOneThatWasFound) {
  const CK_OBJECT_HANDLE object = Import(1);
  const Key key = FindKey(1);
  ASSERT_FALSE(key.found().record);
  ExpectSigns(key, 1);
  testing::Destroy(token(), object);
  const CK_OBJECT_HANDLE other = Import(2);
  for (int i = 0; i < 2; ++i) ExpectChanged(key.Sign(Hs256(), Bytes("data")));
  ExpectChanged(key.Verify(Hs256(), Bytes("data"), Right(2)));
  testing::Destroy(token(), other);
  Import(1);
  ExpectSigns(key, 1);
}

TEST_F(SameKeyTest, OneWithoutAHandleIsTheOneThatWasFound) {
  const CK_OBJECT_HANDLE object = ImportWithoutHandle(1);
  const Key key = FindLabelled();
  ASSERT_FALSE(key.handle());
  ExpectSigns(key, 1);
  testing::Destroy(token(), object);
  ImportWithoutHandle(2);
  const auto made = key.Sign(Hs256(), Bytes("data"));
  ExpectChanged(made);
  EXPECT_EQ(testing::MessageOf(made),
            "the key labelled so has another check value than the one that was "
            "made: its place in the token was taken by another key");
}

// What the module does not say now, it may say next time.
TEST_F(SameKeyTest, OneThatShowsNoCheckValueNowIsNotAvailable) {
  const CK_OBJECT_HANDLE object = ImportWithoutHandle(1);
  const Key key = FindLabelled();
  testing::Destroy(token(), object);
  ImportWithoutHandle(1);
  // The first is refused for the handle; the others are its check values.
  fault_.Script("C_Sign * return CKR_FUNCTION_REJECTED");
  EXPECT_THAT(key.Sign(Hs256(), Bytes("data")), FailsWith(kNotAvailable));
  fault_.Script("");
  const auto end = BackOff::Clock::now() + 5 * std::chrono::seconds{2};
  auto made = key.Sign(Hs256(), Bytes("data"));
  while (!made && BackOff::Clock::now() < end) {
    made = key.Sign(Hs256(), Bytes("data"));
  }
  ExpectSigns(key, 1);
}

// Another process may take CKA_SIGN from a key (keygen/replace.h).
TEST_F(SameKeyTest, OneThatMayNotSignAnyMoreIsComparedByVerifying) {
  const CK_OBJECT_HANDLE object = Import(1);
  const Key key = FindKey(1);
  ExpectSigns(key, 1);
  testing::Destroy(token(), object);
  const CK_OBJECT_HANDLE same = Import(1, false);
  EXPECT_FALSE(key.Sign(Hs256(), Bytes("data")));
  EXPECT_TRUE(Must(key.Verify(Hs256(), Bytes("data"), Right(1))));
  testing::Destroy(token(), same);
  Import(2, false);
  ExpectChanged(key.Verify(Hs256(), Bytes("data"), Right(2)));
}

}  // namespace
}  // namespace sigtoken
