#include "pkcs11/tokens/omnipresent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "keygen/adopt.h"
#include "keygen/generate.h"
#include "keygen/import.h"
#include "pkcs11/tokens/address_search.h"
#include "tests/embedded_home.h"
#include "tests/forked.h"
#include "tests/import_key.h"
#include "tests/other_objects.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::Name;

const TokenName kOmnipresent = TokenName::Omnipresent();

// Every refusal of a token object, by whatever call.
void ExpectNoTokenObjects(Token& token) {
  const auto made = GenerateKey(token, {});
  EXPECT_THAT(made, FailsWith(kAttributeReadOnly));
  if (made) return;
  EXPECT_EQ(made.error().rv, CKR_TOKEN_WRITE_PROTECTED);
  EXPECT_EQ(MessageOf(made),
            "the token SYSTOK-SESSION-ONLY is write-protected: it holds "
            "session objects alone");
  KeySpec bad;
  bad.label = std::string(33, 'x');
  EXPECT_THAT(GenerateKey(token, bad), FailsWith(kAttributeReadOnly));
  std::vector<std::uint8_t> bytes(64, 1);
  Secret value = Must(Secret::Take(bytes));
  EXPECT_THAT(ImportKey(token, {}, value), FailsWith(kAttributeReadOnly));
  EXPECT_THAT(AdoptKey(token, Attributes().Text(CKA_LABEL, "theirs"), 'T'),
              FailsWith(kAttributeReadOnly));
}

class OmnipresentTest : public testing::TokenTest {
 protected:
  bool IsInStore() const {
    return std::filesystem::exists(home_.path() / "embedded" /
                                   kOmnipresent.text());
  }
};

TEST_F(OmnipresentTest, IsMadeOnFirstDemandAndIsOneTokenFromThenOn) {
  EXPECT_FALSE(IsInStore());
  const auto token = Must(directory_->FindToken(kOmnipresent));
  EXPECT_TRUE(IsInStore());
  EXPECT_EQ(token->name(), kOmnipresent);
  EXPECT_EQ(Trimmed(token->info().label), kOmnipresent.text());
  EXPECT_EQ(Must(directory_->FindToken(kOmnipresent)), token);
  const auto identity = token->identity();
  Reopen();
  EXPECT_EQ(Must(directory_->FindToken(kOmnipresent))->identity(), identity);
}

TEST_F(OmnipresentTest, IsInNoList) {
  Must(directory_->FindToken(kOmnipresent));
  EXPECT_THAT(Must(directory_->Names()),
              ElementsAre(Name(testing::kTokenName)));
}

TEST_F(OmnipresentTest, CannotBeMadeOrDeleted) {
  for (const bool there : {false, true}) {
    if (there) Must(directory_->FindToken(kOmnipresent));
    const auto made = directory_->CreateToken(kOmnipresent, {});
    EXPECT_THAT(made, FailsWith(kTokenExists));
    EXPECT_EQ(MessageOf(made), "the token SYSTOK-SESSION-ONLY is always there");
    for (const bool force : {false, true}) {
      const auto deleted = directory_->DeleteToken(kOmnipresent, force);
      EXPECT_THAT(deleted, FailsWith(kAttributeReadOnly));
      EXPECT_EQ(deleted.error().rv, CKR_TOKEN_WRITE_PROTECTED);
      EXPECT_EQ(MessageOf(deleted),
                "the token SYSTOK-SESSION-ONLY cannot be deleted");
    }
    EXPECT_EQ(IsInStore(), there);
  }
}

TEST_F(OmnipresentTest, TakesSessionObjectsAndNoTokenObjects) {
  const auto token = Must(directory_->FindToken(kOmnipresent));
  ExpectNoTokenObjects(*token);
  EXPECT_EQ(testing::CountObjects(*token), 0U);
  const std::vector<std::uint8_t> value(64, 0xA5);
  testing::MakeSessionKey(*token, {1, 'S'}, value);
  const Key key = Must(Key::Find(token, ObjectId{1, 'S'}));
  EXPECT_THAT(key.Sign(Hs256(), testing::Bytes("data")), IsOk());
}

