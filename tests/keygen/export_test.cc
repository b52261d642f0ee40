#include "keygen/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "keygen/adopt.h"
#include "keygen/remove.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::ImportValue;
using testing::MessageOf;
using testing::Must;
using testing::OpenSslMac;
using testing::SignWith;
using testing::TheirKey;
using testing::ValueOf;
using testing::WithFlag;

class ExportKeyTest : public testing::TokenTest {
 protected:
  std::vector<std::uint8_t> Export(ObjectId id) {
    const Secret value = Must(ExportKey(*token_, id));
    return {value.data(), value.data() + value.size()};
  }
  void ExpectSensitive(ObjectId id, const std::string& message) {
    const auto value = ExportKey(*token_, id);
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().rv, CKR_ATTRIBUTE_SENSITIVE);
    EXPECT_EQ(MessageOf(value), message);
  }
  static KeySpec Exportable() {
    KeySpec spec;
    spec.exportable = true;
    return spec;
  }
};

TEST_F(ExportKeyTest, AGeneratedKeySignsAsItsValueDoes) {
  for (const std::size_t bytes : {32U, 64U, 256U}) {
    KeySpec spec = Exportable();
    spec.bytes = bytes;
    const ObjectId id = *Generate(spec).handle->object();
    const auto value = Export(id);
    EXPECT_EQ(value.size(), bytes);
    EXPECT_EQ(SignWith(FindKey(id.sequence), "data"),
              OpenSslMac(Hs256(), value, testing::Bytes("data")));
  }
}

TEST_F(ExportKeyTest, AnImportedKeyComesBackToTheByte) {
  std::vector<std::vector<std::uint8_t>> values = {
      {1}, {1, 0}, {0, 0, 1}, {1, 0, 0, 0, 0, 0, 0, 0, 0}};
  for (const std::size_t bytes :
       {9U, 31U, 32U, 33U, 63U, 64U, 65U, 131U, 4096U}) {
    values.push_back(ValueOf(bytes));
  }
  for (const auto& value : values) {
    Must(ImportValue(*token_, value, Exportable()));
  }
  Reopen();
  std::uint32_t number = 0;
  for (const auto& value : values) {
    SCOPED_TRACE(value.size());
    EXPECT_EQ(Export({++number, 'T'}), value);
  }
}

TEST_F(ExportKeyTest, AKeyThatWasAdoptedIsExportedToo) {
  const auto value = ValueOf(48);
  testing::Import(*token_, WithFlag(WithFlag(TheirKey("id", "theirs", value),
                                             CKA_SENSITIVE, false),
                                    CKA_EXTRACTABLE, true));
  Must(AdoptKey(*token_, testing::KeysLabelled("theirs"), 'T'));
  EXPECT_EQ(Export({1, 'T'}), value);
}

TEST_F(ExportKeyTest, WhatTheTokenKeepsIsRefused) {
  const std::string name = "IDTTKN.JWT.SECRET:0000000";
  const std::string stays = " stays in the token: it is ";
  Generate();
  KeySpec secure;
  secure.category = 'Y';
  Generate(secure);
  Must(ImportValue(*token_, ValueOf(9)));
  testing::Import(*token_, WithFlag(TheirKey(name + "4T", "", ValueOf(64)),
                                    CKA_EXTRACTABLE, true));
  testing::Import(*token_, WithFlag(TheirKey(name + "5T", "", ValueOf(64)),
                                    CKA_SENSITIVE, false));
  const std::string begin = "the value of the key " + name;
  ExpectSensitive({1, 'T'}, begin + "1T" + stays + "CKA_SENSITIVE");
  ExpectSensitive({2, 'Y'}, begin + "2Y" + stays + "CKA_SENSITIVE");
  ExpectSensitive({3, 'T'}, begin + "3T" + stays + "CKA_SENSITIVE");
  ExpectSensitive({4, 'T'}, begin + "4T" + stays + "CKA_SENSITIVE");
  ExpectSensitive({5, 'T'}, begin + "5T" + stays + "not CKA_EXTRACTABLE");
}

TEST_F(ExportKeyTest, ADisabledKeyIsNotExportedUntilItIsEnabled) {
  const auto value = ValueOf(9);
  Must(ImportValue(*token_, value, Exportable()));
  Must(DisableKey(*token_, {1, 'T'}, true));
  const auto refused = ExportKey(*token_, {1, 'T'});
  EXPECT_THAT(refused, FailsWith(kObjectDisabled));
  EXPECT_EQ(MessageOf(refused),
            "the key IDTTKN.JWT.SECRET:00000001T is disabled");
  Must(DisableKey(*token_, {1, 'T'}, false));
  EXPECT_EQ(Export({1, 'T'}), value);
}

TEST_F(ExportKeyTest, WhatIsNotThereOrAnotherKeyIsRefused) {
  const FoundKey made = Generate(Exportable());
  for (const ObjectId id :
       {ObjectId{2, 'T'}, ObjectId{1, 'Y'}, ObjectId{1, 'S'}}) {
    EXPECT_THAT(ExportKey(*token_, id), FailsWith(kObjectNotFound));
  }
  testing::Destroy(*token_, made.object);
  testing::Import(*token_,
                  WithFlag(WithFlag(TheirKey("IDTTKN.JWT.SECRET:00000001T", "",
                                             ValueOf(64)),
                                    CKA_SENSITIVE, false),
                           CKA_EXTRACTABLE, true));
  EXPECT_THAT(ExportKey(*token_, {1, 'T'}), FailsWith(kObjectNotFound));
}

}  // namespace
}  // namespace sigtoken
