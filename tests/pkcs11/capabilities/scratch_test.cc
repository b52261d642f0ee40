#include "pkcs11/capabilities/scratch.h"

#include "pkcs11/capabilities/raw_calls.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/trial_key.h"
#include "tests/capabilities.h"
#include "tests/other_objects.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Change;
using testing::IsOk;
using testing::Must;

class ScratchTest : public testing::CapabilitiesTest {
 protected:
  // An object with that label and CKA_ID, which is none of this process's.
  void Leave(std::string_view label, std::string_view id) {
    Attributes key = testing::KeyToImport(id, std::vector<std::uint8_t>(64, 7));
    key.Remove(CKA_LABEL);
    key.Text(CKA_LABEL, label);
    testing::Import(token(), key);
  }
  void LeaveData(std::string_view label, std::string_view object_id,
                 std::string_view value) {
    testing::Import(token(), Attributes()
                                 .Number(CKA_CLASS, CKO_DATA)
                                 .Flag(CKA_TOKEN, true)
                                 .Flag(CKA_PRIVATE, true)
                                 .Text(CKA_LABEL, label)
                                 .Text(CKA_OBJECT_ID, object_id)
                                 .Text(CKA_VALUE, value));
  }
  Result<std::size_t> Sweep() {
    return InScratch([](Scratch& scratch) { return scratch.Sweep(); });
  }
};

TEST_F(ScratchTest, WhatIsMadeIsGoneBehindIt) {
  InScratch([&](Scratch& scratch) {
    const ScratchKey generated = Must(scratch.GenerateKey(32));
    const ScratchKey imported =
        Must(scratch.ImportKey(std::vector<std::uint8_t>(64, 9)));
    const ScratchKey plain = Must(scratch.MakePlainKey(Scratch::NewId()));
    Session session = Must(scratch.Open());
    for (const ScratchKey& key : {generated, imported, plain}) {
      EXPECT_EQ(Must(Scratch::Find(session, key.id)).size(), 1U);
      EXPECT_TRUE(key.id.starts_with(kScratchIdPrefix));
      EXPECT_EQ(key.not_kept, std::vector<std::string>());
    }
    EXPECT_EQ(Must(FindScratchObjects(session)).size(), 3U);
    return 0;
  });
  EXPECT_TRUE(clean_);
  EXPECT_EQ(known_.made, 3U);
  EXPECT_EQ(Objects(), 0U);
}

TEST_F(ScratchTest, WhatAnInterruptedRunLeftIsRemoved) {
  Leave(kScratchLabel, Scratch::NewId());
  Leave(kRenamedScratchLabel, Scratch::NewId());
  LeaveData(kScratchLabel, Scratch::NewId(), "");
  LeaveData(kScratchLabel, "", Scratch::NewId());
  EXPECT_EQ(Must(Sweep()), 4U);
  EXPECT_EQ(Objects(), 0U);
  EXPECT_EQ(Must(Sweep()), 0U);
}

TEST_F(ScratchTest, WhatOnlyLooksLikeItStays) {
  Leave(kScratchLabel, "another");
  Leave(kScratchLabel, "");
  Leave("sigtoken hsm test ", Scratch::NewId());
  Leave("another", Scratch::NewId());
  Leave("sigtoken hsm test, renamed again", Scratch::NewId());
  LeaveData(kScratchLabel, "another", "another");
  LeaveData("another", Scratch::NewId(), Scratch::NewId());
  const std::string id = Scratch::NewId();
  Leave(kScratchLabel, id.substr(0, kScratchIdPrefix.size() - 1));
  EXPECT_EQ(Must(Sweep()), 0U);
  EXPECT_EQ(Objects(), 8U);
}

// Without a search that costs time in an HSM with many objects.
TEST_F(ScratchTest, WhereNothingWasMadeNothingIsLookedFor) {
  Must(token().LoginUntried());
  const auto before = fault_.Calls("C_FindObjectsInit");
  InScratch([](Scratch& scratch) {
    Session owner = Must(scratch.Open(Access::kReadOnly));
    EXPECT_THAT(scratch.SigningKey(owner), IsOk());
    return 0;
  });
  EXPECT_EQ(fault_.Calls("C_FindObjectsInit"), before);
}

TEST_F(ScratchTest, OptionalProtectionsAreGivenUpOneByOne) {
  struct Row {
    std::string script;
    std::vector<std::string> not_kept;
  };
  for (const Row& row :
       std::vector<Row>{{"C_GenerateKey 1 return CKR_ATTRIBUTE_TYPE_INVALID",
                         {"CKA_ALLOWED_MECHANISMS"}},
                        {"C_GenerateKey 1-2 return CKR_GENERAL_ERROR",
                         {"CKA_ALLOWED_MECHANISMS", "CKA_MODIFIABLE"}}}) {
    SCOPED_TRACE(row.script);
    Must(token().LoginUntried());
    fault_.Script(row.script);
    InScratch([&](Scratch& scratch) {
      EXPECT_EQ(Must(scratch.GenerateKey(64)).not_kept, row.not_kept);
      return 0;
    });
    fault_.Script("");
  }
  Must(token().LoginUntried());
  fault_.Script("C_GenerateKey 1-3 return CKR_TEMPLATE_INCONSISTENT");
  InScratch([&](Scratch& scratch) {
    EXPECT_EQ(scratch.GenerateKey(64).error().rv, CKR_TEMPLATE_INCONSISTENT);
    return 0;
  });
  // What is refused as a whole is not tried again.
  fault_.Script("C_GenerateKey 1 return CKR_MECHANISM_INVALID");
  InScratch([&](Scratch& scratch) {
    EXPECT_EQ(scratch.GenerateKey(64).error().rv, CKR_MECHANISM_INVALID);
    return 0;
  });
}

