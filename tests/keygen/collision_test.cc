// Two hosts that share a PKCS#11 token and no state store make keys at the same
// moment.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "keygen/generate.h"
#include "keygen/maker.h"
#include "pkcs11/cryptoki/objects.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/keygen/elsewhere.h"
#include "tests/keygen/keys_of_others.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::CountObjects;
using testing::FailsWith;
using testing::IsOk;
using testing::LastSequenceOf;
using testing::MessageOf;
using testing::Must;
using testing::Name;
using testing::OpenSslMac;
using testing::SignWith;
using testing::ValueOf;

class CollisionTest : public testing::FaultyTokenTest {
 protected:
  std::size_t Count(std::uint32_t number) {
    return testing::Change(token(), [&](Session& session) {
      return Must(
                 FindObjects(session, AddressOf(token().name(), {number, 'T'})))
          .size();
    });
  }

  // Makes keys and, for the first `rivals` of them, has another host make one
  // of the same number just before.
  Result<MadeKey> GenerateBeside(int rivals) {
    const KeySpec spec;
    int made = 0;
    const KeyCreation source{
        [&](Session& session,
            const Attributes& attributes) -> Result<CK_OBJECT_HANDLE> {
          Attributes all = attributes;
          all.Number(CKA_VALUE_LEN, spec.bytes);
          if (made++ < rivals) {
            SIGTOKEN_TRY(GenerateGenericSecret(session, all));
          }
          return GenerateGenericSecret(session, all);
        },
        spec.bytes, false, nullptr};
    return MakeKey(token(), spec, source);
  }

  void Collide(std::uint32_t made_here);
};

// Lets the other host reserve the number 1 and stop before it makes the key,
// and makes `made_here` keys meanwhile. Both are in one process: of several
// tests/modules/two_hosts_test.cc tells.
void CollisionTest::Collide(std::uint32_t made_here) {
  const auto elsewhere = testing::OpenElsewhere(hsm_, configuration_);
  const auto there = Must(elsewhere->FindToken(Name(kName)));
  Must(token().Login());
  Must(there->Login());
  fault_.Script("C_GenerateKey 1 hang there");
  auto hung = std::async(std::launch::async,
                         [&] { return Must(GenerateKey(*there, {})); });
  fault_.WaitUntilHung("there");
  fault_.Script("");
  EXPECT_EQ(LastSequenceOf(*there), 1U);
  std::vector<std::vector<std::uint8_t>> macs;
  for (std::uint32_t number = 1; number <= made_here; ++number) {
    const MadeKey made = Must(GenerateKey(token(), {}));
    EXPECT_EQ(*made.key.handle->object(), (ObjectId{number, 'T'}));
    macs.push_back(SignWith(FindKey(number), "data"));
  }
  fault_.Release("there");
  const MadeKey made_there = hung.get();
  EXPECT_EQ(*made_there.key.handle->object(), (ObjectId{made_here + 1, 'T'}));

  EXPECT_EQ(CountObjects(token()), made_here + 1);
  for (std::uint32_t number = 1; number <= made_here + 1; ++number) {
    EXPECT_EQ(Count(number), 1U) << number;
  }
  for (std::uint32_t number = 1; number <= made_here; ++number) {
    EXPECT_EQ(SignWith(FindKey(number), "data"), macs[number - 1]) << number;
  }
  const Key key = Must(Key::Find(there, {made_here + 1, 'T'}));
  EXPECT_EQ(key.found().check_mac, made_there.key.check_mac);
  EXPECT_EQ(Must(GenerateKey(token(), {})).key.handle->object()->sequence,
            made_here + 2);
}

TEST_F(CollisionTest, WhoFindsTwoWithdrawsItsOwnAndTakesTheNextNumber) {
  Collide(1);
}

TEST_F(CollisionTest, NumbersThatAreTakenMeanwhileAreSteppedOver) {
  Collide(3);
}

TEST_F(CollisionTest, EachRivalKeepsItsNumber) {
  const MadeKey made = Must(GenerateBeside(3));
  EXPECT_EQ(*made.key.handle->object(), (ObjectId{4, 'T'}));
  EXPECT_EQ(CountObjects(token()), 4U);
  for (const std::uint32_t number : {1U, 2U, 3U, 4U}) {
    EXPECT_EQ(Count(number), 1U) << number;
    EXPECT_THAT(FindKey(number).Sign(Hs256(), {}), IsOk());
  }
  EXPECT_EQ(LastSequenceOf(token()), 4U);
}

TEST_F(CollisionTest, TheRivalsKeyIsNotTheOneThatIsWithdrawn) {
  const auto value = ValueOf(64);
  const KeySpec spec;
  bool first = true;
  const KeyCreation source{
      [&](Session& session,
          const Attributes& attributes) -> Result<CK_OBJECT_HANDLE> {
        if (first) {
          first = false;
          Secret theirs = Must(Secret::OfSize(value.size()));
          std::copy(value.begin(), value.end(), theirs.data());
          SIGTOKEN_TRY(CreateSecretKey(session, attributes, theirs));
        }
        Attributes all = attributes;
        all.Number(CKA_VALUE_LEN, spec.bytes);
        return GenerateGenericSecret(session, all);
      },
      spec.bytes, false, nullptr};
  const MadeKey made = Must(MakeKey(token(), spec, source));
  EXPECT_EQ(made.key.handle->object()->sequence, 2U);
  EXPECT_EQ(SignWith(FindKey(1), "data"),
            OpenSslMac(Hs256(), value, testing::Bytes("data")));
}

TEST_F(CollisionTest, WithoutEndItIsNoAccident) {
  const auto made = GenerateBeside(1000);
  EXPECT_THAT(made, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(made),
            "another host makes keys in the token IDT.KEYS without end");
  // Only the rivals' keys are left, each under a number of its own.
  const std::size_t rivals = LastSequenceOf(token());
  EXPECT_GT(rivals, 1U);
  EXPECT_EQ(CountObjects(token()), rivals);
  EXPECT_EQ(Must(ListKeys(token())).keys.size(), rivals);
}

// Both are in the token then, and neither is used by accident.
TEST_F(CollisionTest, AKeyThatCannotBeWithdrawnIsToldOf) {
  Must(token().Login());
  fault_.Script("C_DestroyObject * return CKR_OK");
  const auto made = GenerateBeside(1);
  EXPECT_THAT(made, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(made),
            "the key IDT.KEYS:00000001T is still there after it was "
            "destroyed");
  fault_.Script("");
  EXPECT_THAT(Key::Find(token_, {1, 'T'}), FailsWith(kHandleInvalid));
  EXPECT_EQ(Must(GenerateKey(token(), {})).key.handle->object()->sequence, 2U);
}

}  // namespace
}  // namespace sigtoken
