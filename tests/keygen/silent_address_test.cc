// A module that fails where it is asked for the address of a key: what was
// found by its handle is that key, or nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "keygen/generate.h"
#include "keygen/remove.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;

class SilentAddressTest : public testing::FaultyTokenTest {
 protected:
  // `work()` while a key's attributes are given neither together nor the first
  // two by themselves, label and ID; each read in its turn.
  template <typename Work>
  void FailEachRead(int reads, const Work& work) {
    for (int call = 1; call <= reads; ++call) {
      for (const std::string code :
           {"CKR_GENERAL_ERROR", "CKR_ATTRIBUTE_TYPE_INVALID"}) {
        const std::string rule = "C_GetAttributeValue " + std::to_string(call) +
                                 "-" + std::to_string(call + 2) + " return " +
                                 code;
        SCOPED_TRACE(rule);
        fault_.Script(rule);
        work();
        fault_.Script("");
      }
    }
  }
};

// Whether a key is disabled is written under its handle.
TEST_F(SilentAddressTest, ADisabledKeyDoesNotSign) {
  Must(GenerateKey(token(), {}));
  ASSERT_THAT(DisableKey(token(), {1, 'T'}, true), IsOk());
  FailEachRead(50, [&] {
    const auto key = Key::Find(token_, ObjectId{1, 'T'});
    EXPECT_FALSE(key && key->Sign(Hs256(), {}));
  });
  ASSERT_THAT(DisableKey(token(), {1, 'T'}, false), IsOk());
  EXPECT_THAT(FindKey(1).Sign(Hs256(), {}), IsOk());
}

TEST_F(SilentAddressTest, TheErrorSaysSo) {
  Must(GenerateKey(token(), {}));
  // All together, then label and ID, each by its length first.
  fault_.Script("C_GetAttributeValue * return CKR_GENERAL_ERROR");
  const auto key = Key::Find(token_, ObjectId{1, 'T'});
  EXPECT_THAT(key, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(key),
            "the module shows the key IDT.KEYS:00000001T and does not say that "
            "it is that one");
}

TEST_F(SilentAddressTest, AKeyIsMadeWholeOrNotAtAll) {
  Must(token().Login());
  int failed = 0;
  FailEachRead(16, [&] {
    const auto made = GenerateKey(token(), {});
    fault_.Script("");
    if (!made) {
      ++failed;
    } else {
      ASSERT_TRUE(made->key.handle);
      const ObjectId id = *made->key.handle->object();
      EXPECT_TRUE(FindKey(id.sequence).found().record);
      ASSERT_THAT(DeleteKey(token(), id, false), IsOk());
    }
    EXPECT_EQ(testing::CountObjects(token()), 0U);
  });
  EXPECT_GT(failed, 0);
}

TEST_F(SilentAddressTest, AKeyIsDisabledOrItIsSaidThatItIsNot) {
  Must(GenerateKey(token(), {}));
  FailEachRead(8, [&] {
    const auto done = DisableKey(token(), {1, 'T'}, true);
    fault_.Script("");
    EXPECT_EQ(FindKey(1).found().disabled(), done.has_value());
    ASSERT_THAT(DisableKey(token(), {1, 'T'}, false), IsOk());
  });
}

}  // namespace
}  // namespace sigtoken
