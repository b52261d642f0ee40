#include "signer/mac/hmac.h"

#include <algorithm>
#include <string>

#include "pkcs11/store/object_records.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/signer/mac/services.h"
#include "tests/signer/vectors.h"

namespace sigtoken {
namespace {

using testing::Bytes;
using testing::FailsWith;
using testing::FromHex;
using testing::kZeros;
using testing::MessageOf;
using testing::Must;
using testing::Octets;
using testing::OpenSslMac;
using testing::Rules;

class HmacTest : public testing::ServicesTest {
 protected:
  // Under that number; without the attribute `off`, or with it FALSE.
  void Import(std::uint32_t sequence, CK_ATTRIBUTE_TYPE off = CKA_WRAP) {
    Attributes key = testing::KeyToImport(Of(sequence).FormatShort(), value_);
    if (key.Remove(off)) key.Flag(off, false);
    testing::Import(token(), key);
  }
  Octets MacOf(std::string_view keyword, std::string_view text) {
    return OpenSslMac(*FindHmacAlgorithm(keyword), value_, Bytes(text));
  }

  const Octets value_ = Octets(64, 0xA5);
};

TEST_F(HmacTest, SignsAsRfc4231Says) {
  std::uint32_t number = 0;
  std::size_t compared = 0;
  const auto vectors = testing::ReadVectors("rfc4231.json");
  for (const auto& vector : vectors["tests"]) {
    SCOPED_TRACE(vector["test_case"].get<int>());
    testing::ImportKey(token(), {++number, 'T'},
                       FromHex(vector["key_hex"].get<std::string_view>()));
    const auto data = FromHex(vector["data_hex"].get<std::string_view>());
    const std::string text(data.begin(), data.end());
    for (const MacAlgorithm& algorithm : MacAlgorithms()) {
      const auto right =
          FromHex(vector[std::string(algorithm.name)].get<std::string_view>());
      const std::string rules(algorithm.icsf_keyword);
      const Octets made = Whole(Generate(rules, text, Text(number)));
      ASSERT_EQ(made.size(), algorithm.mac_bytes);
      // Test case 5 shows the first 128 bits only.
      EXPECT_TRUE(std::equal(right.begin(), right.end(), made.begin()));
      EXPECT_TRUE(Must(Verify(rules, text, Text(number), made)));
      ++compared;
    }
  }
  EXPECT_EQ(compared, 21U);
}

TEST_F(HmacTest, EveryHmacIsOpenSsls) {
  Import(1);
  for (const char* keyword :
       {"MD5", "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"}) {
    for (const std::string& text :
         {std::string(), std::string("data"), std::string(4097, 'x')}) {
      SCOPED_TRACE(keyword + std::to_string(text.size()));
      const Octets right = MacOf(keyword, text);
      for (const std::string& rules :
           {Rules({keyword}), Rules({keyword, "ONLY"}),
            Rules({"ONLY", keyword})}) {
        chain_ = testing::Unwritten();
        EXPECT_EQ(Whole(Generate(rules, text, Text(1), right.size())), right);
        EXPECT_EQ(chain_, kZeros);
        chain_ = testing::Unwritten();
        EXPECT_TRUE(Must(Verify(rules, text, Text(1), right)));
        EXPECT_EQ(chain_, kZeros);
      }
      EXPECT_FALSE(Must(Verify(Rules({keyword}), text + "!", Text(1), right)));
      for (const std::size_t at : {std::size_t{0}, right.size() - 1}) {
        Octets wrong = right;
        wrong[at] ^= 1;
        EXPECT_FALSE(Must(Verify(Rules({keyword}), text, Text(1), wrong)));
      }
    }
  }
  EXPECT_EQ(icsf_->states().size(), 0U);
}

// What is not there is told from what is wrong.
TEST_F(HmacTest, WhatTheModuleLacksIsNotAvailable) {
  Import(1);
  for (const char* keyword : {"SSL3-MD5", "SSL3-SHA"}) {
    EXPECT_THAT(Generate(Rules({keyword}), "data", Text(1)),
                FailsWith(kServiceNotAvailable));
    EXPECT_THAT(Verify(Rules({keyword}), "data", Text(1), Octets(64)),
                FailsWith(kServiceNotAvailable));
  }
  EXPECT_EQ(chain_, testing::Unwritten());
}

TEST_F(HmacTest, MoreBytesThanTheMacHasAreNotLookedAt) {
  Import(1);
  Octets mac = MacOf("SHA-256", "data");
  const auto verify = [&] {
    return Verify(Rules({"SHA-256"}), "data", Text(1), mac);
  };
  mac.push_back(7);
  EXPECT_TRUE(Must(verify()));
  mac.resize(1000, 9);
  EXPECT_TRUE(Must(verify()));
  for (const std::size_t size : {0U, 1U, 20U, 31U}) {
    mac.resize(size);
    const auto verified = verify();
    EXPECT_THAT(verified, FailsWith(kLengthInvalid)) << size;
    EXPECT_EQ(MessageOf(verified), "the MAC to verify has " +
                                       std::to_string(size) + " bytes, not 32");
  }
}

TEST_F(HmacTest, TooLittleRoomIsSaidWithWhatIsNeeded) {
  Import(1);
  chain_ = testing::Unwritten();
  for (const std::size_t room : {0U, 1U, 47U}) {
    const auto made = Generate(Rules({"SHA-384"}), "data", Text(1), room);
    EXPECT_THAT(made, FailsWith(kOutputTooShort));
    EXPECT_EQ(made.error().needed_bytes, 48U);
  }
  EXPECT_EQ(chain_, testing::Unwritten());
}

TEST_F(HmacTest, BadRulesAreRefused) {
  Import(1);
  for (const std::string& rules :
       {std::string(), std::string("SHA-256"), Rules({"sha-256"}),
        Rules({"HS256"}), Rules({"SHA3-256"}), Rules({"ONLY"}),
        Rules({"SHA-256", "SHA-256"}), Rules({"SHA-256", "MD5"}),
        Rules({"SHA-256", "FIRST", "LAST"}), Rules({"SHA-256", "HASH"}),
        Rules({"SHA-256", ""}) + "        ", Rules({"SHA1"})}) {
    EXPECT_THAT(Generate(rules, "data", Text(1)), FailsWith(kRuleArrayInvalid))
        << rules;
    EXPECT_THAT(Verify(rules, "data", Text(1), Octets(64)),
                FailsWith(kRuleArrayInvalid))
        << rules;
  }
}

TEST_F(HmacTest, BadHandlesAndKeysAreRefusedOnFirstToo) {
  Import(1);
  Import(2, CKA_SIGN);
  Import(3, CKA_VERIFY);
  Import(4);
  ObjectRecord record;
  record.id = {4, 'T'};
  record.disabled = true;
  auto transaction = Must(token().database().Begin());
  Must(PutObjectRecord(token().database(), token().name(), record));
  Must(transaction.Commit());
  struct Row {
    std::string handle;
    IcsfCode generate;
    IcsfCode verify;
  };
  for (const Row& row :
       {Row{"", kHandleInvalid, kHandleInvalid},
        Row{Handle(testing::Name(kName)).Format(), kHandleInvalid,
            kHandleInvalid},
        Row{Text(1, 'U'), kHandleInvalid, kHandleInvalid},
        Row{Text(1, 'Z'), kHandleInvalid, kHandleInvalid},
        Row{Text(1) + " ", kHandleInvalid, kHandleInvalid},
        Row{Text(9), kObjectNotFound, kObjectNotFound},
        Row{Text(1, 'Y'), kObjectNotFound, kObjectNotFound},
        Row{Text(1, 'S'), kObjectNotFound, kObjectNotFound},
        Row{Handle(testing::Name("NO.SUCH"), {1, 'T'}).Format(), kTokenNotFound,
            kTokenNotFound},
        Row{Text(2), kKeyFunctionNotPermitted, kIcsfDone},
        Row{Text(3), kIcsfDone, kKeyFunctionNotPermitted},
        Row{Text(4), kObjectDisabled, kObjectDisabled}}) {
    for (const char* step : {"ONLY", "FIRST"}) {
      SCOPED_TRACE(row.handle + step);
      const std::string rules = Rules({"SHA-256", step});
      chain_ = testing::Unwritten();
      const auto made = Generate(rules, "data", row.handle);
      EXPECT_EQ(made ? kIcsfDone : ToIcsf(made.error()), row.generate);
      EXPECT_EQ(chain_ == testing::Unwritten(), row.generate != kIcsfDone);
      chain_ = testing::Unwritten();
      const auto verified = Verify(rules, "data", row.handle, Octets(32));
      EXPECT_EQ(verified ? kIcsfDone : ToIcsf(verified.error()), row.verify);
      EXPECT_EQ(chain_ == testing::Unwritten(), row.verify != kIcsfDone);
    }
  }
  // Only the FIRST of each that was done.
  EXPECT_EQ(icsf_->states().size(), 2U);
}

TEST_F(HmacTest, AKeyThatOnlyVerifiesVerifies) {
  Import(1, CKA_SIGN);
  for (const char* keyword : {"MD5", "SHA-1", "SHA-224", "SHA-512"}) {
    const Octets mac = MacOf(keyword, "data");
    EXPECT_TRUE(Must(Verify(Rules({keyword}), "data", Text(1), mac)));
    EXPECT_FALSE(Must(Verify(Rules({keyword}), "datA", Text(1), mac)));
  }
}

TEST_F(HmacTest, AKeyTooShortForTheModuleIsSaid) {
  testing::Import(token(),
                  testing::KeyToImport(Of(1).FormatShort(), Octets(40, 3)));
  Must(Generate(Rules({"SHA-256"}), "data", Text(1)));
  EXPECT_THAT(Generate(Rules({"SHA-512"}), "data", Text(1)),
              FailsWith(kKeyFunctionNotPermitted));
}

TEST_F(HmacTest, SessionKeysOfTheProcessWork) {
  Must(token().Login());
  Session owner =
      Must(token().OpenSession(Must(token().Look()), Access::kReadWrite));
  for (const char category : {'S', 'X'}) {
    Attributes key =
        testing::KeyToImport(Of(1, category).FormatShort(), value_);
    key.Remove(CKA_TOKEN);
    key.Flag(CKA_TOKEN, false);
    auto list = key.ForCall();
    CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
    ASSERT_EQ(owner.functions().C_CreateObject(owner.handle(), list.data(),
                                               list.size(), &made),
              CKR_OK);
    EXPECT_EQ(Whole(Generate(Rules({"SHA-1"}), "data", Text(1, category))),
              MacOf("SHA-1", "data"));
    Must(Generate(Rules({"SHA-1", "FIRST"}), "data", Text(1, category)));
    EXPECT_EQ(chain_[40], category == 'X' ? 'Z' : 'U');
  }
}

// The cached one too, of which there is more to say than that it is not found.
TEST_F(HmacTest, ASessionKeyThatWentWithItsLoginTakesItsChainAlong) {
  Must(token().Login());
  std::optional<Session> owner =
      Must(token().OpenSession(Must(token().Look()), Access::kReadWrite));
  Attributes key = testing::KeyToImport(Of(1, 'S').FormatShort(), value_);
  key.Remove(CKA_TOKEN);
  key.Flag(CKA_TOKEN, false);
  auto list = key.ForCall();
  CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
  ASSERT_EQ(owner->functions().C_CreateObject(owner->handle(), list.data(),
                                              list.size(), &made),
            CKR_OK);
  icsf_->sessions().Put(Of(1, 'S'), {});
  Must(Generate(Rules({"SHA-1", "FIRST"}), "data", Text(1, 'S')));
  owner.reset();
  EXPECT_THAT(Generate(Rules({"SHA-1", "LAST"}), "", Text(1, 'S')),
              FailsWith(kSessionObjectGone));
  EXPECT_EQ(icsf_->states().size(), 0U);
  EXPECT_THAT(Generate(Rules({"SHA-1"}), "", Text(1, 'S')),
              FailsWith(kSessionObjectGone));
}

// A cached key that went is looked for anew.
TEST_F(HmacTest, AKeyThatWasDeletedIsNotFoundAndOneThatCameBackIs) {
  Import(1);
  const Octets mac = Whole(Generate(Rules({"MD5"}), "data", Text(1)));
  testing::Destroy(token(), FindKey(1).found().object);
  EXPECT_THAT(Generate(Rules({"MD5"}), "data", Text(1)),
              FailsWith(kObjectNotFound));
  EXPECT_THAT(Verify(Rules({"MD5"}), "data", Text(1), mac),
              FailsWith(kObjectNotFound));
  Import(1);
  EXPECT_EQ(Whole(Generate(Rules({"MD5"}), "data", Text(1))), mac);
}

}  // namespace
}  // namespace sigtoken
