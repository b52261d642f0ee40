// What the module is given to sign with: a session that cannot change anything,
// and room for the longest MAC.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/faulty_token.h"
#include "tests/import_key.h"

namespace sigtoken {
namespace {

using testing::Bytes;
using testing::ImportKey;
using testing::Must;
using testing::OpenSslMac;

class SigningSessionTest : public testing::FaultyTokenTest {};

TEST_F(SigningSessionTest, SessionsOfThePoolAreReadOnly) {
  Must(token().Login());
  CK_SESSION_HANDLE first = CK_INVALID_HANDLE;
  for (const bool used_before : {false, true}) {
    auto lease = Must(token().Borrow());
    Session& session = lease.session();
    if (used_before) {
      EXPECT_EQ(session.handle(), first);
    }
    first = session.handle();
    CK_SESSION_INFO info{};
    ASSERT_EQ(session.functions().C_GetSessionInfo(session.handle(), &info),
              CKR_OK);
    EXPECT_EQ(info.flags, CK_FLAGS{CKF_SERIAL_SESSION});
    EXPECT_EQ(info.state, CK_STATE{CKS_RO_USER_FUNCTIONS});
  }
}

TEST_F(SigningSessionTest, AModuleThatWritesOverTheMacWritesIntoRoomOfItsOwn) {
  const std::vector<std::uint8_t> value(64, 0xA5);
  ImportKey(token(), {1, 'T'}, value);
  fault_.Script("C_Sign * overrun");
  const Key key = FindKey(1);
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    SCOPED_TRACE(std::string(algorithm.name));
    const auto right = OpenSslMac(algorithm, value, Bytes("data"));
    const Mac made = Must(key.Sign(algorithm, Bytes("data")));
    EXPECT_EQ(std::vector(made.bytes().begin(), made.bytes().end()), right);
    EXPECT_TRUE(Must(key.Verify(algorithm, Bytes("data"), right)));
  }
}

}  // namespace
}  // namespace sigtoken
