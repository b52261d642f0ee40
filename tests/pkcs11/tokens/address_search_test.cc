#include "pkcs11/tokens/address_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "keygen/generate.h"
#include "pkcs11/store/object_records.h"
#include "pkcs11/tokens/sequence.h"
#include "tests/embedded_home.h"
#include "tests/faulty_token.h"
#include "tests/other_objects.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::MakeData;
using testing::MakeSessionKey;
using testing::Must;
using testing::Name;

const std::vector<std::uint8_t> kValue(64, 0xA5);

// Runs `work(held, session)` in a token that is logged in.
template <typename Work>
auto In(Token& token, const Work& work) {
  Must(token.Login());
  const auto held = Must(token.Change());
  Session session = Must(token.OpenSession(held, Access::kReadOnly));
  return work(held, session);
}

HighestSequenceNumber Highest(Token& token) {
  return Must(In(token, [&](const auto& held, Session& session) {
    return HighestSequence(token, held, session);
  }));
}

std::size_t CountOurs(Token& token) {
  return Must(In(token,
                 [&](const auto& held, Session& session) {
                   return FindObjectsOf(token, held, session);
                 }))
      .size();
}

class AddressSearchTest : public testing::TokenTest {};

TEST_F(AddressSearchTest, DataObjectsHaveNumbersToo) {
  EXPECT_EQ(Highest(*token_).number, 0U);
  Generate();
  MakeData(*token_, {7, 'T'});
  EXPECT_EQ(Highest(*token_).number, 7U);
  EXPECT_EQ(CountOurs(*token_), 2U);
  EXPECT_EQ(Generate().handle->object(), (ObjectId{8, 'T'}));
  MakeData(*token_, {0x20, 'Y'});
  EXPECT_EQ(Generate().handle->object(), (ObjectId{0x21, 'T'}));
}

TEST_F(AddressSearchTest, SessionObjectsHaveNumbersOfTheirOwn) {
  Generate();
  const auto ours = CountOurs(*token_);
  MakeSessionKey(*token_, {9, 'S'}, kValue);
  MakeSessionKey(*token_, {10, 'X'}, kValue);
  EXPECT_EQ(Highest(*token_).number, 1U);
  EXPECT_EQ(CountOurs(*token_), ours);
  EXPECT_EQ(Generate().handle->object(), (ObjectId{2, 'T'}));
  // A session object of that number takes none away.
  MakeSessionKey(*token_, {3, 'S'}, kValue);
  EXPECT_EQ(Generate().handle->object(), (ObjectId{3, 'T'}));
}

TEST_F(AddressSearchTest, AddressesOfOthersDoNotCount) {
  Attributes data;
  data.Number(CKA_CLASS, CKO_DATA)
      .Flag(CKA_TOKEN, true)
      .Flag(CKA_PRIVATE, true)
      .Text(CKA_VALUE, "value");
  testing::Import(*token_, data);
  for (const char* id : {"OTHER:00000009T", "IDTTKN.JWT.SECRET:9T",
                         "IDTTKN.JWT.SECRET:00000009S", "9", ""}) {
    Attributes with = data;
    testing::Import(*token_, with.Text(CKA_OBJECT_ID, id));
  }
  // Of data objects, what stands in CKA_LABEL is no address.
  Attributes labelled = data;
  testing::Import(*token_,
                  labelled.Text(CKA_LABEL, "IDTTKN.JWT.SECRET:00000009T"));
  EXPECT_EQ(Highest(*token_).number, 0U);
  EXPECT_EQ(CountOurs(*token_), 0U);
}

TEST_F(AddressSearchTest, AStoreThatWasLostIsRebuiltFromTokenObjectsAlone) {
  Generate();
  MakeData(*token_, {5, 'T'});
  MakeSessionKey(*token_, {9, 'S'}, kValue);
  {
    auto transaction = Must(directory_->database().Begin());
    Must(DeleteTokenRecord(directory_->database(), token_->name()));
    Must(transaction.Commit());
  }
  Generate();
  const auto record = [&](ObjectId id) {
    return Must(FindObjectRecord(directory_->database(), token_->name(), id));
  };
  EXPECT_TRUE(record({1, 'T'}));
  EXPECT_TRUE(record({6, 'T'}));
  EXPECT_FALSE(record({9, 'S'}));
}

TEST_F(AddressSearchTest, SessionObjectsDoNotKeepATokenFromBeingDeleted) {
  MakeSessionKey(*token_, {1, 'S'}, kValue);
  EXPECT_THAT(directory_->DeleteToken(token_->name(), false), IsOk());
}

TEST_F(AddressSearchTest, DataObjectsKeepATokenFromBeingDeleted) {
  MakeData(*token_, {1, 'T'});
  EXPECT_THAT(directory_->DeleteToken(token_->name(), false),
              FailsWith(kTokenNotEmpty));
}

TEST(AddressSearchBoundTest, WithABoundTokenItsDataObjectsGo) {
  testing::PrivateSoftHsm2 hsm;
  hsm.MakeToken("hsm");
  Configuration configuration = hsm.Configure();
  configuration.tokens = {hsm.Bind("FIRST", "token=hsm"),
                          hsm.Bind("SECOND", "token=hsm")};
  const auto directory = Must(Directory::Open(configuration));
  const auto first = Must(directory->FindToken(Name("FIRST")));
  const auto second = Must(directory->FindToken(Name("SECOND")));
  Must(GenerateKey(*first, {}));
  MakeData(*first, {2, 'T'});
  MakeData(*second, {1, 'T'});
  EXPECT_THAT(directory->DeleteToken(Name("FIRST"), false),
              FailsWith(kTokenNotEmpty));
  EXPECT_EQ(testing::CountObjects(*second), 3U);
  EXPECT_THAT(directory->DeleteToken(Name("FIRST"), true), IsOk());
  EXPECT_EQ(testing::CountObjects(*second), 1U);
  EXPECT_EQ(CountOurs(*second), 1U);
}

class AddressSearchFaultTest : public testing::FaultyTokenTest {};

// The search for data objects is the second one of a key's making.
TEST_F(AddressSearchFaultTest, AModuleWithoutDataObjectsMakesKeysAllTheSame) {
  Must(token().Login());
  for (const char* code :
       {"CKR_ATTRIBUTE_TYPE_INVALID", "CKR_ATTRIBUTE_VALUE_INVALID",
        "CKR_TEMPLATE_INCONSISTENT"}) {
    fault_.Script(std::string("C_FindObjectsInit 2 return ") + code);
    EXPECT_THAT(In(token(),
                   [&](const auto& held, Session& session) {
                     return HighestSequence(token(), held, session);
                   }),
                IsOk())
        << code;
  }
}

TEST_F(AddressSearchFaultTest, ADeviceThatFailsIsNoModuleWithoutDataObjects) {
  Must(token().Login());
  for (const char* code : {"CKR_DEVICE_ERROR", "CKR_SESSION_HANDLE_INVALID",
                           "CKR_FUNCTION_FAILED", "CKR_GENERAL_ERROR"}) {
    fault_.Script(std::string("C_FindObjectsInit 2 return ") + code);
    EXPECT_THAT(In(token(),
                   [&](const auto& held, Session& session) {
                     return HighestSequence(token(), held, session);
                   }),
                FailsWith(kNotAvailable))
        << code;
  }
}

}  // namespace
}  // namespace sigtoken
