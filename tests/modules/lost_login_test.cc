// Contract: a login that was lost is said to be, whatever the module answers.

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
      const auto directory = Must(Directory::Open(module_->configuration()));
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

  void ExpectLost(const Error& error) const {
    EXPECT_EQ(error.icsf, kNotAvailable);
    EXPECT_EQ(error.rv, CK_RV{CKR_USER_NOT_LOGGED_IN});
    EXPECT_EQ(error.message,
              "the login to the token " + std::string(kBound) + " was lost");
  }
};

// Not of a key that was found before: there NSS 3.87 reads memory that its
// C_Logout has freed.
TEST_P(LostLoginTest, AKeyThatIsLookedForIsNotAvailable) {
  Generate();
  WithToken([&](const std::shared_ptr<Token>& token) {
    ASSERT_THAT(token->Login(), IsOk());
    LogOut(*token);
    const auto key = Key::Find(token, ObjectId{1, 'T'});
    ASSERT_FALSE(key);
    ExpectLost(key.error());
  });
}

INSTANTIATE_TEST_SUITE_P(Contract, LostLoginTest, EachModule(), ModuleName);

}  // namespace
}  // namespace sigtoken::testing
