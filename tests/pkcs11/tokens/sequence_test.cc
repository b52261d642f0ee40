#include "pkcs11/tokens/sequence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/embedded_home.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Bytes;
using testing::FailsWith;
using testing::ImportKey;
using testing::Must;

class SequenceTest : public testing::TokenTest {
 protected:
  // Runs `work(held, session)` in a transaction, which is committed.
  template <typename Work>
  auto InTransaction(const Work& work) {
    Must(token_->Login());
    const auto held = Must(token_->Change());
    Session session = Must(token_->OpenSession(held, Access::kReadOnly));
    auto transaction = Must(token_->database().Begin());
    auto result = work(held, session);
    Must(transaction.Commit());
    return result;
  }

  ObjectId Next(char category = 'T') {
    return Must(InTransaction([&](const auto& held, Session& session) {
      return NextObjectId(*token_, held, session, category);
    }));
  }
  void Spend(std::uint32_t number) {
    Must(InTransaction([&](const auto& held, Session& session) {
      return SpendSequence(*token_, held, session, number);
    }));
  }
  TokenRecord Ensure() {
    return Must(InTransaction([&](const auto& held, Session& session) {
      return EnsureRecord(*token_, held, session);
    }));
  }
  void Put(TokenRecord record) {
    Must(InTransaction([&](const auto&, Session&) {
      return PutTokenRecord(token_->database(), record);
    }));
  }
};

TEST_F(SequenceTest, TheNextNumberIsNotSpentByAskingForIt) {
  EXPECT_EQ(Next(), (ObjectId{1, 'T'}));
  EXPECT_EQ(Next('Y'), (ObjectId{1, 'Y'}));
  Spend(1);
  EXPECT_EQ(Next(), (ObjectId{2, 'T'}));
}

TEST_F(SequenceTest, SpendingALowerNumberTakesNothingBack) {
  Spend(9);
  Spend(3);
  EXPECT_EQ(Next(), (ObjectId{10, 'T'}));
}

TEST_F(SequenceTest, AReservedNumberIsSpentUntilItIsGivenBack) {
  Spend(4);
  Must(token_->Login());
  const auto held = Must(token_->Change());
  Session session = Must(token_->OpenSession(held, Access::kReadOnly));
  const auto reserve = [&] {
    return Must(ReserveNumber(*token_, held, session, 'Y'));
  };
  const ReservedNumber first = reserve();
  EXPECT_EQ(first.id, (ObjectId{5, 'Y'}));
  EXPECT_EQ(reserve().id, (ObjectId{6, 'Y'}));
  Must(GiveBack(*token_, held, first));
  EXPECT_EQ(reserve().id, (ObjectId{5, 'Y'}));
}

TEST_F(SequenceTest, ANumberThatIsGivenBackLeavesNoTrace) {
  ImportKey(*token_, {7, 'T'}, Bytes("a"));
  TokenRecord before = Ensure();
  before.last_sequence = 3;
  before.updated = {12'345};
  Put(before);
  Must(token_->Login());
  const auto held = Must(token_->Change());
  Session session = Must(token_->OpenSession(held, Access::kReadOnly));
  const auto number = Must(ReserveNumber(*token_, held, session, 'T'));
  EXPECT_EQ(number.id, (ObjectId{8, 'T'}));
  Must(GiveBack(*token_, held, number));
  const auto after = Must(FindTokenRecord(token_->database(), token_->name()));
  EXPECT_EQ(after->last_sequence, 3U);
  EXPECT_EQ(after->updated.nanoseconds, 12'345);
}

TEST_F(SequenceTest, WithTheNumberARecordThatWasMadeForItIsGivenBack) {
  Must(InTransaction([&](const auto&, Session&) {
    return DeleteTokenRecord(token_->database(), token_->name());
  }));
  const auto held = Must(token_->Change());
  Session session = Must(token_->OpenSession(held, Access::kReadOnly));
  const auto number = Must(ReserveNumber(*token_, held, session, 'T'));
  EXPECT_EQ(number.id, (ObjectId{1, 'T'}));
  EXPECT_TRUE(Must(FindTokenRecord(token_->database(), token_->name())));
  Must(GiveBack(*token_, held, number));
  EXPECT_FALSE(Must(FindTokenRecord(token_->database(), token_->name())));
}

TEST_F(SequenceTest, TheNextNumberIsAboveThoseInTheToken) {
  ImportKey(*token_, {1, 'T'}, Bytes("a"));
  EXPECT_EQ(Next(), (ObjectId{2, 'T'}));
  ImportKey(*token_, {4, 'Y'}, Bytes("c"));
  EXPECT_EQ(Next(), (ObjectId{5, 'T'}));
  Spend(2);
  EXPECT_EQ(Next(), (ObjectId{5, 'T'}));
}

TEST_F(SequenceTest, ARecordOfTheSameTokenIsTaken) {
  TokenRecord record = Ensure();
  record.last_sequence = 41;
  record.model = "model";
  Put(record);
  EXPECT_EQ(Ensure().model, "model");
  EXPECT_EQ(Next(), (ObjectId{42, 'T'}));
}

TEST_F(SequenceTest, ARecordOfAnotherTokenIsMadeAnewFromTheObjects) {
  ImportKey(*token_, {7, 'T'}, Bytes("a"));
  for (const auto change : std::initializer_list<void (*)(TokenIdentity&)>{
           [](TokenIdentity& it) { it.serial = "0011"; },
           [](TokenIdentity& it) { it.label = "other"; },
           [](TokenIdentity& it) { it.module_path = "/other.so"; },
           [](TokenIdentity& it) { it.init = "other"; }}) {
    TokenRecord record = Ensure();
    record.last_sequence = 41;
    record.model = "model";
    change(record.identity);
    Put(record);
    const TokenRecord fresh = Ensure();
    EXPECT_EQ(fresh.last_sequence, 7U);
    EXPECT_EQ(fresh.model, "");
    EXPECT_EQ(fresh.identity, token_->identity());
  }
}

TEST_F(SequenceTest, AfterTheLastNumberThereIsNone) {
  Spend(0xFFFFFFFE);
  EXPECT_EQ(Next(), (ObjectId{0xFFFFFFFF, 'T'}));
  Spend(0xFFFFFFFF);
  EXPECT_THAT(InTransaction([&](const auto& held, Session& session) {
                return NextObjectId(*token_, held, session, 'T');
              }),
              FailsWith(kParameterInvalid));
}

}  // namespace
}  // namespace sigtoken