TEST_F(ScratchTest, AKeyThatWasMadeWithAnErrorIsRemovedToo) {
  Must(token().LoginUntried());
  for (const std::string code : {"CKR_DEVICE_ERROR", "CKR_GENERAL_ERROR"}) {
    fault_.Script("C_GenerateKey * after " + code);
    InScratch([&](Scratch& scratch) {
      EXPECT_FALSE(scratch.GenerateKey(64));
      return 0;
    });
    fault_.Script("");
    EXPECT_TRUE(clean_);
    EXPECT_EQ(Objects(), 0U) << code;
  }
}

TEST_F(ScratchTest, AnObjectIsDestroyedAtTheSecondTry) {
  Must(token().LoginUntried());
  fault_.Script("C_DestroyObject 1-2 return CKR_FUNCTION_FAILED");
  InScratch([&](Scratch& scratch) {
    Must(scratch.MakeKey());
    return 0;
  });
  EXPECT_TRUE(clean_);
  EXPECT_EQ(Objects(), 0U);
}

TEST_F(ScratchTest, WhatIsNotDestroyedIsSaid) {
  Must(token().LoginUntried());
  fault_.Script("C_DestroyObject * return CKR_FUNCTION_FAILED");
  InScratch([&](Scratch& scratch) {
    Must(scratch.MakeKey());
    const auto cleaned = scratch.CleanUp();
    EXPECT_EQ(cleaned.error().rv, CKR_FUNCTION_FAILED);
    return 0;
  });
  fault_.Script("C_DestroyObject * return CKR_OK");
  const auto cleaned = Sweep();
  ASSERT_FALSE(cleaned);
  EXPECT_EQ(cleaned.error().message,
            "the module says that it destroys them, and shows them still");
  fault_.Script("");
  EXPECT_EQ(Must(Sweep()), 1U);
}

// SoftHSM2 hides a key that it could not destroy.
TEST_F(ScratchTest, WhatIsNotDestroyedAndNotShownIsSaidToo) {
  Must(token().LoginUntried());
  InScratch([&](Scratch& scratch) {
    Must(scratch.MakeKey());
    fault_.Script(
        "C_DestroyObject * return CKR_FUNCTION_FAILED\n"
        "C_FindObjects * forget");
    EXPECT_EQ(scratch.CleanUp().error().rv, CKR_FUNCTION_FAILED);
    fault_.Script("");
    return 0;
  });
}

TEST_F(ScratchTest, NothingMoreIsMadeWhereNothingIsDestroyed) {
  known_.destroys = false;
  InScratch([&](Scratch& scratch) {
    const auto key = scratch.MakePlainKey(Scratch::NewId());
    EXPECT_EQ(key.error().message,
              "not tried: nothing more is made in a token that does not "
              "destroy it again");
    // Session objects go by themselves.
    Session owner = Must(scratch.Open(Access::kReadOnly));
    EXPECT_THAT(scratch.SigningKey(owner), IsOk());
    return 0;
  });
  EXPECT_EQ(known_.made, 0U);
}

TEST_F(ScratchTest, AKeyIsMadeInWhateverWayThereIs) {
  Must(token().LoginUntried());
  fault_.Script("C_GenerateKey * return CKR_FUNCTION_NOT_SUPPORTED");
  InScratch([&](Scratch& scratch) {
    Session owner = Must(scratch.Open());
    EXPECT_THAT(scratch.MakeKey(), IsOk());
    EXPECT_THAT(scratch.SigningKey(owner), IsOk());
    EXPECT_THAT(scratch.MakePlainKey(Scratch::NewId()), IsOk());
    return 0;
  });
  fault_.Script(
      "C_GenerateKey * return CKR_FUNCTION_NOT_SUPPORTED\n"
      "C_CreateObject * return CKR_ATTRIBUTE_VALUE_INVALID");
  InScratch([&](Scratch& scratch) {
    Session owner = Must(scratch.Open());
    for (const auto& error :
         {scratch.MakeKey().error(), scratch.SigningKey(owner).error(),
          scratch.MakePlainKey(Scratch::NewId()).error()}) {
      EXPECT_EQ(AnswerOf(error), "not tried: no key can be made");
    }
    // Where it did work once, it is an answer.
    scratch.known().generates = true;
    EXPECT_EQ(AnswerOf(scratch.MakeKey().error()),
              "C_GenerateKey answered CKR_FUNCTION_NOT_SUPPORTED");
    return 0;
  });
}

}  // namespace
}  // namespace sigtoken
