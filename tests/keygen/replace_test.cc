#include "keygen/replace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <string>
#include <vector>

#include "keygen/generate.h"
#include "pkcs11/cryptoki/objects.h"
#include "tests/faulty_token.h"
#include "tests/forked.h"
#include "tests/import_key.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::testing {
namespace {

class ReplaceTest : public FaultyTokenTest {
 protected:
  void SetUp() override {
    KeySpec spec;
    spec.label = "one";
    spec.modifiable = true;
    Must(GenerateKey(token(), spec));
    mac_ = Sign();
  }

  std::vector<std::uint8_t> Sign() { return SignWith(FindKey(1), "text"); }

  Status Relabel(const std::string& label) {
    Icsf icsf(*directory_);
    return ReplaceObject(icsf, token(), Handle(Name(kName), {1, 'T'}),
                         {{{CKA_LABEL, {label.begin(), label.end()}}}, {}});
  }

  // Whatever came of it, the key is there, with one of the two labels, and can
  // be changed.
  void ExpectWhole() {
    fault_.Script("");
    Reopen();
    EXPECT_EQ(Sign(), mac_);
    const std::string label = FindKey(1).found().attributes.label;
    EXPECT_TRUE(label == "one" || label == "two") << label;
    const Status again = Relabel("three");
    EXPECT_TRUE(again) << MessageOf(again);
    EXPECT_EQ(FindKey(1).found().attributes.label, "three");
    EXPECT_EQ(CountObjects(token()), 1U);
    EXPECT_EQ(Sign(), mac_);
    // For the next round.
    EXPECT_TRUE(Relabel("one"));
  }

  std::vector<std::uint8_t> mac_;
};

TEST_F(ReplaceTest, NoFaultLosesTheKey) {
  for (const char* script : {
           "C_CopyObject 1 return CKR_DEVICE_ERROR",
           "C_CopyObject 1 after CKR_DEVICE_ERROR",
           "C_CopyObject 1 return CKR_FUNCTION_NOT_SUPPORTED",
           "C_CopyObject 1 return CKR_ATTRIBUTE_READ_ONLY",
           "C_CopyObject 1 return CKR_OK",
           "C_DestroyObject 1 return CKR_DEVICE_ERROR",
           "C_DestroyObject 1 after CKR_DEVICE_ERROR",
           "C_DestroyObject 1 return CKR_OK",
           "C_DestroyObject * return CKR_OK",
           "C_DestroyObject * return CKR_DEVICE_REMOVED",
           "C_DestroyObject * after CKR_GENERAL_ERROR",
           "C_FindObjects 2- forget",
           "C_FindObjects 3- return CKR_DEVICE_ERROR",
           "C_Sign 2- return CKR_DEVICE_ERROR",
           "C_Sign 2- corrupt",
           "C_GetAttributeValue 3- return CKR_DEVICE_ERROR",
       }) {
    SCOPED_TRACE(script);
    Reopen();
    Must(token().Login());
    fault_.Script(script);
    EXPECT_FALSE(Relabel("two"));
    ExpectWhole();
  }
}

// Behind each call that changes the token, and before it.
TEST_F(ReplaceTest, AKillAtAnyMomentLosesNothing) {
  for (const char* script :
       {"C_CopyObject 1 kill", "C_CopyObject 1 kill after",
        "C_DestroyObject 1 kill", "C_DestroyObject 1 kill after",
        "C_FindObjectsFinal 3 kill after", "C_FindObjectsFinal 4 kill after"}) {
    SCOPED_TRACE(script);
    token_.reset();
    directory_.reset();
    fault_.Script(script);
    const pid_t child = Fork([&] {
      directory_ = Must(Directory::Open(configuration_));
      return Relabel("two") ? 0 : 1;
    });
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << status;
    directory_ = Must(Directory::Open(configuration_));
    ExpectWhole();
  }
}

}  // namespace
}  // namespace sigtoken::testing
