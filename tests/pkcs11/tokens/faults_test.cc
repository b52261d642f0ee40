// Tokens and keys on a module that misbehaves in ways that real ones do.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "keygen/remove.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/handle_reuse.h"
#include "tests/faulty_token.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::Bytes;
using testing::CureOf;
using testing::FailsWith;
using testing::ImportKey;
using testing::IsOk;
using testing::MessageOf;
using testing::Must;
using testing::Name;
using testing::OpenSslMac;

std::vector<std::uint8_t> AsVector(const Mac& mac) {
  return {mac.bytes().begin(), mac.bytes().end()};
}

class FaultsTest : public testing::FaultyTokenTest {
 protected:
  const std::vector<std::uint8_t> value_ = std::vector<std::uint8_t>(64, 0xA5);
  const std::vector<std::uint8_t> other_value_ =
      std::vector<std::uint8_t>(64, 0x5A);

  void Import(ObjectId id, bool may_sign = true) {
    Attributes attributes =
        testing::KeyToImport(Handle(token().name(), id).FormatShort(), value_);
    attributes.Remove(CKA_SIGN);
    attributes.Flag(CKA_SIGN, may_sign);
    testing::Import(token(), attributes);
  }

  static void ExpectRight(const Key& key,
                          const std::vector<std::uint8_t>& value) {
    const auto right = OpenSslMac(Hs256(), value, Bytes("data"));
    EXPECT_EQ(AsVector(Must(key.Sign(Hs256(), Bytes("data")))), right);
    EXPECT_TRUE(Must(key.Verify(Hs256(), Bytes("data"), right)));
  }

  // Logs out and in again, as another part of this process might.
  void LoginAnew() {
    const auto held = Must(token().Change());
    const Session session = Must(token().OpenSession(held, Access::kReadOnly));
    std::string pin = testing::PrivateSoftHsm2::kPin;
    EXPECT_EQ(session.functions().C_Logout(session.handle()), CKR_OK);
    EXPECT_EQ(session.functions().C_Login(
                  session.handle(), CKU_USER,
                  reinterpret_cast<CK_BYTE*>(pin.data()), pin.size()),
              CKR_OK);
  }
};

TEST_F(FaultsTest, AMacOfAnotherLengthIsNoMac) {
  OpenAnewWithoutPauses();
  Import({1, 'T'});
  const Key key = FindKey(1);
  struct Row {
    std::string rule;
    std::string bytes;
  };
  for (const Row& row : std::vector<Row>{{"truncate 1", "31"},
                                         {"truncate 32", "0"},
                                         {"lengthen 1", "33"},
                                         {"lengthen 16", "48"},
                                         {"lengthen 1000000", "1000032"}}) {
    SCOPED_TRACE(row.rule);
    fault_.Script("C_Sign * " + row.rule);
    const auto made = key.Sign(Hs256(), Bytes("data"));
    EXPECT_THAT(made, FailsWith(kNotAvailable));
    EXPECT_EQ(CureOf(made),
              "the module gave a MAC of " + row.bytes + " bytes, not 32");
    EXPECT_THAT(key.Verify(Hs256(), Bytes("data"), Mac(32).bytes()),
                FailsWith(kNotAvailable));
    EXPECT_THAT(Key::Find(token_, ObjectId{1, 'T'}), FailsWith(kNotAvailable));
  }
  fault_.Script("");
  EXPECT_EQ(AsVector(Must(key.Sign(Hs256(), Bytes("data")))),
            OpenSslMac(Hs256(), value_, Bytes("data")));
}

