#include "pkcs11/tokens/other_objects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "pkcs11/cryptoki/objects.h"
#include "tests/embedded_home.h"
#include "tests/other_objects.h"
#include "tests/rsa_keys.h"

namespace sigtoken {
namespace {

using testing::AnyRsaPair;
using testing::GiveHandle;
using testing::Import;
using testing::MakeData;
using testing::Must;

using Texts = std::vector<std::string>;

// "HANDLE CLASS LABEL" of each.
Texts Listed(Token& token) {
  Texts texts;
  for (const OtherObject& object : Must(ListOtherObjects(token))) {
    texts.push_back((object.handle ? object.handle->FormatShort() : "-") + " " +
                    std::to_string(object.object_class) + " " + object.label);
  }
  return texts;
}

Attributes AesKey(const std::string& label) {
  Attributes key;
  key.Number(CKA_CLASS, CKO_SECRET_KEY)
      .Number(CKA_KEY_TYPE, CKK_AES)
      .Flag(CKA_TOKEN, true)
      .Flag(CKA_PRIVATE, true)
      .Text(CKA_LABEL, label)
      .Bytes(CKA_VALUE, std::vector<std::uint8_t>(32, 1));
  return key;
}

class OtherObjectsTest : public testing::TokenTest {};

TEST_F(OtherObjectsTest, AnEmptyTokenHasNone) {
  EXPECT_EQ(Listed(*token_), Texts());
}

TEST_F(OtherObjectsTest, KeysForHmacAreNotAmongThem) {
  Generate();
  EXPECT_EQ(Listed(*token_), Texts());
}

TEST_F(OtherObjectsTest, SessionObjectsAreNotAmongThem) {
  Attributes data;
  data.Number(CKA_CLASS, CKO_DATA)
      .Flag(CKA_TOKEN, false)
      .Text(CKA_LABEL, "data");
  Must(token_->MakeInLogin(
      [&](Session& session, const HostLock::Shared& /*held*/) {
        return CreateObject(session, data);
      }));
  EXPECT_EQ(Listed(*token_), Texts());
}

TEST_F(OtherObjectsTest, AreListedByHandleThenByClassAndLabel) {
  Import(*token_, AesKey("b"));
  Import(*token_, AesKey("a"));
  Import(*token_, AnyRsaPair().PublicKey("pair"));
  Import(*token_, AnyRsaPair().PrivateKey("pair"));
  MakeData(*token_, {0x1F, 'Y'});
  MakeData(*token_, {7, 'T'});
  // 0 data, 2 public, 3 private, 4 secret key.
  EXPECT_EQ(Listed(*token_), (Texts{"IDTTKN.JWT.SECRET:00000007T 0 data",
                                    "IDTTKN.JWT.SECRET:0000001FY 0 data",
                                    "- 2 pair", "- 3 pair", "- 4 a", "- 4 b"}));
}

TEST_F(OtherObjectsTest, AKeyOfOthersHasTheHandleThatItWasGiven) {
  Import(*token_, AnyRsaPair().PublicKey("pair"));
  Import(*token_, AnyRsaPair().PrivateKey("pair"));
  GiveHandle(*token_, {3, 'T'}, "pair", CKO_PRIVATE_KEY);
  EXPECT_EQ(Listed(*token_),
            (Texts{"IDTTKN.JWT.SECRET:00000003T 3 pair", "- 2 pair"}));
}

// Two names of one PKCS#11 token.
TEST_F(OtherObjectsTest, WhatHasAHandleOfAnotherNameIsLeftOut) {
  Attributes data;
  data.Number(CKA_CLASS, CKO_DATA)
      .Flag(CKA_TOKEN, true)
      .Text(CKA_LABEL, "data")
      .Text(CKA_OBJECT_ID, "OTHER:00000001T");
  Import(*token_, data);
  Attributes theirs = AesKey("theirs");
  theirs.Text(CKA_ID, "OTHER:00000002T");
  Import(*token_, theirs);
  EXPECT_EQ(Listed(*token_), Texts());
}

}  // namespace
}  // namespace sigtoken
