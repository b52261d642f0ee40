// Keys of others may share a CKA_ID or a CKA_LABEL: where handles are dealt
// again, none of them signs in the place of another.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Bytes;
using testing::FailsWith;
using testing::Must;
using testing::OpenSslMac;

using Value = std::vector<std::uint8_t>;

class HandleMarkTest : public testing::FaultyTokenTest {
 protected:
  void SetUp() override {
    fault_.Script("* * reuse");
    Must(token().Login());
  }

  CK_OBJECT_HANDLE Make(const std::string& id, const std::string& label,
                        const Value& value) {
    Attributes attributes = testing::KeyToImport(id, value);
    attributes.Remove(CKA_LABEL);
    attributes.Text(CKA_LABEL, label);
    return testing::Import(token(), attributes);
  }
  Key Find(const std::string& id, const std::string& label) {
    Attributes wanted;
    wanted.Text(CKA_ID, id).Text(CKA_LABEL, label);
    return Must(Key::Find(token_, wanted, label));
  }
  static void ExpectRight(const Key& key, const Value& value) {
    const auto right = OpenSslMac(Hs256(), value, Bytes("data"));
    const Mac made = Must(key.Sign(Hs256(), Bytes("data")));
    EXPECT_EQ(Value(made.bytes().begin(), made.bytes().end()), right);
    EXPECT_TRUE(Must(key.Verify(Hs256(), Bytes("data"), right)));
  }

  const Value first_ = Value(64, 0xA5);
  const Value second_ = Value(64, 0x5A);
};

TEST_F(HandleMarkTest, OneThatDiffersInIdOrLabelIsAnotherKey) {
  struct Row {
    std::string id, label;
  };
  for (const Row& other : std::vector<Row>{
           {"id", "second"}, {"id", ""}, {"other", "first"}, {"", "first"}}) {
    SCOPED_TRACE("'" + other.id + "' '" + other.label + "'");
    const CK_OBJECT_HANDLE object = Make("id", "first", first_);
    const Key key = Find("id", "first");
    ExpectRight(key, first_);
    testing::Destroy(token(), object);
    // Its handle is dealt to the other key, which signs as well.
    ASSERT_EQ(Make(other.id, other.label, second_), object);
    EXPECT_THAT(key.Sign(Hs256(), Bytes("data")), FailsWith(kObjectNotFound));
    for (const Value& value : {first_, second_}) {
      EXPECT_THAT(key.Verify(Hs256(), Bytes("data"),
                             OpenSslMac(Hs256(), value, Bytes("data"))),
                  FailsWith(kObjectNotFound));
    }
    testing::Destroy(token(), object);
  }
}

// Nor is a key that has only one of the two looked for by what it has not.
TEST_F(HandleMarkTest, AKeyThatHasOnlyOneOfThemIsStillItself) {
  struct Row {
    std::string id, label;
  };
  for (const Row& row : std::vector<Row>{{"id", ""}, {"", "first"}}) {
    const CK_OBJECT_HANDLE object = Make(row.id, row.label, first_);
    ExpectRight(Find(row.id, row.label), first_);
    testing::Destroy(token(), object);
  }
}

}  // namespace
}  // namespace sigtoken