TEST_F(FaultsTest, WhatARepetitionCuresIsRepeatedOnce) {
  Import({1, 'T'});
  const Key key = FindKey(1);
  for (const std::string rule :
       {"return CKR_SESSION_HANDLE_INVALID", "return CKR_SESSION_CLOSED",
        "return CKR_KEY_HANDLE_INVALID", "return CKR_OPERATION_ACTIVE",
        "return CKR_GENERAL_ERROR", "return CKR_FUNCTION_FAILED", "forget"}) {
    SCOPED_TRACE(rule);
    fault_.Script("C_SignInit 1 " + rule);
    EXPECT_THAT(key.Sign(Hs256(), {}), IsOk());
  }
  // The key is gone for good, or so the module says.
  fault_.Script("C_SignInit * forget\nC_FindObjects * forget");
  EXPECT_THAT(key.Sign(Hs256(), {}), FailsWith(kObjectNotFound));
  fault_.Script("C_SignInit * return CKR_GENERAL_ERROR");
  EXPECT_THAT(key.Sign(Hs256(), {}), FailsWith(kNotAvailable));
}

TEST_F(FaultsTest, ADeviceThatIsGoneIsNotAvailable) {
  OpenAnewWithoutPauses();
  Import({1, 'T'});
  const Key key = FindKey(1);
  for (const std::string code :
       {"CKR_DEVICE_ERROR", "CKR_DEVICE_REMOVED", "CKR_TOKEN_NOT_PRESENT",
        "CKR_HOST_MEMORY", "CKR_CRYPTOKI_NOT_INITIALIZED", "0xCE534351"}) {
    SCOPED_TRACE(code);
    fault_.Script("C_Sign * return " + code);
    EXPECT_THAT(key.Sign(Hs256(), {}), FailsWith(kNotAvailable));
    EXPECT_THAT(key.Verify(Hs256(), {}, Mac(32).bytes()),
                FailsWith(kNotAvailable));
  }
  fault_.Script("");
  EXPECT_THAT(key.Sign(Hs256(), {}), IsOk());
}

class StaleHandleTest : public FaultsTest {
 protected:
  void SetUp() override {
    fault_.Script("* * reuse");
    ImportKey(token(), {1, 'T'}, value_);
    ImportKey(token(), {2, 'T'}, other_value_);
  }
  void ExpectNoMac(const Key& key) {
    for (const auto& value : {value_, other_value_}) {
      const auto mac = OpenSslMac(Hs256(), value, Bytes("data"));
      EXPECT_THAT(key.Verify(Hs256(), Bytes("data"), mac),
                  FailsWith(kObjectNotFound));
    }
    EXPECT_THAT(key.Sign(Hs256(), Bytes("data")), FailsWith(kObjectNotFound));
  }
};

TEST_F(StaleHandleTest, OfADeletedKeySignsWithNoOther) {
  const Key key = FindKey(1);
  ExpectRight(key, value_);
  ASSERT_THAT(DeleteKey(token(), {1, 'T'}, false), IsOk());
  ImportKey(token(), {3, 'T'}, other_value_);
  ExpectNoMac(key);
  ExpectRight(FindKey(3), other_value_);
  ExpectRight(FindKey(2), other_value_);
}

TEST_F(StaleHandleTest, OfAKeyThatAnotherPartDestroyedSignsWithNoOther) {
  const Key key = FindKey(1);
  const CK_OBJECT_HANDLE object = key.found().object;
  testing::Destroy(token(), object);
  ImportKey(token(), {3, 'T'}, other_value_);
  ASSERT_EQ(FindKey(3).found().object, object);
  ExpectNoMac(key);
}

// The handle names an object that has no CKA_ID, nor a value to sign with.
TEST_F(StaleHandleTest, OfADataObjectIsFoundOutToo) {
  const Key key = FindKey(1);
  ASSERT_THAT(DeleteKey(token(), {1, 'T'}, false), IsOk());
  Attributes data;
  data.Number(CKA_CLASS, CKO_DATA).Flag(CKA_TOKEN, true);
  EXPECT_EQ(testing::Import(token(), data), key.found().object);
  ExpectNoMac(key);
}

TEST_F(StaleHandleTest, AfterALoginTheRightKeyIsFoundAgain) {
  const Key first = FindKey(1);
  const Key second = FindKey(2);
  LoginAnew();
  // The handle of the first is dealt to the second now.
  const Key again = FindKey(2);
  ASSERT_EQ(again.found().object, first.found().object);
  ExpectRight(first, value_);
  ExpectRight(second, other_value_);
  ExpectRight(again, other_value_);
}

