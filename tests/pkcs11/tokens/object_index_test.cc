#include "pkcs11/tokens/object_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/address_search.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;
using testing::Import;
using testing::ImportKey;
using ::testing::IsEmpty;
using testing::KeyToImport;
using testing::MessageOf;
using testing::Must;

// The short form of an object's handle.
std::string Address(const std::string& object) {
  return std::string(testing::kTokenName) + ":" + object;
}

class ObjectIndexTest : public testing::TokenTest {
 protected:
  // Runs `work(held, session)` with a session that searches only.
  template <typename Work>
  auto Look(const Work& work) {
    Must(token_->Login());
    const auto held = Must(token_->Look());
    Session session = Must(token_->OpenSession(held, Access::kReadOnly));
    return work(held, session);
  }
  Result<FoundKey> ExamineIt(CK_OBJECT_HANDLE object) {
    return Look([&](const auto& held, Session&) {
      return Examine(*token_, held, object);
    });
  }
  std::uint32_t Highest() {
    const auto highest = Must(Look([&](const auto& held, Session& session) {
      return HighestSequence(*token_, held, session);
    }));
    EXPECT_FALSE(highest.may_be_higher);
    return highest.number;
  }

  // A key of others, with that label and CKA_ID.
  CK_OBJECT_HANDLE ImportTheirs(const std::string& label,
                                const std::string& id) {
    Attributes key = KeyToImport(id, value_);
    key.Remove(CKA_LABEL);
    return Import(*token_, key.Text(CKA_LABEL, label));
  }

  // Handle or label of each.
  static std::vector<std::string> Names(const KeyList& list) {
    std::vector<std::string> names;
    for (const FoundKey& key : list.keys) {
      names.push_back(key.handle ? key.handle->FormatShort()
                                 : key.attributes.label);
    }
    return names;
  }

  const std::vector<std::uint8_t> value_ = std::vector<std::uint8_t>(64, 0xA5);
};

TEST_F(ObjectIndexTest, FindOneWantsExactlyOne) {
  Look([&](const auto&, Session& session) {
    const auto none = FindOne(
        *token_, session, Attributes().Text(CKA_LABEL, "twin"), "of them", "");
    EXPECT_THAT(none, FailsWith(kObjectNotFound));
    EXPECT_EQ(MessageOf(none), "there is no key of them");
    return 0;
  });
  const auto first = ImportTheirs("twin", "a");
  ImportTheirs("twin", "b");
  Look([&](const auto&, Session& session) {
    EXPECT_EQ(
        Must(FindOne(*token_, session, Attributes().Text(CKA_ID, "a"), "", "")),
        first);
    const auto both = FindOne(
        *token_, session, Attributes().Text(CKA_LABEL, "twin"), "of them", "");
    EXPECT_THAT(both, FailsWith(kHandleInvalid));
    EXPECT_EQ(MessageOf(both), "2 keys are of them");
    return 0;
  });
}

TEST_F(ObjectIndexTest, AKeyOfOursIsExaminedWithItsRecord) {
  const FoundKey made = Generate();
  const FoundKey found = Must(ExamineIt(made.object));
  EXPECT_EQ(found.handle, made.handle);
  EXPECT_EQ(found.check_mac, made.check_mac);
  ASSERT_TRUE(found.record);
  EXPECT_EQ(found.record->check_mac, made.check_mac);
  EXPECT_EQ(found.bytes(), 64U);
  EXPECT_FALSE(found.disabled());
}

TEST_F(ObjectIndexTest, AKeyOfOthersIsTakenAsItIs) {
  const FoundKey found = Must(ExamineIt(ImportTheirs("theirs", "a")));
  EXPECT_FALSE(found.handle);
  EXPECT_FALSE(found.record);
  EXPECT_EQ(found.check_mac, testing::OpenSslMac(Hs256(), value_, {}));
  EXPECT_EQ(found.bytes(), 64U);

  Attributes key = KeyToImport("b", value_);
  key.Remove(CKA_SIGN);
  const FoundKey silent =
      Must(ExamineIt(Import(*token_, key.Flag(CKA_SIGN, false))));
  EXPECT_FALSE(silent.check_mac);
  EXPECT_EQ(silent.no_check_mac, "the key may not sign");

  const FoundKey too_short = Must(ExamineIt(
      Import(*token_, KeyToImport("c", std::vector<std::uint8_t>(16, 1)))));
  EXPECT_FALSE(too_short.check_mac);
  EXPECT_EQ(too_short.no_check_mac, "could not sign with HS256");
}

