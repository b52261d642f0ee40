// Lists of keys on a module that fails for one of them, or for all.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pkcs11/base/codes.h"
#include "pkcs11/tokens/object_index.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using ::testing::AnyOf;
using testing::FailsWith;
using testing::ImportKey;
using testing::Must;

class ListFaultsTest : public testing::FaultyTokenTest {
 protected:
  void SetUp() override {
    ImportKey(token(), {1, 'T'}, std::vector<std::uint8_t>(64, 0xA5));
    ImportKey(token(), {2, 'T'}, std::vector<std::uint8_t>(64, 0x5A));
    Must(token().Login());
  }

  Result<KeyList> ListWith(const std::string& script) {
    fault_.Script(script);
    auto list = ListKeys(token());
    fault_.Script("");
    return list;
  }
  std::size_t OpenSessions() const {
    return fault_.Calls("C_OpenSession") - fault_.Calls("C_CloseSession");
  }
};

TEST_F(ListFaultsTest, AKeyThatCannotSignIsLeftOutAndTheOtherListed) {
  const std::size_t sessions = OpenSessions();
  for (const std::string function : {"C_Sign", "C_SignInit"}) {
    const auto list = Must(ListWith(function + " 1 return CKR_GENERAL_ERROR"));
    ASSERT_EQ(list.keys.size(), 1U) << function;
    EXPECT_TRUE(list.keys[0].check_mac);
    const std::string other =
        list.keys[0].handle->object()->sequence == 1 ? "2T" : "1T";
    EXPECT_EQ(list.left_out,
              std::vector<std::string>{
                  "IDT.KEYS:0000000" + other +
                  ": could not sign with HS256: " + function +
                  " answered CKR_GENERAL_ERROR (ICSF 12/0, X'0'). The "
                  "module failed and does not say why. " +
                  Sentence(std::string(CureOf(CKR_GENERAL_ERROR)))});
    EXPECT_TRUE(list.half_made.empty());
  }
  EXPECT_EQ(Must(ListWith("")).keys.size(), 2U);
  EXPECT_EQ(OpenSessions(), sessions);
}

// Nothing is told from "no such attribute" there: the key is shown without.
TEST_F(ListFaultsTest, AKeyWhoseAttributesCannotBeReadHasNoAddress) {
  const auto list =
      Must(ListWith("C_GetAttributeValue * return CKR_GENERAL_ERROR"));
  EXPECT_TRUE(list.keys.empty());
  EXPECT_TRUE(list.left_out.empty());
  EXPECT_EQ(list.half_made.size(), 2U);
}

// A length that no attribute has is not believed, nor is room made for it.
TEST_F(ListFaultsTest, LengthsThatAreTooLongAreNotFollowed) {
  for (const std::string when : {"*", "1-8", "7-"}) {
    SCOPED_TRACE(when);
    const auto list =
        Must(ListWith("C_GetAttributeValue " + when + " lengthen 2000000"));
    EXPECT_EQ(list.keys.size() + list.left_out.size() + list.half_made.size(),
              2U);
    for (const FoundKey& key : list.keys) {
      EXPECT_TRUE(key.check_mac);
      EXPECT_THAT(key.attributes.label, AnyOf("", "imported"));
    }
  }
}

// A key type that is no CK_ULONG is none.
TEST_F(ListFaultsTest, AValueOfAnotherWidthIsNotTaken) {
  const auto list = Must(ListWith("C_GetAttributeValue 1 lengthen 1"));
  EXPECT_EQ(list.keys.size(), 1U);
}

// Where the module does not give all attributes at once, each is asked for.
TEST_F(ListFaultsTest, AttributesAreAskedForOneByOneWhereTheyMustBe) {
  for (const std::string code :
       {"CKR_ATTRIBUTE_TYPE_INVALID", "CKR_BUFFER_TOO_SMALL",
        "CKR_GENERAL_ERROR", "CKR_ATTRIBUTE_SENSITIVE"}) {
    const auto list = Must(ListWith("C_GetAttributeValue 1 return " + code));
    ASSERT_EQ(list.keys.size(), 2U) << code;
    EXPECT_TRUE(list.keys[0].handle && list.keys[1].handle) << code;
  }
}

// The device is gone, and not a key. Once it is back the list is whole.
TEST_F(ListFaultsTest, ADeviceThatIsGoneEndsTheList) {
  OpenAnewWithoutPauses();
  Must(token().Login());
  const std::size_t sessions = OpenSessions();
  for (const std::string call :
       {"C_Sign 1", "C_Sign 2", "C_SignInit 1", "C_SignInit 2",
        "C_GetAttributeValue 1", "C_GetAttributeValue 2", "C_FindObjectsInit 1",
        "C_FindObjects 1", "C_FindObjects 2", "C_FindObjectsFinal 1"}) {
    SCOPED_TRACE(call);
    EXPECT_EQ(Must(ListWith(call + " return CKR_DEVICE_REMOVED")).keys.size(),
              2U);
  }
  EXPECT_EQ(OpenSessions(), sessions);
  for (const std::string function :
       {"C_Sign", "C_SignInit", "C_GetAttributeValue", "C_FindObjectsInit",
        "C_FindObjects"}) {
    SCOPED_TRACE(function);
    EXPECT_THAT(ListWith(function + " * return CKR_DEVICE_REMOVED"),
                FailsWith(kNotAvailable));
  }
}

TEST_F(ListFaultsTest, SessionsThatTheTokenHasNotEndTheList) {
  for (const std::string when : {"1", "2", "3", "*"}) {
    SCOPED_TRACE(when);
    EXPECT_THAT(ListWith("C_OpenSession " + when + " return CKR_SESSION_COUNT"),
                FailsWith(kNotAvailable));
  }
  EXPECT_EQ(Must(ListWith("")).keys.size(), 2U);
}

}  // namespace
}  // namespace sigtoken