// What reading the key's address costs is spent only where handles may lie.
TEST_F(StaleHandleTest, OnlyWhereHandlesAreReusedTheyAreLookedAt) {
  const Key key = FindKey(1);
  const auto before = fault_.Calls("C_GetAttributeValue");
  ExpectRight(key, value_);
  EXPECT_GT(fault_.Calls("C_GetAttributeValue"), before);
}

TEST_F(FaultsTest, AModuleThatReusesNoHandleIsNotAskedForMore) {
  SetModulesMayBeShared(false);
  Import({1, 'T'});
  const Key key = FindKey(1);
  EXPECT_FALSE(token().may_reuse_handles());
  const auto before = fault_.Calls("C_GetAttributeValue");
  EXPECT_THAT(key.Sign(Hs256(), {}), IsOk());
  EXPECT_EQ(fault_.Calls("C_GetAttributeValue"), before);
  SetModulesMayBeShared(true);
}

TEST_F(FaultsTest, WithoutReuseALoginIsNotFeltEither) {
  Import({1, 'T'});
  const Key key = FindKey(1);
  LoginAnew();
  ExpectRight(key, value_);
}

// Modules were seen to show none for a second.
TEST_F(FaultsTest, SlotsThatComeLateAreWaitedFor) {
  for (const std::string when : {"1-2", "1-10"}) {
    Reopen();
    fault_.Script("C_GetSlotList " + when + " no-slots");
    EXPECT_THAT(directory_->FindToken(Name(kName)), IsOk()) << when;
  }
}

TEST_F(FaultsTest, SlotsThatNeverComeAreNotAvailable) {
  fault_.Script("C_GetSlotList * no-slots");
  const auto found = directory_->FindToken(Name(kName));
  EXPECT_THAT(found, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(found),
            "the token IDT.KEYS (token=faulty) is not among the tokens "
            "that '" +
                testing::FaultModule::path() + "' shows");
  EXPECT_EQ(fault_.Calls("C_InitToken"), 0U);
}

TEST_F(FaultsTest, SlotsThatMoveAreFoundAgain) {
  fault_.Script("* * move-slots");
  for (int i = 0; i < 3; ++i) {
    Reopen();
    Must(token().Login());
    ImportKey(token(), {static_cast<std::uint32_t>(i + 1), 'T'}, value_);
    EXPECT_THAT(FindKey(1).Sign(Hs256(), {}), IsOk());
  }
  EXPECT_GE(fault_.Calls("C_Initialize"), 3U);
}

// The store of another part of this process, which is not to be touched.
TEST_F(FaultsTest, TokensOfAnotherStoreAreNotAvailable) {
  fault_.Script("C_Initialize * already-initialized");
  configuration_.tokens = {
      hsm_.Bind(kName, "token=elsewhere", testing::FaultModule::path())};
  Reopen();
  const auto found = directory_->FindToken(Name(kName));
  EXPECT_THAT(found, FailsWith(kNotAvailable));
  EXPECT_EQ(CureOf(found),
            "another part of this program had initialised the module, maybe "
            "with another store: use it in a process of its own");
  EXPECT_THAT(directory_->CreateToken(Name(kName), {}),
              FailsWith(kNotAvailable));
  EXPECT_EQ(fault_.Calls("C_InitToken"), 0U);
  EXPECT_EQ(fault_.Calls("C_Finalize"), 0U);
  Must(Module::Load({testing::FaultModule::path(), "", ""}))
      ->functions()
      .C_Finalize(nullptr);
}

// The embedded store's own module, initialised with another store by somebody.
TEST_F(FaultsTest, NoTokenIsMadeInAnotherStore) {
  const auto others =
      Must(Module::Load({testing::FaultModule::path(), "", hsm_.conf()}));
  const auto before = Must(others->Slots()).size();
  const testing::EmbeddedHome home;
  const auto directory = Must(Directory::Open(home.configuration()));
  const auto made = directory->CreateToken(Name("MINE"), {});
  EXPECT_THAT(made, FailsWith(kNotAvailable));
  EXPECT_EQ(MessageOf(made),
            "another part of this program had initialised the module "
            "'" SIGTOKEN_SOFTHSM2_MODULE "'");
  EXPECT_EQ(Must(others->Slots()).size(), before);
  EXPECT_EQ(fault_.Calls("C_InitToken"), 0U);
}

