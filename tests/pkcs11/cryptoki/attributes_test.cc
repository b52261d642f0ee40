#include "pkcs11/cryptoki/attributes.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace sigtoken {
namespace {

std::vector<std::uint8_t> ValueOf(const CK_ATTRIBUTE& attribute) {
  const auto* bytes = static_cast<const std::uint8_t*>(attribute.pValue);
  return {bytes, bytes + attribute.ulValueLen};
}

using Value = std::vector<std::uint8_t>;

TEST(AttributesTest, AFlagIsOneByte) {
  const auto attributes =
      Attributes().Flag(CKA_SIGN, true).Flag(CKA_WRAP, false);
  const auto list = attributes.ForCall();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].type, CKA_SIGN);
  EXPECT_EQ(ValueOf(list[0]), Value{1});
  EXPECT_EQ(list[1].type, CKA_WRAP);
  EXPECT_EQ(ValueOf(list[1]), Value{0});
}

TEST(AttributesTest, ANumberIsAMachinesCkUlong) {
  const auto attributes =
      Attributes().Number(CKA_VALUE_LEN, 0x0102030405060708);
  const auto list = attributes.ForCall();
  ASSERT_EQ(list.size(), 1U);
  ASSERT_EQ(list[0].ulValueLen, sizeof(CK_ULONG));
  CK_ULONG value = 0;
  std::memcpy(&value, list[0].pValue, sizeof value);
  EXPECT_EQ(value, 0x0102030405060708U);
}

TEST(AttributesTest, TextAndBytesAreTakenWhole) {
  const Value bytes = {0, 1, 0xFF};
  const auto attributes = Attributes()
                              .Text(CKA_LABEL, std::string("a\0b", 3))
                              .Text(CKA_ID, "")
                              .Bytes(CKA_VALUE, bytes);
  const auto list = attributes.ForCall();
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(ValueOf(list[0]), (Value{'a', 0, 'b'}));
  EXPECT_EQ(list[1].ulValueLen, 0U);
  EXPECT_EQ(ValueOf(list[2]), bytes);
}

TEST(AttributesTest, OwnsItsValues) {
  Attributes attributes;
  {
    std::string label = "a label that is too long for a small string";
    attributes.Text(CKA_LABEL, label);
    label.assign(label.size(), 'x');
  }
  const Attributes copy = attributes;
  attributes.Remove(CKA_LABEL);
  const auto list = copy.ForCall();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(ValueOf(list[0]).front(), 'a');
}

TEST(AttributesTest, RemoveTakesOutOneTypeAndSaysWhetherItWasThere) {
  Attributes attributes;
  attributes.Flag(CKA_SIGN, true).Flag(CKA_VERIFY, true);
  EXPECT_TRUE(attributes.Remove(CKA_SIGN));
  EXPECT_FALSE(attributes.Remove(CKA_SIGN));
  EXPECT_FALSE(attributes.Remove(CKA_WRAP));
  const auto list = attributes.ForCall();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].type, CKA_VERIFY);
}

TEST(AttributesTest, NoneIsAnEmptyList) {
  EXPECT_TRUE(Attributes().ForCall().empty());
}

}  // namespace
}  // namespace sigtoken
