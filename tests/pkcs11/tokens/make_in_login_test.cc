// Token::MakeInLogin(): session objects that live as long as the login.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "pkcs11/cryptoki/objects.h"
#include "tests/embedded_home.h"
#include "tests/faulty_token.h"
#include "tests/forked.h"
#include "tests/other_objects.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::MakeSessionKey;
using testing::Must;

const std::vector<std::uint8_t> kValue(64, 0xA5);

std::size_t CountIn(Token& token) {
  Must(token.Login());
  const auto held = Must(token.Look());
  Session session = Must(token.OpenSession(held, Access::kReadOnly));
  return Must(FindObjects(session, Attributes().Flag(CKA_TOKEN, false))).size();
}

class MakeInLoginTest : public testing::TokenTest {};

TEST_F(MakeInLoginTest, LogsInAndTheObjectOutlivesTheSessionsThatSeeIt) {
  MakeSessionKey(*token_, {1, 'S'}, kValue);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(CountIn(*token_), 1U);
  const Key key = Must(Key::Find(token_, ObjectId{1, 'S'}));
  EXPECT_TRUE(Must(key.Verify(
      Hs256(), testing::Bytes("data"),
      testing::OpenSslMac(Hs256(), kValue, testing::Bytes("data")))));
}

TEST_F(MakeInLoginTest, AnObjectOfAnotherSessionGoesWithIt) {
  Must(token_->Login());
  {
    const auto held = Must(token_->Look());
    Session session = Must(token_->OpenSession(held, Access::kReadOnly));
    Attributes key = testing::KeyToImport("id", kValue);
    key.Remove(CKA_TOKEN);
    auto list = key.Flag(CKA_TOKEN, false).ForCall();
    CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
    ASSERT_EQ(session.functions().C_CreateObject(session.handle(), list.data(),
                                                 list.size(), &made),
              CKR_OK);
  }
  EXPECT_EQ(CountIn(*token_), 0U);
}

TEST_F(MakeInLoginTest, AfterARestartTheObjectIsGone) {
  MakeSessionKey(*token_, {1, 'S'}, kValue);
  const unsigned before = token_->generation();
  {
    const auto held = Must(token_->Change());
    token_->Restart(held, Must(token_->OpenSession(held, Access::kReadOnly)));
  }
  EXPECT_NE(token_->generation(), before);
  EXPECT_EQ(CountIn(*token_), 0U);
  MakeSessionKey(*token_, {2, 'S'}, kValue);
  EXPECT_EQ(CountIn(*token_), 1U);
}

TEST_F(MakeInLoginTest, GivesTheErrorOfItsWork) {
  const auto made = token_->MakeInLogin(
      [](Session& session, const HostLock::Shared& /*held*/) {
        return ReadBytes(session, 4711, CKA_LABEL);
      });
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().rv, CKR_OBJECT_HANDLE_INVALID);
  // And leaves the login as it was.
  MakeSessionKey(*token_, {1, 'S'}, kValue);
}

TEST_F(MakeInLoginTest, AForkedChildIsRefused) {
  MakeSessionKey(*token_, {1, 'S'}, kValue);
  EXPECT_EQ(
      testing::InChild([&] {
        const auto made = token_->MakeInLogin(
            [](Session& /*session*/,
               const HostLock::Shared& /*held*/) -> Status { return Ok(); });
        return !made && ToIcsf(made.error()) == kNotAvailable ? 0 : 1;
      }),
      0);
  EXPECT_EQ(CountIn(*token_), 1U);
}

class MakeInLoginFaultTest : public testing::FaultyTokenTest {};

TEST_F(MakeInLoginFaultTest, WithoutALoginNothingIsMade) {
  fault_.Script("C_Login * return CKR_DEVICE_ERROR");
  bool called = false;
  EXPECT_THAT(
      token().MakeInLogin([&](Session& /*session*/,
                              const HostLock::Shared& /*held*/) -> Status {
        called = true;
        return Ok();
      }),
      FailsWith(kNotAvailable));
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace sigtoken
