#include "pkcs11/tokens/handle_reuse.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/faulty_token.h"
#include "tests/import_key.h"

namespace sigtoken {
namespace {

using testing::Must;

class HandleReuseTest : public testing::FaultyTokenTest {
 protected:
  HandleReuseTest() { SetModulesMayBeShared(false); }
  ~HandleReuseTest() override { SetModulesMayBeShared(true); }
};

// In a program of ours nobody else initialises modules.
TEST_F(HandleReuseTest, WhereModulesMayBeSharedNoHandleIsSure) {
  SetModulesMayBeShared(true);
  Must(token().Login());
  EXPECT_TRUE(token().may_reuse_handles());
  Reopen();
  configuration_.tokens.front().isolated = true;
  configuration_.tokens.front().uri =
      Must(Uri::Parse("pkcs11:token=faulty?module-path=" +
                      testing::FaultModule::path_of_helpers()));
  Reopen();
  Must(token().Login());
  EXPECT_FALSE(token().may_reuse_handles());
}

TEST_F(HandleReuseTest, IsNotSoftHsm2sWay) {
  Must(token().Login());
  EXPECT_FALSE(token().may_reuse_handles());
  EXPECT_EQ(testing::CountObjects(token()), 0U);
}

TEST_F(HandleReuseTest, IsFoundOutAtTheLoginOrReckonedWith) {
  for (const std::string rule :
       {"* * reuse", "C_GenerateKey 1 return CKR_FUNCTION_NOT_SUPPORTED",
        "C_GenerateKey 2 return CKR_FUNCTION_NOT_SUPPORTED",
        "C_DestroyObject * return CKR_ACTION_PROHIBITED"}) {
    fault_.Script(rule);
    Must(token().Login());
    EXPECT_TRUE(token().may_reuse_handles()) << rule;
    EXPECT_EQ(testing::CountObjects(token()), 0U);
    Reopen();
  }
}

}  // namespace
}  // namespace sigtoken