TEST_F(FaultsTest, AKeyThatWasNotDestroyedIsListedStill) {
  Import({1, 'T'});
  for (const bool force : {false, true}) {
    fault_.Script("C_DestroyObject * return CKR_OK");
    const auto deleted = DeleteKey(token(), {1, 'T'}, force);
    EXPECT_THAT(deleted, FailsWith(kNotAvailable));
    EXPECT_EQ(MessageOf(deleted),
              "the key IDT.KEYS:00000001T is still there after it was "
              "destroyed");
    const auto list = Must(ListKeys(token()));
    ASSERT_EQ(list.keys.size(), 1U);
    EXPECT_EQ(list.keys[0].handle->FormatShort(), "IDT.KEYS:00000001T");
  }
  fault_.Script("");
  EXPECT_THAT(DeleteKey(token(), {1, 'T'}, false), IsOk());
}

class VerifyOnlyFaultsTest : public FaultsTest {
 protected:
  void SetUp() override { Import({1, 'T'}, false); }

  Result<bool> Verify(std::vector<std::uint8_t> mac) {
    return FindKey(1).Verify(Hs256(), Bytes("data"), mac);
  }
  std::vector<std::uint8_t> Right() const {
    return OpenSslMac(Hs256(), value_, Bytes("data"));
  }
};

TEST_F(VerifyOnlyFaultsTest, AModuleThatCallsEachWrongMacADeviceErrorSaysNo) {
  fault_.Script("C_Verify * device-error-for-wrong-mac");
  EXPECT_TRUE(Must(Verify(Right())));
  auto wrong = Right();
  wrong[0] ^= 1;
  EXPECT_FALSE(Must(Verify(wrong)));
  EXPECT_TRUE(Must(Verify(Right())));
}

TEST_F(VerifyOnlyFaultsTest, ADeviceThatFailsSaysNothingOfTheMac) {
  fault_.Script("C_Verify * return CKR_DEVICE_ERROR");
  auto wrong = Right();
  wrong[0] ^= 1;
  EXPECT_THAT(Verify(wrong), FailsWith(kNotAvailable));
  EXPECT_THAT(Verify(Right()), FailsWith(kNotAvailable));
  fault_.Script("");
  EXPECT_FALSE(Must(Verify(wrong)));
  EXPECT_TRUE(Must(Verify(Right())));
}

TEST_F(VerifyOnlyFaultsTest,
       AModuleThatLooksAtNoLengthIsNotAskedWithAWrongOne) {
  const Key key = FindKey(1);
  const auto before = fault_.Calls("C_Verify");
  fault_.Script("C_Verify * ignore-mac-length");
  EXPECT_TRUE(Must(key.Verify(Hs256(), Bytes("data"), Right())));
  for (const std::size_t size : {0U, 1U, 31U, 33U, 48U, 64U, 65U}) {
    auto mac = Right();
    mac.resize(size);
    EXPECT_FALSE(Must(key.Verify(Hs256(), Bytes("data"), mac))) << size;
  }
  EXPECT_EQ(fault_.Calls("C_Verify"), before + 1);
}

TEST_F(VerifyOnlyFaultsTest, NoOtherAnswerThanOkIsGood) {
  for (const std::string code :
       {"CKR_GENERAL_ERROR", "CKR_SIGNATURE_INVALID", "CKR_SIGNATURE_LEN_RANGE",
        "CKR_CANCEL", "CKR_KEY_HANDLE_INVALID", "0x80000001"}) {
    fault_.Script("C_Verify * return " + code);
    const auto verified = Verify(Right());
    EXPECT_FALSE(verified && *verified) << code;
  }
}

}  // namespace
}  // namespace sigtoken
