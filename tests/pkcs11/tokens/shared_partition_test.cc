// Several ICSF tokens in one PKCS#11 token.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "keygen/adopt.h"
#include "keygen/generate.h"
#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::Name;

class SharedPartitionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    hsm_.MakeToken("hsm");
    Configuration configuration = hsm_.Configure();
    configuration.tokens = {hsm_.Bind("FIRST", "token=hsm"),
                            hsm_.Bind("SECOND", "token=hsm")};
    directory_ = Must(Directory::Open(configuration));
  }

  Token& Find(const std::string& name) {
    return *Must(directory_->FindToken(Name(name)));
  }
  void Generate(const std::string& name, const std::string& label) {
    KeySpec spec;
    spec.label = label;
    Must(GenerateKey(Find(name), spec));
  }
  void ImportTheirs(const std::string& id) {
    testing::Import(Find("FIRST"), testing::KeyToImport(id, value_));
  }
  // Handle or CKA_ID of each key.
  std::vector<std::string> List(const std::string& name) {
    const KeyList list = Must(ListKeys(Find(name)));
    EXPECT_TRUE(list.left_out.empty());
    EXPECT_TRUE(list.half_made.empty());
    std::vector<std::string> keys;
    for (const FoundKey& key : list.keys) {
      const auto& id = key.attributes.id;
      keys.push_back(key.handle ? key.handle->FormatShort()
                                : std::string(id.begin(), id.end()));
    }
    return keys;
  }
  // The handle of the key that a URI names; "none" for one without.
  std::string FindByUri(const std::string& uri) {
    const Key key = Must(directory_->FindKey(uri));
    EXPECT_THAT(key.Sign(Hs256(), testing::Bytes("data")), IsOk());
    return key.handle() ? key.handle()->FormatShort() : "none";
  }
  void Adopt(const std::string& name, const std::string& id) {
    Must(AdoptKey(Find(name), Attributes().Text(CKA_ID, id), 'T'));
  }

  testing::PrivateSoftHsm2 hsm_;
  std::unique_ptr<Directory> directory_;
  const std::vector<std::uint8_t> value_ = std::vector<std::uint8_t>(64, 0xA5);
};

TEST_F(SharedPartitionTest, EachNameListsItsOwnKeysAndThoseOfNobody) {
  Generate("FIRST", "a");
  Generate("SECOND", "b");
  Generate("FIRST", "c");
  ImportTheirs("theirs");
  EXPECT_THAT(List("FIRST"),
              ElementsAre("FIRST:00000001T", "FIRST:00000002T", "theirs"));
  EXPECT_THAT(List("SECOND"), ElementsAre("SECOND:00000001T", "theirs"));
}

TEST_F(SharedPartitionTest, AHandleOfOneNameIsNoneOfTheOther) {
  Generate("FIRST", "a");
  Generate("FIRST", "b");
  Generate("SECOND", "c");
  EXPECT_THAT(directory_->FindKey("FIRST:2T"), IsOk());
  EXPECT_THAT(directory_->FindKey("SECOND:2T"), FailsWith(kObjectNotFound));
}

TEST_F(SharedPartitionTest, AUriOfAKeyGivesItsHandleUnderWhicheverName) {
  Generate("FIRST", "first's");
  Generate("SECOND", "second's");
  EXPECT_EQ(FindByUri("pkcs11:token=hsm;object=first%27s"), "FIRST:00000001T");
  EXPECT_EQ(FindByUri("pkcs11:object=second%27s"), "SECOND:00000001T");
  EXPECT_EQ(FindByUri("pkcs11:id=SECOND%3a00000001T"), "SECOND:00000001T");
}

TEST_F(SharedPartitionTest, AKeyOfOthersThatBothNamesShowIsNotAmbiguous) {
  ImportTheirs("theirs");
  EXPECT_EQ(FindByUri("pkcs11:id=theirs"), "none");
  EXPECT_EQ(FindByUri("pkcs11:token=hsm;object=imported"), "none");
}

TEST_F(SharedPartitionTest, TheNameThatAdoptedItIsTheBetterOne) {
  ImportTheirs("one");
  ImportTheirs("two");
  Adopt("FIRST", "one");
  Adopt("SECOND", "two");
  EXPECT_EQ(FindByUri("pkcs11:id=one"), "FIRST:00000001T");
  EXPECT_EQ(FindByUri("pkcs11:id=two"), "SECOND:00000001T");
}

TEST_F(SharedPartitionTest, TwoKeysThatFitAreAmbiguous) {
  ImportTheirs("one");
  ImportTheirs("two");
  EXPECT_THAT(directory_->FindKey("pkcs11:object=imported"),
              FailsWith(kHandleInvalid));
  Generate("FIRST", "twin");
  Generate("SECOND", "twin");
  EXPECT_THAT(directory_->FindKey("pkcs11:object=twin"),
              FailsWith(kHandleInvalid));
}

TEST_F(SharedPartitionTest, KeysOfTwoPartitionsAreAmbiguousStill) {
  hsm_.MakeToken("other");
  Configuration configuration = hsm_.Configure();
  configuration.tokens = {hsm_.Bind("FIRST", "token=hsm"),
                          hsm_.Bind("SECOND", "token=hsm"),
                          hsm_.Bind("THIRD", "token=other")};
  directory_.reset();
  directory_ = Must(Directory::Open(configuration));
  ImportTheirs("theirs");
  testing::Import(Find("THIRD"), testing::KeyToImport("theirs", value_));
  const auto found = directory_->FindKey("pkcs11:id=theirs");
  EXPECT_THAT(found, FailsWith(kHandleInvalid));
  EXPECT_EQ(MessageOf(found), "the URI fits keys in several tokens");
  EXPECT_EQ(FindByUri("pkcs11:token=hsm;id=theirs"), "none");
}

TEST_F(SharedPartitionTest, OneNameIsDeletedWithoutTheOther) {
  Generate("FIRST", "a");
  Generate("SECOND", "b");
  ASSERT_THAT(directory_->DeleteToken(Name("FIRST"), true), IsOk());
  EXPECT_THAT(List("SECOND"), ElementsAre("SECOND:00000001T"));
  EXPECT_EQ(FindByUri("pkcs11:object=b"), "SECOND:00000001T");
}

}  // namespace
}  // namespace sigtoken
