// Contract: session objects live as long as the login, numbers are those of
// token objects alone, and the module gives random bytes.

#include <string>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/address_search.h"
#include "pkcs11/tokens/token_random.h"
#include "tests/embedded_home.h"
#include "tests/modules/contract.h"

namespace sigtoken::testing {
namespace {

class SessionObjectsTest : public ContractTest {
 protected:
  // In C_GenerateKey, which all of them have.
  static CK_OBJECT_HANDLE Make(Token& token, ObjectId id) {
    Attributes key;
    key.Number(CKA_CLASS, CKO_SECRET_KEY)
        .Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
        .Number(CKA_VALUE_LEN, 64)
        .Flag(CKA_TOKEN, false)
        .Flag(CKA_PRIVATE, true)
        .Flag(CKA_SENSITIVE, true)
        .Flag(CKA_EXTRACTABLE, false)
        .Flag(CKA_SIGN, true)
        .Flag(CKA_VERIFY, true)
        .Text(CKA_LABEL, "session")
        .Text(CKA_ID, sigtoken::Handle(token.name(), id).FormatShort());
    return Must(token.MakeInLogin(
        [&](Session& session, const HostLock::Shared& /*held*/) {
          return GenerateGenericSecret(session, key);
        }));
  }
  static std::size_t Count(Token& token, ObjectId id) {
    Must(token.Login());
    const auto held = Must(token.Look());
    Session session = Must(token.OpenSession(held, Access::kReadOnly));
    return Must(FindObjects(session, AddressOf(token.name(), id))).size();
  }
};

TEST_P(SessionObjectsTest, TheyLiveAsLongAsTheLogin) {
  InToken([&](Token& token) {
    Make(token, {1, 'S'});
    EXPECT_EQ(Count(token, {1, 'S'}), 1U);
    EXPECT_EQ(Count(token, {1, 'S'}), 1U);
    {
      const auto held = Must(token.Change());
      // It would end them.
      if (!token.is_of_this_host()) {
        EXPECT_FALSE(Must(token.Renew(held)));
      }
    }
    EXPECT_EQ(Count(token, {1, 'S'}), 1U);
    {
      const auto held = Must(token.Change());
      token.Restart(held, Must(token.OpenSession(held, Access::kReadOnly)));
    }
    EXPECT_EQ(Count(token, {1, 'S'}), 0U);
  });
}

TEST_P(SessionObjectsTest, TheirNumbersAreTheirOwn) {
  Generate();
  InToken([&](Token& token) {
    Make(token, {9, 'S'});
    const auto held = Must(token.Change());
    Session session = Must(token.OpenSession(held, Access::kReadOnly));
    EXPECT_EQ(Must(HighestSequence(token, held, session)).number, 1U);
    EXPECT_EQ(Must(FindObjectsOf(token, held, session)).size(), 1U);
    // Not all of them have data objects: none is no error.
    EXPECT_EQ(Must(FindDataObjects(session, token.name(), {1, 'T'})).size(),
              0U);
  });
}

TEST_P(SessionObjectsTest, TheModuleGivesRandomBytes) {
  InToken([](Token& token) {
    const auto first = Must(RandomBytesOf(token, 10'000));
    EXPECT_EQ(first.size(), 10'000U);
    EXPECT_NE(first, Must(RandomBytesOf(token, 10'000)));
  });
}

INSTANTIATE_TEST_SUITE_P(Contract, SessionObjectsTest, EachModule(),
                         ModuleName);

}  // namespace
}  // namespace sigtoken::testing
