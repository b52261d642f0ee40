// CSFPTRC with COPY.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/import_key.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/keygen/services/service_fixture.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::testing {
namespace {

using ::testing::ElementsAre;

class CopyTest : public ServiceTest {
 protected:
  std::vector<std::uint8_t> Sign(const Handle& handle) {
    return SignWith(Must(icsf_->FindKey(handle)), "text");
  }
};

TEST_F(CopyTest, AKeysCopyIsTheSameKeyUnderTheNextNumber) {
  const Handle original = Must(Create(With(
      KeyToBring(), {Text(CKA_LABEL, "one"), Text(CKA_APPLICATION, "app")})));
  const Handle copy = Must(Copy(original, {Text(CKA_LABEL, "two")}));
  EXPECT_EQ(copy.FormatShort(), "IDTTKN.JWT.SECRET:00000002T");
  EXPECT_EQ(Sign(copy), Sign(original));
  EXPECT_EQ(Attributes(copy)[CKA_LABEL], BytesOf("two"));
  EXPECT_EQ(Attributes(copy)[CKA_APPLICATION], BytesOf("app"));
  EXPECT_EQ(Attributes(original)[CKA_LABEL], BytesOf("one"));
  // Each lives on its own.
  ASSERT_TRUE(Delete(original));
  EXPECT_THAT(Search({}), ElementsAre("00000002T"));
  EXPECT_EQ(Sign(copy).size(), 32U);
}

TEST_F(CopyTest, CopiesGoFromTheTokenIntoTheSessionAndBack) {
  const Handle original = Must(Create(KeyToBring()));
  const Handle session = Must(Copy(original, {Flag(CKA_TOKEN, false)}));
  EXPECT_EQ(session.FormatShort(), "IDTTKN.JWT.SECRET:00000001S");
  const Handle back = Must(Copy(session, {Flag(CKA_TOKEN, true)}));
  EXPECT_EQ(back.FormatShort(), "IDTTKN.JWT.SECRET:00000002T");
  EXPECT_EQ(Sign(session), Sign(original));
  EXPECT_EQ(Sign(back), Sign(original));
}

TEST_F(CopyTest, ACopyMayBeStricterAndNeverLaxer) {
  const Handle open =
      Must(Create(With(KeyToBring(), {Flag(CKA_EXTRACTABLE, true)})));
  const Handle strict =
      Must(Copy(open, {Flag(CKA_SENSITIVE, true), Flag(CKA_EXTRACTABLE, false),
                       Flag(CKA_SIGN, false)}));
  EXPECT_FALSE(Attributes(strict).contains(CKA_VALUE));
  EXPECT_EQ(Attributes(strict)[CKA_SIGN], BytesOf(std::string(1, '\0')));
  const std::vector<List> laxer = {{Flag(CKA_SENSITIVE, false)},
                                   {Flag(CKA_EXTRACTABLE, true)},
                                   {Text(CKA_VALUE, "another")},
                                   {Number(CKA_VALUE_LEN, 64)}};
  for (const List& list : laxer) {
    EXPECT_THAT(Copy(strict, list), FailsWith(kAttributeReadOnly));
  }
  EXPECT_EQ(CountObjects(*token_), 2U);
}

TEST_F(CopyTest, DataObjectsAreCopiedWithWhatDiffers) {
  const Handle original = Must(Create(DataToBring()));
  const Handle copy = Must(Copy(original, {Text(CKA_VALUE, "other data")}));
  EXPECT_EQ(copy.FormatShort(), "IDTTKN.JWT.SECRET:00000002T");
  auto now = Attributes(copy);
  EXPECT_EQ(now[CKA_VALUE], BytesOf("other data"));
  EXPECT_EQ(now[CKA_LABEL], BytesOf("a label"));
  EXPECT_EQ(now[CKA_APPLICATION], BytesOf("an application"));
  EXPECT_EQ(Attributes(original)[CKA_VALUE], BytesOf("some data"));
}

TEST_F(CopyTest, WhatIsNotThereIsNotCopied) {
  const Handle original = Must(Create(KeyToBring()));
  const Handle missing(Name(kTokenName), {7, 'T'});
  const Handle secure(Name(kTokenName), {1, 'Y'});
  const Handle state(Name(kTokenName), {1, 'U'});
  EXPECT_THAT(Copy(missing), FailsWith(kObjectNotFound));
  EXPECT_THAT(Copy(secure), FailsWith(kObjectNotFound));
  EXPECT_THAT(Copy(state), FailsWith(kHandleInvalid));
  EXPECT_THAT(Copy(Handle(Name(kTokenName))), FailsWith(kHandleInvalid));
  EXPECT_THAT(Copy(Handle(Name("OTHER"), {1, 'T'})), FailsWith(kTokenNotFound));
  EXPECT_THAT(Copy(original, {Number(CKA_CLASS, CKO_DATA)}),
              FailsWith(kAttributeValueInvalid));
  EXPECT_EQ(CountObjects(*token_), 1U);
}

}  // namespace
}  // namespace sigtoken::testing
