// What a module says of an object that it is to destroy is not believed.

#include "keygen/destroy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <string>

#include "keygen/data_object.h"
#include "keygen/maker.h"
#include "keygen/remove.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/objects/locate.h"
#include "pkcs11/store/token_records.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::CountObjects;
using testing::CureOf;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::Must;
using testing::Name;

constexpr char kMayBeLeft[] =
    " may be in the token: delete it, with --force if need be";

class DestroyTest : public testing::FaultyTokenTest {
 protected:
  void SetUp() override { Must(token().Login()); }

  // What `work` gives, where the module does not destroy the first object that
  // it says that it destroys, and `meanwhile` is done then.
  Status AtTheFirstDestroy(const std::function<void()>& meanwhile,
                           const std::function<Status()>& work,
                           const std::string& rules = "") {
    fault_.Script(
        "C_DestroyObject 1 hang door\n"
        "C_DestroyObject 1 return CKR_OK\n" +
        rules);
    auto done = std::async(std::launch::async, work);
    fault_.WaitUntilHung("door");
    meanwhile();
    fault_.Release("door");
    auto outcome = done.get();
    fault_.Script("");
    return outcome;
  }

  std::uint32_t LastSequence() {
    const auto record =
        Must(FindTokenRecord(token().database(), token().name()));
    return record ? record->last_sequence : 0;
  }
  Handle MakeData() {
    Icsf icsf(*directory_);
    return Must(MakeDataObject(icsf, token(), {}));
  }
  Result<Located> LocateData(ObjectId id) {
    return token().WithRecovery([&]() -> Result<Located> {
      SIGTOKEN_TRY(token().Login());
      SIGTOKEN_ASSIGN(const auto held, token().Look());
      SIGTOKEN_ASSIGN(Session session,
                      token().OpenSession(held, Access::kReadOnly));
      return Locate(token(), held, session, id);
    });
  }

  // A key is made, and `after` is done to the session before that is said.
  Result<MadeKey> MakeAndFail(const std::function<void(Session&)>& after) {
    const KeySpec spec;
    return MakeKey(
        token(), spec,
        {[&](Session& session,
             const Attributes& attributes) -> Result<CK_OBJECT_HANDLE> {
           Attributes sized = attributes;
           sized.Number(CKA_VALUE_LEN, spec.bytes);
           SIGTOKEN_TRY(GenerateGenericSecret(session, sized));
           after(session);
           return Error{CKR_SESSION_CLOSED, "C_GenerateKey", "failed", "", {}};
         },
         spec.bytes, false, nullptr});
  }
};

TEST_F(DestroyTest, AKeyThatIsNotSeenWithoutALoginIsNotDeleted) {
  Must(GenerateKey(token(), {}));
  const auto deleted =
      AtTheFirstDestroy([&] { LogOut(); },
                        [&]() -> Status {
                          SIGTOKEN_TRY(DeleteKey(token(), {1, 'T'}, false));
                          return Ok();
                        });
  EXPECT_THAT(deleted, FailsWith(kNotAvailable));
  EXPECT_TRUE(FindKey(1).found().record);
  EXPECT_THAT(FindKey(1).Sign(Hs256(), {}), IsOk());
  EXPECT_THAT(DeleteKey(token(), {1, 'T'}, false), IsOk());
}

TEST_F(DestroyTest, AKeyThatOneSearchDoesNotFindIsNotDeleted) {
  Must(GenerateKey(token(), {}));
  const auto deleted = AtTheFirstDestroy(
      [&] {
        // The third call is that of the search behind it.
        fault_.Script(
            "C_DestroyObject * return CKR_OK\n"
            "C_FindObjects 3 forget\n");
      },
      [&]() -> Status {
        SIGTOKEN_TRY(DeleteKey(token(), {1, 'T'}, false));
        return Ok();
      });
  EXPECT_THAT(deleted, FailsWith(kNotAvailable));
  EXPECT_THAT(FindKey(1).Sign(Hs256(), {}), IsOk());
}

TEST_F(DestroyTest, ADataObjectThatIsNotSeenWithoutALoginIsNotDeleted) {
  const ObjectId id = *MakeData().object();
  EXPECT_THAT(AtTheFirstDestroy([&] { LogOut(); },
                                [&] { return DeleteDataObject(token(), id); }),
              FailsWith(kNotAvailable));
  EXPECT_THAT(LocateData(id), IsOk());
  EXPECT_THAT(DeleteDataObject(token(), id), IsOk());
  EXPECT_THAT(LocateData(id), FailsWith(kObjectNotFound));
}

// And the module is not logged in to again, for it computes wrong MACs.
TEST_F(DestroyTest, AFaultyKeyThatIsNotSeenWithoutALoginIsToldOf) {
  const auto made = AtTheFirstDestroy([&] { LogOut(); },
                                      [&]() -> Status {
                                        SIGTOKEN_TRY(GenerateKey(token(), {}));
                                        return Ok();
                                      },
                                      "C_Sign * corrupt\n");
  EXPECT_THAT(made, FailsWith(kNotAvailable));
  EXPECT_THAT(CureOf(made),
              ::testing::EndsWith(std::string("; the key IDT.KEYS:00000001T") +
                                  kMayBeLeft));
  EXPECT_EQ(LastSequence(), 1U);
  fault_.Script("");
  Reopen();
  EXPECT_EQ(Must(ListKeys(token())).keys.size(), 1U);
}

TEST_F(DestroyTest, WhatADeadSessionMadeIsDestroyedInAnother) {
  const auto made = MakeAndFail([](Session& session) {
    session.functions().C_CloseSession(session.handle());
  });
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().call, "C_GenerateKey");
  EXPECT_EQ(CureOf(made), "");
  EXPECT_EQ(CountObjects(token()), 0U);
  EXPECT_EQ(LastSequence(), 1U);
}

TEST_F(DestroyTest, WhatDiedWithTheLoginIsDestroyedInAnother) {
  const CK_SLOT_ID slot = SlotId();
  const auto made = MakeAndFail(
      [&](Session& session) { session.functions().C_CloseAllSessions(slot); });
  EXPECT_THAT(made, FailsWith(kNotAvailable));
  EXPECT_EQ(made.error().call, "C_GenerateKey");
  EXPECT_EQ(CureOf(made), "");
  EXPECT_EQ(CountObjects(token()), 0U);
  EXPECT_EQ(LastSequence(), 1U);
}

// The session is gone in which the data object was made.
TEST_F(DestroyTest, ADataObjectIsTakenBackInAFreshSession) {
  fault_.Script("C_CreateObject 1 hang door\nC_CreateObject 1 after CKR_OK");
  auto making = std::async(std::launch::async, [&] {
    Icsf icsf(*directory_);
    return MakeDataObject(icsf, token(), {});
  });
  fault_.WaitUntilHung("door");
  fault_.Script("C_FindObjectsInit 1-2 return CKR_SESSION_HANDLE_INVALID");
  fault_.Release("door");
  EXPECT_THAT(making.get(), FailsWith(kNotAvailable));
  fault_.Script("");
  EXPECT_EQ(CountObjects(token()), 0U);
  EXPECT_EQ(LastSequence(), 1U);
}

}  // namespace
}  // namespace sigtoken
