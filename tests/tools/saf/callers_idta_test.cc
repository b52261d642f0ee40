#include "tools/saf/callers_idta.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/tools/saf/calls.h"

namespace sigtoken::testing {
namespace {

using saf::CallersIdta;

TEST(CallersIdtaTest, TheTokenIsWhatTheBufferHas) {
  TestIdta idta;
  idta.Give("a.b.c");
  EXPECT_EQ(CallersIdta(&idta.area).Token(), "a.b.c");
}

TEST(CallersIdtaTest, WithoutABufferThereIsNoToken) {
  TestIdta idta;
  idta.Give("a.b.c");
  idta.area.IDTA_IDT_Buffer_Ptr = nullptr;
  EXPECT_EQ(CallersIdta(&idta.area).Token(), "");
}

TEST(CallersIdtaTest, ATokenThatIsLongerThanItsBufferIsNotThere) {
  TestIdta idta;
  idta.area.IDTA_IDT_Len = 2048;
  EXPECT_EQ(CallersIdta(&idta.area).Token().size(), 2048U);
  idta.area.IDTA_IDT_Len = 2049;
  EXPECT_EQ(CallersIdta(&idta.area).Token(), "");
}

TEST(CallersIdtaTest, ThreeFieldsAreWrittenAndNoOther) {
  TestIdta idta;
  const CallersIdta given(&idta.area);
  Idta fields = given.fields();
  EXPECT_EQ(fields.buffer, 1U);
  EXPECT_TRUE(fields.end_user());
  fields.id = {'?', '?', '?', '?'};
  fields.version = fields.length = fields.idt_type = fields.prop_in = 0x7777;
  fields.buffer_len = 7;
  fields.idt_len = 300;
  fields.gen_rc = 5;
  fields.prop_out = 0x8000;
  IDTA expected = idta.area;
  expected.IDTA_IDT_Len = 300;
  expected.IDTA_IDT_Gen_RC = 5;
  expected.IDTA_IDT_Prop_Out = 0x8000;
  given.WriteBack(fields);
  EXPECT_EQ(std::memcmp(&idta.area, &expected, sizeof expected), 0);
}

TEST(CallersIdtaTest, OutputsOfAnEarlierCallAreForgottenWhereItIsAnIdta) {
  TestIdta idta;
  IDTA expected = idta.area;
  idta.area.IDTA_IDT_Gen_RC = 5;
  idta.area.IDTA_IDT_Prop_Out = 0xE000;
  saf::ClearOutputs(&idta.area);
  EXPECT_EQ(std::memcmp(&idta.area, &expected, sizeof expected), 0);

  idta.area.IDTA_IDT_Prop_Out = 0xE000;
  idta.area.IDTA_ID[3] = 'a';
  expected = idta.area;
  saf::ClearOutputs(&idta.area);
  EXPECT_EQ(std::memcmp(&idta.area, &expected, sizeof expected), 0);
  saf::ClearOutputs(nullptr);
}

TEST(CallersIdtaTest, NothingIsWrittenBehindAToken) {
  TestIdta idta;
  CallersIdta(&idta.area).WriteToken("a.b.c");
  idta.area.IDTA_IDT_Len = 5;
  EXPECT_EQ(idta.token(), "a.b.c");
  EXPECT_TRUE(idta.IsUntouchedFrom(5));
}

}  // namespace
}  // namespace sigtoken::testing
