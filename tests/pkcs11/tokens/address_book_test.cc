#include "pkcs11/tokens/address_book.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkcs11/store/token_records.h"
#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;
using testing::Must;
using testing::Name;

std::vector<std::uint8_t> Id(std::string_view text) {
  return {text.begin(), text.end()};
}

// A key with that label and CKA_ID.
KeyAttributes Key(const std::string& label, std::string_view id) {
  KeyAttributes attributes;
  attributes.label = label;
  attributes.id = Id(id);
  return attributes;
}

class AddressBookTest : public ::testing::Test {
 protected:
  void SetUp() override { hsm_.MakeToken("hsm"); }

  // The configuration binds these keys of the token IDT.KEYS, in that order.
  void Bind(const std::vector<std::pair<ObjectId, std::string>>& keys) {
    configuration_ = hsm_.Configure();
    BoundToken bound = hsm_.Bind("IDT.KEYS", "token=hsm");
    for (const auto& [id, uri] : keys) {
      bound.keys.push_back({id, Must(Uri::Parse(uri))});
    }
    configuration_.tokens = {bound};
    token_.reset();
    directory_ = Must(Directory::Open(configuration_));
    token_ = Must(directory_->FindToken(Name("IDT.KEYS")));
    const auto record =
        Must(FindTokenRecord(token_->database(), Name("IDT.KEYS")));
    if (record) return;
    Must(PutTokenRecord(token_->database(), {token_->name(), "", "", "", 0,
                                             Now(), token_->identity()}));
  }
  void Adopt(ObjectId id, const ForeignAddress& address, bool adopted = true) {
    ObjectRecord record;
    record.id = id;
    record.foreign = address;
    record.adopted = adopted;
    Must(PutObjectRecord(token_->database(), token_->name(), record));
  }
  AddressBook Book() { return Must(AddressBook::Of(*token_)); }
  // "IDT.KEYS:00000001T bound", or "" for none.
  std::string HandleOf(const KeyAttributes& attributes) {
    const auto found = Book().HandleOf(attributes);
    if (!found) return "";
    return found->handle.FormatShort() +
           (found->origin == Origin::kOurs    ? " ours"
            : found->origin == Origin::kBound ? " bound"
                                              : " adopted");
  }

  testing::PrivateSoftHsm2 hsm_;
  Configuration configuration_;
  std::unique_ptr<Directory> directory_;
  std::shared_ptr<Token> token_;
};

TEST_F(AddressBookTest, AKeyOfOursHasTheHandleInItsId) {
  Bind({});
  EXPECT_EQ(HandleOf(Key("any", "IDT.KEYS:0000000AY")),
            "IDT.KEYS:0000000AY ours");
  EXPECT_EQ(Book().Find({10, 'Y'}), nullptr);
  EXPECT_TRUE(Book().entries().empty());
}

TEST_F(AddressBookTest, ABoundKeyIsKnownByAllThatItsUriNames) {
  Bind({{{1, 'T'}, "pkcs11:object=label"},
        {{2, 'Y'}, "pkcs11:id=%01%02"},
        {{3, 'T'}, "pkcs11:object=both;id=both;type=secret-key"}});
  EXPECT_EQ(HandleOf(Key("label", "any")), "IDT.KEYS:00000001T bound");
  EXPECT_EQ(HandleOf(Key("label", "")), "IDT.KEYS:00000001T bound");
  EXPECT_EQ(HandleOf(Key("any", "\x01\x02")), "IDT.KEYS:00000002Y bound");
  EXPECT_EQ(HandleOf(Key("both", "both")), "IDT.KEYS:00000003T bound");
  for (const KeyAttributes& other :
       {Key("", ""), Key("LABEL", ""), Key("label ", ""), Key("both", "other"),
        Key("other", "both"), Key("", "\x01"), Key("", "\x01\x02\x03")}) {
    EXPECT_EQ(HandleOf(other), "");
  }
}

TEST_F(AddressBookTest, AnAdoptedKeyIsKnownByItsRecord) {
  Bind({});
  Adopt({4, 'T'}, {Id("\x05"), "theirs"});
  Adopt({5, 'T'}, {{}, "label alone"});
  Adopt({6, 'T'}, {Id("id alone"), ""});
  EXPECT_EQ(HandleOf(Key("theirs", "\x05")), "IDT.KEYS:00000004T adopted");
  EXPECT_EQ(HandleOf(Key("label alone", "x")), "IDT.KEYS:00000005T adopted");
  EXPECT_EQ(HandleOf(Key("x", "id alone")), "IDT.KEYS:00000006T adopted");
  EXPECT_EQ(HandleOf(Key("theirs", "\x06")), "");
  EXPECT_EQ(HandleOf(Key("Theirs", "\x05")), "");
}

TEST_F(AddressBookTest, ARecordOfAKeyThatWasBoundOnceGivesNoHandle) {
  Bind({});
  Adopt({4, 'T'}, {{}, "was bound"}, false);
  EXPECT_EQ(HandleOf(Key("was bound", "")), "");
  EXPECT_TRUE(Book().entries().empty());
}