TEST_F(OmnipresentTest, ThreadsThatAskAtOnceGetOneToken) {
  std::vector<std::shared_ptr<Token>> tokens(4);
  std::vector<std::thread> threads;
  for (auto& token : tokens) {
    threads.emplace_back(
        [&] { token = Must(directory_->FindToken(kOmnipresent)); });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& token : tokens) EXPECT_EQ(token, tokens.front());
}

// Its name is there then, and the module of this process does not show it while
// another token is in use.
TEST_F(OmnipresentTest, AnotherProcessMayHaveMadeIt) {
  Generate();
  const Key key = FindKey(1);
  ASSERT_EQ(testing::InChild([&] {
              const auto directory = Directory::Open(home_.configuration());
              return directory && (*directory)->FindToken(kOmnipresent) ? 0 : 1;
            }),
            0);
  ASSERT_TRUE(IsInStore());
  const auto token = directory_->FindToken(kOmnipresent);
  ASSERT_THAT(token, IsOk());
  EXPECT_THAT((*token)->Login(), IsOk());
  EXPECT_THAT(key.Sign(Hs256(), testing::Bytes("data")), IsOk());
}

class OmnipresentBoundTest : public ::testing::Test {
 protected:
  void SetUp() override {
    hsm_.MakeToken("first");
    hsm_.MakeToken("second");
    configuration_ = hsm_.Configure();
    configuration_.tokens = {hsm_.Bind("FIRST", "token=first"),
                             hsm_.Bind("SECOND", "token=second")};
    configuration_.tokens.front().keys = {
        {{1, 'T'}, Must(Uri::Parse("pkcs11:object=theirs"))}};
  }
  std::unique_ptr<Directory> Open() {
    return Must(Directory::Open(configuration_));
  }

  testing::PrivateSoftHsm2 hsm_;
  Configuration configuration_;
};

TEST_F(OmnipresentBoundTest, IsTheDeviceOfTheFirstTokenWithoutItsKeys) {
  const auto directory = Open();
  const auto token = Must(directory->FindToken(kOmnipresent));
  EXPECT_EQ(token->name(), kOmnipresent);
  EXPECT_EQ(Trimmed(token->info().label), "first");
  EXPECT_TRUE(token->bound_keys().empty());
  EXPECT_EQ(Must(directory->FindToken(Name("FIRST")))->bound_keys().size(), 1U);
  EXPECT_THAT(Must(directory->Names()),
              ElementsAre(Name("FIRST"), Name("SECOND")));
  ExpectNoTokenObjects(*token);
  EXPECT_THAT(directory->DeleteToken(kOmnipresent, true),
              FailsWith(kAttributeReadOnly));
}

TEST_F(OmnipresentBoundTest, TheConfigurationMayBindItElsewhere) {
  configuration_.tokens.push_back(
      hsm_.Bind(kOmnipresent.text(), "token=second"));
  const auto directory = Open();
  const auto token = Must(directory->FindToken(kOmnipresent));
  EXPECT_EQ(Trimmed(token->info().label), "second");
  EXPECT_THAT(Must(directory->Names()),
              ElementsAre(Name("FIRST"), Name("SECOND"), kOmnipresent));
  ExpectNoTokenObjects(*token);
  EXPECT_THAT(directory->CreateToken(kOmnipresent, {}),
              FailsWith(kTokenExists));
  EXPECT_THAT(directory->DeleteToken(kOmnipresent, true),
              FailsWith(kAttributeReadOnly));
}

TEST_F(OmnipresentBoundTest, WithNeitherTokenNorStoreThereIsNone) {
  configuration_.tokens.clear();
  const auto token = Open()->FindToken(kOmnipresent);
  EXPECT_THAT(token, FailsWith(kTokenNotFound));
  EXPECT_EQ(CureOf(token), "add a [[token]] of that name, or embedded = true");
}

TEST_F(OmnipresentBoundTest, ADeviceThatIsGoneIsNotAvailable) {
  configuration_.tokens = {hsm_.Bind("FIRST", "token=none")};
  EXPECT_THAT(Open()->FindToken(kOmnipresent), FailsWith(kNotAvailable));
}

}  // namespace
}  // namespace sigtoken