// Only what we write ourselves is a handle of ours.
TEST_F(ObjectIndexTest, IdsThatAreNotOurFormAreNoHandles) {
  for (const std::string& id : std::vector<std::string>{
           "", "1T", Address("1T"), Address("00000001t"), Address("0000000aT"),
           Address("00000000T"), Address("00000001T "), Address("00000001E"),
           Address(""), "OTHER:00000001T", "idttkn.jwt.secret:00000001T"}) {
    SCOPED_TRACE(id);
    EXPECT_FALSE(Must(ExamineIt(ImportTheirs("theirs", id))).handle);
  }
  EXPECT_EQ(Highest(), 0U);
}

TEST_F(ObjectIndexTest, ListsOursByHandleAndThenTheOthersByLabel) {
  ImportTheirs("z", "a");
  ImportKey(*token_, {0x10, 'T'}, value_);
  ImportTheirs("b", "b");
  ImportKey(*token_, {2, 'Y'}, value_);
  ImportTheirs("", "only an id");
  ImportKey(*token_, {1, 'T'}, value_);
  const KeyList list = Must(ListKeys(*token_));
  EXPECT_THAT(Names(list),
              ElementsAre(Address("00000001T"), Address("00000002Y"),
                          Address("00000010T"), "", "b", "z"));
  EXPECT_THAT(list.left_out, IsEmpty());
}

TEST_F(ObjectIndexTest, AnEmptyTokenHasAnEmptyList) {
  const KeyList list = Must(ListKeys(*token_));
  EXPECT_THAT(list.keys, IsEmpty());
  EXPECT_THAT(list.left_out, IsEmpty());
}

TEST_F(ObjectIndexTest, WhatIsOfNoUseIsLeftOutWithTheReason) {
  const FoundKey made = Generate();
  testing::Destroy(*token_, made.object);
  ImportKey(*token_, {1, 'T'}, testing::Bytes("another"));
  ImportKey(*token_, {2, 'T'}, {});
  Import(*token_, KeyToImport(Address("00000003T"), {}));
  Attributes bare = KeyToImport("", value_);
  bare.Remove(CKA_LABEL);
  Import(*token_, bare.Text(CKA_LABEL, ""));

  const KeyList list = Must(ListKeys(*token_));
  EXPECT_THAT(list.keys, IsEmpty());
  EXPECT_THAT(
      list.left_out,
      ::testing::UnorderedElementsAre(
          ::testing::HasSubstr("another check value than the one that was"),
          ::testing::HasSubstr(":00000002T: the key is empty or has only"),
          ::testing::HasSubstr(":00000003T: could not sign with HS256")));
  EXPECT_THAT(list.half_made,
              ElementsAre("an object with neither label nor CKA_ID, as a "
                          "process leaves it that is killed while it makes a "
                          "key"));
}

TEST_F(ObjectIndexTest, KeysThatAreNotForHmacAreNotListed) {
  Attributes aes = KeyToImport("aes", std::vector<std::uint8_t>(32, 1));
  aes.Remove(CKA_KEY_TYPE);
  Import(*token_, aes.Number(CKA_KEY_TYPE, CKK_AES));
  Attributes typed = KeyToImport("typed", std::vector<std::uint8_t>(32, 1));
  typed.Remove(CKA_KEY_TYPE);
  Import(*token_, typed.Number(CKA_KEY_TYPE, CKK_SHA256_HMAC));
  const KeyList list = Must(ListKeys(*token_));
  ASSERT_EQ(list.keys.size(), 1U);
  EXPECT_EQ(list.keys[0].attributes.type, CKK_SHA256_HMAC);
}

TEST_F(ObjectIndexTest, ObjectsOfTheTokenAreThoseThatCarryItsHandles) {
  ImportTheirs("theirs", "OTHER:00000001T");
  const auto whole = ImportKey(*token_, {7, 'T'}, value_);
  const auto hollow = Import(*token_, KeyToImport(Address("0000000CY"), {}));
  EXPECT_THAT(Must(Look([&](const auto& held, Session& session) {
                return FindObjectsOf(*token_, held, session);
              })),
              ::testing::UnorderedElementsAre(whole, hollow));
  EXPECT_EQ(Highest(), 12U);
}

}  // namespace
}  // namespace sigtoken