TEST_F(AddressBookTest, TheConfigurationTakesAHandleOver) {
  Bind({{{4, 'T'}, "pkcs11:object=bound"}});
  Adopt({4, 'T'}, {{}, "adopted"});
  EXPECT_EQ(HandleOf(Key("adopted", "")), "");
  EXPECT_EQ(HandleOf(Key("bound", "")), "IDT.KEYS:00000004T bound");
  ASSERT_EQ(Book().entries().size(), 1U);
  EXPECT_EQ(Book().entries()[0].origin, Origin::kBound);
}

TEST_F(AddressBookTest, WhatCarriesAHandleOfOursHasNoOther) {
  Bind({{{4, 'T'}, "pkcs11:object=bound"}});
  EXPECT_EQ(HandleOf(Key("bound", "IDT.KEYS:00000001T")),
            "IDT.KEYS:00000001T ours");
}

TEST_F(AddressBookTest, ItsEntriesComeByTheirNumbers) {
  Bind({{{9, 'T'}, "pkcs11:object=nine"}, {{2, 'Y'}, "pkcs11:object=two"}});
  Adopt({0x10, 'T'}, {{}, "sixteen"});
  Adopt({1, 'T'}, {{}, "one"});
  const AddressBook book = Book();
  std::vector<std::string> labels;
  for (const auto& entry : book.entries()) {
    labels.push_back(entry.address.label);
    ASSERT_NE(book.Find(entry.id), nullptr);
    EXPECT_EQ(book.Find(entry.id)->address, entry.address);
  }
  EXPECT_THAT(labels, ElementsAre("one", "two", "nine", "sixteen"));
  EXPECT_EQ(book.Find({2, 'T'}), nullptr);
  EXPECT_EQ(book.Find({3, 'T'}), nullptr);
}

TEST_F(AddressBookTest, AKeyOfAnotherNameIsOneWithItsHandle) {
  Bind({{{1, 'T'}, "pkcs11:object=ours%20now"}});
  const AddressBook book = Book();
  EXPECT_TRUE(book.IsOfAnotherName(Key("", "OTHER:00000001T")));
  EXPECT_TRUE(book.IsOfAnotherName(Key("", "IDT.KEYS2:000000FFY")));
  for (const KeyAttributes& other :
       {Key("ours now", "OTHER:00000001T"), Key("", "IDT.KEYS:00000001T"),
        Key("", ""), Key("", "theirs"), Key("", "OTHER:1T"),
        Key("", "OTHER:000000ffT"), Key("", "other:00000001T"),
        Key("", "OTHER:00000000T"), Key("", "OTHER:00000001T ")}) {
    EXPECT_FALSE(book.IsOfAnotherName(other))
        << std::string(other.id.begin(), other.id.end());
  }
}

TEST_F(AddressBookTest, WithoutTheStoreThereIsNoBook) {
  Bind({{{1, 'T'}, "pkcs11:object=bound"}});
  Must(token_->database().Run("work", [](SQLite::Database& connection) {
    connection.exec("DROP TABLE objects");
  }));
  EXPECT_THAT(AddressBook::Of(*token_), FailsWith(kNotAvailable));
}

TEST(HandleOfIdTest, OnlyTheFormThatIsWrittenIsAHandle) {
  const TokenName token = Name("A");
  const auto handle = HandleOfId(token, Id("A:0000000AT"));
  ASSERT_TRUE(handle);
  EXPECT_EQ(handle->FormatShort(), "A:0000000AT");
  for (const std::string_view id :
       {"", "A", "A:", "A:AT", "A:0000000aT", "a:0000000AT", "A:0000000A",
        "A:0000000AE", "A:00000000T", "A:0000000AT ", "B:0000000AT",
        "AA:0000000AT"}) {
    EXPECT_EQ(HandleOfId(token, Id(id)), std::nullopt) << id;
  }
}

// Type and text of each attribute but the first, which is CKA_CLASS.
std::vector<std::pair<CK_ATTRIBUTE_TYPE, std::string>> Search(
    const Attributes& attributes) {
  std::vector<std::pair<CK_ATTRIBUTE_TYPE, std::string>> search;
  const auto list = attributes.ForCall();
  EXPECT_EQ(list.at(0).type, CKA_CLASS);
  EXPECT_EQ(*static_cast<const CK_OBJECT_CLASS*>(list.at(0).pValue),
            CKO_SECRET_KEY);
  for (std::size_t i = 1; i < list.size(); ++i) {
    search.emplace_back(list[i].type,
                        std::string(static_cast<const char*>(list[i].pValue),
                                    list[i].ulValueLen));
  }
  return search;
}

TEST(SearchTest, NamesWhatTellsTheKeyFromOthers) {
  using Pairs = std::vector<std::pair<CK_ATTRIBUTE_TYPE, std::string>>;
  EXPECT_EQ(Search(AddressOf(Name("A"), {1, 'Y'})),
            (Pairs{{CKA_ID, "A:00000001Y"}}));
  EXPECT_EQ(Search(SearchFor({Id("id"), "label"})),
            (Pairs{{CKA_ID, "id"}, {CKA_LABEL, "label"}}));
  EXPECT_EQ(Search(SearchFor({{}, "label"})), (Pairs{{CKA_LABEL, "label"}}));
  EXPECT_EQ(Search(SearchFor({Id("id"), ""})), (Pairs{{CKA_ID, "id"}}));
}

}  // namespace
}  // namespace sigtoken
