#include "keygen/services/set_attribute_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/address_book.h"
#include "pkcs11/tokens/pending.h"
#include "tests/import_key.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/keygen/services/service_fixture.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::testing {
namespace {

using ::testing::ElementsAre;

const std::string kFalse(1, '\0');
const std::string kTrue(1, '\x01');

class SetAttributeValueTest : public ServiceTest {
 protected:
  std::vector<std::uint8_t> Sign(const Handle& handle) {
    return SignWith(Must(icsf_->FindKey(handle)), "text");
  }
};

TEST_F(SetAttributeValueTest, ChangesWhatTheTokenKeepsOfAKey) {
  const Handle key = Must(Create(With(KeyToBring(), {Text(CKA_LABEL, "one")})));
  const auto before = Sign(key);
  ASSERT_TRUE(Set(key, {Text(CKA_LABEL, "two")}));
  EXPECT_EQ(Sign(key), before);
  EXPECT_EQ(Attributes(key)[CKA_LABEL], BytesOf("two"));
  EXPECT_TRUE(Search({Text(CKA_LABEL, "one")}).empty());
  EXPECT_THAT(Search({Text(CKA_LABEL, "two")}), ElementsAre("00000001T"));
  EXPECT_EQ(CountObjects(*token_), 1U);
  Reopen();
  EXPECT_EQ(Sign(key), before);
  EXPECT_EQ(Attributes(key)[CKA_LABEL], BytesOf("two"));
  // The number is the object's, and no other one was spent.
  EXPECT_EQ(Must(Create(KeyToBring())).object()->sequence, 2U);
}

TEST_F(SetAttributeValueTest, TakesUsesAwayAndGivesThemBack) {
  const Handle key = Must(Create(KeyToBring()));
  ASSERT_TRUE(Set(key, {Flag(CKA_SIGN, false)}));
  EXPECT_THAT(Must(icsf_->FindKey(key)).Sign(Hs256(), {}),
              FailsWith(kKeyFunctionNotPermitted));
  ASSERT_TRUE(Set(key, {Flag(CKA_SIGN, true), Flag(CKA_VERIFY, false)}));
  const Key now = Must(icsf_->FindKey(key));
  const Mac mac = Must(now.Sign(Hs256(), {}));
  EXPECT_THAT(now.Verify(Hs256(), {}, mac.bytes()),
              FailsWith(kKeyFunctionNotPermitted));
  EXPECT_THAT(Set(key, {Flag(CKA_SIGN, false)}),
              FailsWith(kTemplateInconsistent));
}

TEST_F(SetAttributeValueTest, AKeyThatIsInUseHearsOfIt) {
  const Handle handle = Must(Create(KeyToBring()));
  const Key key = Must(Key::Find(token_, *handle.object()));
  const Mac mac = Must(key.Sign(Hs256(), {}));
  ASSERT_TRUE(Set(handle, {Flag(CKA_VERIFY, false)}));
  EXPECT_THAT(key.Verify(Hs256(), {}, mac.bytes()),
              FailsWith(kKeyFunctionNotPermitted));
  ASSERT_TRUE(Set(handle, {Flag(CKA_VERIFY, true), Flag(CKA_SIGN, false)}));
  EXPECT_THAT(key.Sign(Hs256(), {}), FailsWith(kKeyFunctionNotPermitted));
}

TEST_F(SetAttributeValueTest, DoorsOpenToOneSide) {
  const Handle open =
      Must(Create(With(KeyToBring(), {Flag(CKA_EXTRACTABLE, true)})));
  EXPECT_TRUE(Attributes(open).contains(CKA_VALUE));
  ASSERT_TRUE(Set(open, {Flag(CKA_SENSITIVE, true)}));
  EXPECT_FALSE(Attributes(open).contains(CKA_VALUE));
  EXPECT_THAT(Set(open, {Flag(CKA_SENSITIVE, false)}),
              FailsWith(kAttributeReadOnly));
  ASSERT_TRUE(Set(open, {Flag(CKA_EXTRACTABLE, false)}));
  EXPECT_THAT(Set(open, {Flag(CKA_EXTRACTABLE, true)}),
              FailsWith(kAttributeReadOnly));
  // As it is already is no change.
  EXPECT_TRUE(
      Set(open, {Flag(CKA_SENSITIVE, true), Flag(CKA_EXTRACTABLE, false)}));
}

TEST_F(SetAttributeValueTest, WhatNoModuleKeepsIsKeptInTheStore) {
  const Handle key = Must(Create(KeyToBring()));
  ASSERT_TRUE(Set(key, {Text(CKA_ID, "an id"), Text(CKA_END_DATE, "20300101"),
                        Flag(CKA_DERIVE, true)}));
  Reopen();
  EXPECT_EQ(Attributes(key)[CKA_ID], BytesOf("an id"));
  EXPECT_EQ(Attributes(key)[CKA_END_DATE], BytesOf("20300101"));
  EXPECT_EQ(Attributes(key)[CKA_DERIVE], BytesOf(kTrue));
  EXPECT_THAT(Search({Text(CKA_ID, "an id")}), ElementsAre("00000001T"));
}

TEST_F(SetAttributeValueTest, ChangesADataObject) {
  const Handle data = Must(Create(DataToBring()));
  ASSERT_TRUE(Set(data, {Text(CKA_APPLICATION, "ours")}));
  EXPECT_EQ(Attributes(data)[CKA_APPLICATION], BytesOf("ours"));
  EXPECT_EQ(Attributes(data)[CKA_VALUE], BytesOf("some data"));
  ASSERT_TRUE(Set(data, {Text(CKA_VALUE, ""), Text(CKA_LABEL, "other")}));
  Reopen();
  EXPECT_EQ(Attributes(data)[CKA_VALUE], BytesOf(""));
  EXPECT_EQ(Attributes(data)[CKA_LABEL], BytesOf("other"));
  EXPECT_EQ(Attributes(data)[CKA_APPLICATION], BytesOf("ours"));
  EXPECT_EQ(CountObjects(*token_), 1U);
}

TEST_F(SetAttributeValueTest, ChangesSessionObjectsToo) {
  const Handle key = Must(Create(With(KeyToBring(), {Flag(CKA_TOKEN, false)})));
  const Handle data =
      Must(Create(With(DataToBring(), {Flag(CKA_TOKEN, false)})));
  const auto before = Sign(key);
  ASSERT_TRUE(Set(key, {Text(CKA_LABEL, "two"), Text(CKA_ID, "id")}));
  ASSERT_TRUE(Set(data, {Text(CKA_VALUE, "other")}));
  EXPECT_EQ(Sign(key), before);
  EXPECT_EQ(Attributes(key)[CKA_LABEL], BytesOf("two"));
  EXPECT_EQ(Attributes(key)[CKA_ID], BytesOf("id"));
  EXPECT_EQ(Attributes(data)[CKA_VALUE], BytesOf("other"));
}

TEST_F(SetAttributeValueTest, WhatIsFixedIsRefused) {
  const Handle key = Must(Create(With(KeyToBring(), {Text(CKA_LABEL, "k")})));
  const Handle data = Must(Create(DataToBring()));
  const Handle fixed =
      Must(Create(With(KeyToBring(), {Flag(CKA_MODIFIABLE, false)})));
  struct Row {
    const Handle& handle;
    List list;
    IcsfCode code;
  };
  const std::vector<Row> rows = {
      {key, {Number(CKA_CLASS, CKO_DATA)}, kAttributeReadOnly},
      {key, {Number(CKA_KEY_TYPE, CKK_AES)}, kAttributeReadOnly},
      {key, {Text(CKA_VALUE, "x")}, kAttributeReadOnly},
      {key, {Number(CKA_VALUE_LEN, 1)}, kAttributeReadOnly},
      {key, {Flag(CKA_TOKEN, false)}, kAttributeReadOnly},
      {key, {Flag(CKA_PRIVATE, false)}, kAttributeReadOnly},
      {key, {Text(CKA_APPLICATION, "late")}, kAttributeReadOnly},
      {key, {Flag(CKA_MODIFIABLE, false)}, kAttributeReadOnly},
      {key, {Flag(CKA_ENCRYPT, true)}, kAttributeReadOnly},
      {key, {Flag(CKA_LOCAL, true)}, kAttributeReadOnly},
      {key, {Flag(kCkaIbmSecure, true)}, kAttributeReadOnly},
      {key, {Flag(CKA_EXTRACTABLE, true)}, kAttributeReadOnly},
      {key, {Flag(CKA_SENSITIVE, false)}, kAttributeReadOnly},
      {key, {Text(CKA_LABEL, std::string(33, 'x'))}, kAttributeValueInvalid},
      {key, {Text(CKA_SIGN, "yes")}, kAttributeValueInvalid},
      {key, {Text(CKA_START_DATE, "today")}, kAttributeValueInvalid},
      {key, {Text(0x999, "x")}, kAttributeTypeInvalid},
      {key,
       {Text(CKA_LABEL, "x"), Text(CKA_LABEL, "y")},
       kTemplateInconsistent},
      // All or nothing.
      {key, {Text(CKA_LABEL, "x"), Flag(CKA_TOKEN, false)}, kAttributeReadOnly},
      {data, {Flag(CKA_PRIVATE, false)}, kAttributeReadOnly},
      {data, {Text(CKA_ID, "x")}, kAttributeReadOnly},
      {fixed, {Text(CKA_LABEL, "x")}, kAttributeReadOnly},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_THAT(Set(rows[i].handle, rows[i].list), FailsWith(rows[i].code));
  }
  EXPECT_EQ(Attributes(key)[CKA_LABEL], BytesOf("k"));
  EXPECT_EQ(CountObjects(*token_), 3U);
  for (const Handle& handle :
       {Handle(Name(kTokenName)), Handle(Name(kTokenName), {1, 'U'})}) {
    EXPECT_THAT(Set(handle, {}), FailsWith(kHandleInvalid));
  }
  EXPECT_THAT(Set(Handle(Name(kTokenName), {9, 'T'}), {}),
              FailsWith(kObjectNotFound));
}

// A process that is killed between the copy and the end of the original.
TEST_F(SetAttributeValueTest, AnUnfinishedChangeDidNotHappen) {
  const Handle key = Must(Create(With(KeyToBring(), {Text(CKA_LABEL, "one")})));
  const auto before = Sign(key);
  {
    const auto held = Must(token_->Change());
    Session session = Must(token_->OpenSession(held, Access::kReadWrite));
    AttributeValues changed = {{CKA_LABEL, BytesOf("two")}};
    auto transaction = Must(token_->database().Begin());
    ASSERT_TRUE(SetPending(token_->database(), token_->name(), *key.object(),
                           FormatPending(changed)));
    ASSERT_TRUE(transaction.Commit());
    const auto objects =
        Must(FindObjects(session, AddressOf(token_->name(), *key.object())));
    sigtoken::Attributes label;
    Must(CopyObject(session, objects.front(), label.Text(CKA_LABEL, "two")));
  }
  EXPECT_EQ(CountObjects(*token_), 2U);
  Reopen();
  EXPECT_EQ(Sign(key), before);
  EXPECT_EQ(Attributes(key)[CKA_LABEL], BytesOf("one"));
  EXPECT_THAT(Search({}), ElementsAre("00000001T"));
  ASSERT_TRUE(Set(key, {Text(CKA_LABEL, "three")}));
  EXPECT_EQ(CountObjects(*token_), 1U);
  EXPECT_EQ(Attributes(key)[CKA_LABEL], BytesOf("three"));
  EXPECT_EQ(Sign(key), before);
}

}  // namespace
}  // namespace sigtoken::testing
