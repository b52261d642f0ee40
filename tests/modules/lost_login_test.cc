// Contract: a login that was lost is made again, whatever the module answers.

#include <functional>
#include <memory>
#include <string>

#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"
#include "tests/modules/contract.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::testing {
namespace {

class LostLoginTest : public ContractTest {
 protected:
  // In a child, as ContractTest::InToken().
  void WithToken(
      const std::function<void(const std::shared_ptr<Token>&)>& work) const {
    EXPECT_TRUE(RunForked([&] {
      auto configuration = module_->configuration();
      // One lost login behind another is no device that comes and goes.
      configuration.pauses.opening = {{}, {}};
      const auto directory = Must(Directory::Open(configuration));
      work(Must(directory->FindToken(Name(kBound))));
    }));
  }

  // As another library in the same process does.
  static void LogOut(Token& token) {
    auto lease = token.Borrow();
    ASSERT_THAT(lease, IsOk());
    Session& session = lease->session();
    ASSERT_EQ(session.functions().C_Logout(session.handle()), CKR_OK);
  }
};

// Not of a key that was found before: there NSS 3.87 reads memory that its
// C_Logout has freed.
TEST_P(LostLoginTest, AKeyThatIsLookedForIsFound) {
  Generate();
  WithToken([&](const std::shared_ptr<Token>& token) {
    ASSERT_THAT(token->Login(), IsOk());
    LogOut(*token);
    const auto key = Key::Find(token, ObjectId{1, 'T'});
    ASSERT_THAT(key, IsOk());
    EXPECT_THAT(key->Sign(Hs256(), {}), IsOk());
    LogOut(*token);
    const auto list = ListKeys(*token);
    ASSERT_THAT(list, IsOk());
    EXPECT_EQ(list->keys.size(), 1U);
  });
}

INSTANTIATE_TEST_SUITE_P(Contract, LostLoginTest, EachModule(), ModuleName);

}  // namespace
}  // namespace sigtoken::testing
