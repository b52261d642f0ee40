#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/signer/racf/racf_store.h"

namespace sigtoken::testing {
namespace {

class DeluserTest : public RacfStoreTest {
 protected:
  bool IsDefined(const std::string& id) {
    return Must(StoredUsers(*database_).Find(id)).has_value();
  }
};

TEST_F(DeluserTest, DeletesWhomItNames) {
  Lines("ADDUSER (A B C)\nDELUSER A");
  EXPECT_FALSE(IsDefined("A"));
  EXPECT_TRUE(IsDefined("B"));
  Lines("DU (B C)");
  EXPECT_FALSE(IsDefined("B") || IsDefined("C"));
}

TEST_F(DeluserTest, DeletesAllOrNobody) {
  Lines("ADDUSER A");
  struct Row {
    std::string command;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {"DELUSER (A B)", "ICH04001I ERROR LOCATING B"},
           {"DELUSER (A A)", "ICH04001I ERROR LOCATING A"},
           {"DELUSER A FORCE", "IKJ56712I INVALID KEYWORD"},
           {"DELUSER *", "IKJ56702I INVALID USERID"},
           {"DELUSER", "IKJ56701I MISSING USERID"},
       }) {
    const auto refused = Run(row.command);
    EXPECT_THAT(refused, FailsWith(kParameterInvalid)) << row.command;
    EXPECT_EQ(MessageOf(refused), row.message) << row.command;
    EXPECT_TRUE(IsDefined("A")) << row.command;
  }
}

}  // namespace
}  // namespace sigtoken::testing
