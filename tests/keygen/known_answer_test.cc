#include "keygen/known_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pkcs11/cryptoki/objects.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::KeyToImport;
using testing::MessageOf;
using testing::Must;

class KnownAnswerTest : public testing::TokenTest {
 protected:
  CK_OBJECT_HANDLE Key(std::size_t bytes, CK_ATTRIBUTE_TYPE off = CKA_WRAP) {
    Attributes key = KeyToImport("id", std::vector<std::uint8_t>(bytes, 0xA5));
    if (key.Remove(off)) key.Flag(off, false);
    return testing::Import(*token_, key);
  }

  Status Check(CK_OBJECT_HANDLE key, std::size_t bytes,
               const char* algorithm = "", bool verify_only = false) {
    KeySpec spec;
    spec.bytes = bytes;
    spec.algorithm = FindMacAlgorithm(algorithm);
    spec.verify_only = verify_only;
    Must(token_->Login());
    const auto held = Must(token_->Change());
    return CheckKnownAnswer(*token_, held, key, spec, false);
  }
};

TEST_F(KnownAnswerTest, AKeyThatWorksPasses) {
  for (const std::size_t bytes : {32U, 48U, 64U, 256U}) {
    EXPECT_THAT(Check(Key(bytes), bytes), IsOk()) << bytes;
  }
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    EXPECT_THAT(Check(Key(64), 64, std::string(algorithm.name).c_str()),
                IsOk());
  }
  EXPECT_THAT(Check(Key(64, CKA_SIGN), 64, "", true), IsOk());
}

TEST_F(KnownAnswerTest, ItIsTriedWithTheAlgorithmThatIsNamedAlone) {
  const auto key = Key(32);
  EXPECT_THAT(Check(key, 32, "HS256"), IsOk());
  const auto checked = Check(key, 32, "HS512");
  EXPECT_THAT(checked, FailsWith(kKeyFunctionNotPermitted));
  EXPECT_EQ(MessageOf(checked),
            "the module does not use a key of 32 bytes for HS512");
}

// The spec says 64 bytes, so all three are tried.
TEST_F(KnownAnswerTest, AKeyThatIsShorterThanItShouldBeFails) {
  EXPECT_EQ(MessageOf(Check(Key(32), 64)),
            "the module does not use a key of 64 bytes for HS384");
  EXPECT_EQ(MessageOf(Check(Key(48), 64)),
            "the module does not use a key of 64 bytes for HS512");
}

TEST_F(KnownAnswerTest, AKeyThatCannotDoItsWorkFails) {
  struct Row {
    CK_OBJECT_HANDLE key;
    bool verify_only;
    std::string call;
    CK_RV rv;
  };
  const Row rows[] = {
      {Key(64, CKA_SIGN), false, "C_SignInit", CKR_KEY_FUNCTION_NOT_PERMITTED},
      {Key(64, CKA_VERIFY), false, "C_VerifyInit",
       CKR_KEY_FUNCTION_NOT_PERMITTED},
      {Key(64, CKA_VERIFY), true, "C_VerifyInit",
       CKR_KEY_FUNCTION_NOT_PERMITTED},
      {12345, false, "C_SignInit", CKR_OBJECT_HANDLE_INVALID},
      {12345, true, "C_VerifyInit", CKR_OBJECT_HANDLE_INVALID},
  };
  for (const Row& row : rows) {
    const auto checked = Check(row.key, 64, "", row.verify_only);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().call, row.call);
    EXPECT_EQ(checked.error().rv, row.rv);
  }
}

}  // namespace
}  // namespace sigtoken
