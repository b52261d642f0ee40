// KeySpec::if_absent: which key that is there will do.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

using testing::CountObjects;
using testing::CureOf;
using testing::FailsWith;
using testing::Import;
using testing::LastSequenceOf;
using testing::MessageOf;
using testing::Must;
using testing::TheirKey;
using testing::ValueOf;

class IfAbsentTest : public testing::TokenTest {
 protected:
  static KeySpec Labelled(const std::string& label) {
    KeySpec spec;
    spec.label = label;
    spec.if_absent = true;
    return spec;
  }
  // Asks for it, and gives what it is refused with.
  std::string Refused(const KeySpec& spec) {
    const std::size_t objects = CountObjects(*token_);
    const std::uint32_t last = LastSequenceOf(*token_);
    const auto made = GenerateKey(*token_, spec);
    EXPECT_THAT(made, FailsWith(kParameterInvalid));
    EXPECT_EQ(CureOf(made), "use another label, or delete that key first");
    EXPECT_EQ(CountObjects(*token_), objects);
    EXPECT_EQ(LastSequenceOf(*token_), last);
    return MessageOf(made);
  }
};

TEST_F(IfAbsentTest, AKeyThatIsNotAsAskedForIsRefused) {
  struct Row {
    void (*there)(KeySpec&);
    void (*asked)(KeySpec&);
    std::string why;
  };
  const auto as_it_is = [](KeySpec&) {};
  const auto secure = [](KeySpec& spec) { spec.category = 'Y'; };
  const auto verify_only = [](KeySpec& spec) { spec.verify_only = true; };
  const auto exportable = [](KeySpec& spec) { spec.exportable = true; };
  const auto of_32_bytes = [](KeySpec& spec) {
    spec.bytes = 32;
    spec.algorithm = &Hs256();
  };
  const std::vector<Row> rows = {
      {as_it_is, secure, "it has another category"},
      {secure, as_it_is, "it has another category"},
      {as_it_is, verify_only, "it may sign"},
      {verify_only, as_it_is, "it may not sign"},
      {as_it_is, exportable, "it is not exportable"},
      {exportable, as_it_is, "it is exportable"},
      {as_it_is, of_32_bytes, "it has 64 bytes and not 32"},
      {of_32_bytes, as_it_is, "it has 32 bytes and not 64"},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string label = "label " + std::to_string(i);
    SCOPED_TRACE(label);
    KeySpec there = Labelled(label);
    rows[i].there(there);
    const FoundKey made = Generate(there);
    KeySpec asked = Labelled(label);
    rows[i].asked(asked);
    EXPECT_EQ(Refused(asked),
              "a key labelled '" + label + "' is there, but " + rows[i].why);
    const MadeKey same = Must(GenerateKey(*token_, there));
    EXPECT_TRUE(same.existed);
    EXPECT_EQ(same.key.handle, made.handle);
  }
}

TEST_F(IfAbsentTest, WhereNobodyAskedForASizeAnyWillDo) {
  KeySpec there = Labelled("L");
  there.bytes = 32;
  const MadeKey made = Must(GenerateKey(*token_, there));
  KeySpec asked = Labelled("L");
  asked.any_size = true;
  const MadeKey found = Must(GenerateKey(*token_, asked));
  EXPECT_TRUE(found.existed);
  EXPECT_EQ(found.key.handle, made.key.handle);
}

TEST_F(IfAbsentTest, ADisabledKeyIsRefusedUntilItIsEnabled) {
  Generate(Labelled("label"));
  Must(DisableKey(*token_, {1, 'T'}, true));
  EXPECT_EQ(Refused(Labelled("label")),
            "a key labelled 'label' is there, but it is disabled");
  Must(DisableKey(*token_, {1, 'T'}, false));
  EXPECT_TRUE(Must(GenerateKey(*token_, Labelled("label"))).existed);
}

TEST_F(IfAbsentTest, AKeyOfOthersIsRefusedUntilItIsAdopted) {
  Import(*token_, TheirKey("id", "theirs", ValueOf(64)));
  EXPECT_EQ(Refused(Labelled("theirs")),
            "a key labelled 'theirs' is there, but it has no handle: others "
            "made it");
  Must(AdoptKey(*token_, testing::KeysLabelled("theirs"), 'T'));
  const MadeKey made = Must(GenerateKey(*token_, Labelled("theirs")));
  EXPECT_TRUE(made.existed);
  EXPECT_EQ(*made.key.handle->object(), (ObjectId{1, 'T'}));
}

TEST_F(IfAbsentTest, AKeyThatTookAnothersPlaceIsRefused) {
  const FoundKey made = Generate(Labelled("label"));
  testing::Destroy(*token_, made.object);
  Import(*token_,
         TheirKey("IDTTKN.JWT.SECRET:00000001T", "label", ValueOf(64)));
  EXPECT_THAT(GenerateKey(*token_, Labelled("label")),
              FailsWith(kObjectNotFound));
  EXPECT_EQ(CountObjects(*token_), 1U);
}

// Several ICSF tokens may live in one PKCS#11 token.
TEST_F(IfAbsentTest, KeysOfAnotherNameAreNotSeen) {
  Import(*token_, TheirKey("OTHER.NAME:00000001T", "label", ValueOf(64)));
  const MadeKey made = Must(GenerateKey(*token_, Labelled("label")));
  EXPECT_FALSE(made.existed);
  const MadeKey again = Must(GenerateKey(*token_, Labelled("label")));
  EXPECT_TRUE(again.existed);
  EXPECT_EQ(again.key.handle, made.key.handle);
}

}  // namespace
}  // namespace sigtoken
