#include "tests/fault/actions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/fault/raw_calls.h"
#include "tests/forked.h"

namespace sigtoken::testing {
namespace {

using Clock = std::chrono::steady_clock;

class FaultActionsTest : public RawCallsTest {};

TEST_F(FaultActionsTest, AnswersInPlaceOfTheWrappedModule) {
  struct Row {
    std::string rule;
    CK_RV rv;
  };
  for (const Row& row : std::vector<Row>{
           {"C_SignInit * return CKR_DEVICE_REMOVED", CKR_DEVICE_REMOVED},
           {"C_SignInit 1 return 0xCE534351", 0xCE534351},
           {"* * return CKR_HOST_MEMORY  # whatever it is", CKR_HOST_MEMORY},
           {"C_SignInit 2 return CKR_HOST_MEMORY", CKR_OK},
           {"C_Sign * return CKR_FUNCTION_FAILED", CKR_FUNCTION_FAILED},
           {"C_SignInit * forget", CKR_OBJECT_HANDLE_INVALID},
           {"C_SignInit * return CKR_CANCEL\nC_SignInit * return "
            "CKR_HOST_MEMORY",
            CKR_CANCEL},
       }) {
    SCOPED_TRACE(row.rule);
    fault_.Script(row.rule);
    EXPECT_EQ(Sign(), row.rv);
    fault_.Script("");
    session_.emplace(Open());
  }
}

TEST_F(FaultActionsTest, AModuleThatDidTheWorkCanSayNo) {
  fault_.Script("C_DestroyObject 1 after CKR_DEVICE_ERROR");
  EXPECT_EQ(functions().C_DestroyObject(session_->handle(), key_),
            CKR_DEVICE_ERROR);
  EXPECT_TRUE(Find().empty());
}

TEST_F(FaultActionsTest, AModuleThatDidNothingCanSayYes) {
  fault_.Script("C_DestroyObject * return CKR_OK");
  EXPECT_EQ(functions().C_DestroyObject(session_->handle(), key_), CKR_OK);
  EXPECT_EQ(Find().size(), 1U);
}

TEST_F(FaultActionsTest, MacsAreCutLengthenedAndCorrupted) {
  struct Row {
    std::string rule;
    std::function<void(Text&)> change;
  };
  for (const Row& row : std::vector<Row>{
           {"C_Sign * truncate 1", [](Text& mac) { mac.resize(31); }},
           {"C_Sign * truncate 99", [](Text& mac) { mac.clear(); }},
           {"C_Sign * lengthen 2", [](Text& mac) { mac.resize(34, 0xEE); }},
           {"C_Sign * corrupt", [](Text& mac) { mac[0] ^= 1; }},
           {"C_Sign * corrupt\nC_Sign * truncate 30",
            [](Text& mac) {
              mac[0] ^= 1;
              mac.resize(2);
            }},
       }) {
    fault_.Script(row.rule);
    Text expected = Right();
    row.change(expected);
    Text mac;
    EXPECT_EQ(Sign(mac), CKR_OK);
    EXPECT_EQ(mac, expected) << row.rule;
  }
}

TEST_F(FaultActionsTest, AttributesAreCutLengthenedAndFlipped) {
  const auto id = [&] { return Must(ReadBytes(*session_, key_, CKA_ID)); };
  const Text whole = id();
  fault_.Script("C_GetAttributeValue * truncate 3");
  EXPECT_EQ(id(), Text(whole.begin(), whole.end() - 3));
  fault_.Script("C_GetAttributeValue 2- lengthen 3");
  CK_BYTE text[64];
  CK_ATTRIBUTE attribute{CKA_ID, text, sizeof text};
  EXPECT_EQ(id(), whole);
  functions().C_GetAttributeValue(session_->handle(), key_, &attribute, 1);
  EXPECT_EQ(attribute.ulValueLen, whole.size() + 3);
  fault_.Script("C_GetAttributeValue * flip-attribute CKA_SENSITIVE");
  EXPECT_FALSE(Must(Sensitive(key_)));
  EXPECT_FALSE(Must(ReadFlag(*session_, key_, CKA_EXTRACTABLE)));
}

TEST_F(FaultActionsTest, AttributesAreDroppedFromTemplates) {
  EXPECT_TRUE(Must(Sensitive(Generate())));
  fault_.Script("* * drop-attribute CKA_SENSITIVE");
  EXPECT_FALSE(Must(Sensitive(Generate())));
  EXPECT_FALSE(Must(Sensitive(Create("created", value_))));
}

TEST_F(FaultActionsTest, ForgottenObjectsAreNotFound) {
  fault_.Script("C_FindObjects 1 forget");
  EXPECT_TRUE(Find().empty());
  EXPECT_EQ(Find().size(), 1U);
  fault_.Script("* * forget");
  EXPECT_TRUE(Find().empty());
  EXPECT_EQ(Sign(), CKR_OBJECT_HANDLE_INVALID);
}

TEST_F(FaultActionsTest, AReusedHandleSignsWithAnotherKey) {
  fault_.Script("* * reuse");
  key_ = Find().at(0);
  EXPECT_EQ(key_, 1U);
  Text mac;
  EXPECT_EQ(Sign(mac), CKR_OK);
  EXPECT_EQ(mac, Right());
  EXPECT_EQ(functions().C_DestroyObject(session_->handle(), key_), CKR_OK);
  EXPECT_EQ(Sign(), CKR_OBJECT_HANDLE_INVALID);
  const Text other(64, 0x5A);
  EXPECT_EQ(Create("other", other), key_);
  EXPECT_EQ(Sign(mac), CKR_OK);
  EXPECT_EQ(mac, OpenSslMac(Hs256(), other, Bytes("data")));
}

TEST_F(FaultActionsTest, HandlesAreDealtAnewAfterALogin) {
  fault_.Script("* * reuse");
  EXPECT_EQ(Find(), std::vector<CK_OBJECT_HANDLE>{1});
  EXPECT_EQ(Create("second", value_), 2U);
  EXPECT_EQ(functions().C_Logout(session_->handle()), CKR_OK);
  EXPECT_EQ(Sign(), CKR_OBJECT_HANDLE_INVALID);
  std::string pin = PrivateSoftHsm2::kPin;
  EXPECT_EQ(
      functions().C_Login(session_->handle(), CKU_USER,
                          reinterpret_cast<CK_BYTE*>(pin.data()), pin.size()),
      CKR_OK);
  Attributes second;
  second.Text(CKA_ID, "second");
  EXPECT_EQ(Must(FindObjects(*session_, second)),
            std::vector<CK_OBJECT_HANDLE>{1});
}

TEST_F(FaultActionsTest, SlotsAreHidden) {
  fault_.Script("C_GetSlotList 1-2 no-slots");  // How many, and which.
  EXPECT_TRUE(Must(session_->module().Slots()).empty());
  EXPECT_EQ(Must(session_->module().Slots()).size(), 2U);
}

TEST_F(FaultActionsTest, SlotsMoveWithEachInitialisation) {
  fault_.Script("* * move-slots");
  const auto slot = [&] {
    const auto slots = Must(session_->module().Slots());
    const auto ours = std::find_if(
        slots.begin(), slots.end(),
        [](const Slot& each) { return Trimmed(each.info.label) == "faulty"; });
    return ours == slots.end() ? 0 : ours->id;
  };
  const CK_SLOT_ID before = slot();
  CK_SESSION_INFO info{};
  session_.emplace(
      Must(Session::Open(Must(Module::Load(session_->module().spec())), before,
                         Access::kReadOnly)));
  EXPECT_EQ(functions().C_GetSessionInfo(session_->handle(), &info), CKR_OK);
  EXPECT_EQ(info.slotID, before);
  functions().C_Finalize(nullptr);
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  EXPECT_EQ(functions().C_Initialize(&arguments), CKR_OK);
  EXPECT_EQ(slot(), before + 1);
}

TEST_F(FaultActionsTest, IsInitialisedAndSaysAlready) {
  session_.reset();
  Reopen();
  fault_.Script("C_Initialize * already-initialized");
  const auto module = Must(Module::Load({FaultModule::path(), "", ""}));
  EXPECT_TRUE(module->initialized_by_others());
  EXPECT_EQ(Must(module->Slots()).size(), 2U);
  module->functions().C_Finalize(nullptr);
}

TEST_F(FaultActionsTest, AKeyOfTheSameIdIsOverwritten) {
  Create("same", value_);
  Create("same", value_);
  EXPECT_EQ(Find().size(), 3U);
  fault_.Script("C_CreateObject * overwrite-id");
  Create("same", value_);
  EXPECT_EQ(Find().size(), 2U);
  Create("another", value_);
  Create("", value_);
  Create("", value_);
  EXPECT_EQ(Find().size(), 5U);
}

TEST_F(FaultActionsTest, AWrongMacIsADeviceErrorAsInNss) {
  fault_.Script("C_Verify * device-error-for-wrong-mac");
  EXPECT_EQ(Verify(Text(32)), CKR_DEVICE_ERROR);
  EXPECT_EQ(Verify(Right()), CKR_OK);
}

TEST_F(FaultActionsTest, TheLengthOfAMacIsNotLookedAtAsInNss) {
  Text longer = Right();
  longer.push_back(0x77);
  Text shorter = Right();
  shorter.pop_back();
  EXPECT_EQ(Verify(longer), CKR_SIGNATURE_LEN_RANGE);
  fault_.Script("C_Verify * ignore-mac-length");
  EXPECT_EQ(Verify(longer), CKR_OK);
  EXPECT_EQ(Verify(Right()), CKR_OK);
  EXPECT_EQ(Verify(shorter), CKR_SIGNATURE_INVALID);
}

TEST_F(FaultActionsTest, ACallIsDelayed) {
  fault_.Script("C_Sign 1 delay 50");
  const auto begin = Clock::now();
  EXPECT_EQ(Sign(), CKR_OK);
  EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds{50});
}

TEST_F(FaultActionsTest, ACallHangsUntilItIsReleased) {
  const auto before = fault_.Calls("C_Sign");
  fault_.Script("C_Sign 1 hang door");
  Text mac;
  std::thread signer([&] { EXPECT_EQ(Sign(mac), CKR_OK); });
  fault_.WaitUntilHung("door");
  // Others go on.
  Session other = Open();
  Text of_other;
  EXPECT_EQ(Sign(other, key_, of_other), CKR_OK);
  EXPECT_EQ(fault_.Calls("C_Sign"), before + 1);
  fault_.Release("door");
  signer.join();
  EXPECT_EQ(mac, of_other);
}

TEST_F(FaultActionsTest, KillsItsOwnProcess) {
  const auto before = fault_.Calls("C_DestroyObject");
  struct Row {
    std::string rule;
    std::size_t objects;
  };
  for (const Row& row : std::vector<Row>{{"C_DestroyObject 1 kill", 1},
                                         {"C_DestroyObject 1 kill after", 0}}) {
    fault_.Script(row.rule);
    EXPECT_EQ(InChild([&] {
                functions().C_DestroyObject(session_->handle(), key_);
                return 0;
              }),
              128 + SIGKILL);
    EXPECT_EQ(Find().size(), row.objects);
  }
  EXPECT_EQ(fault_.Calls("C_DestroyObject"), before + 1);
}

}  // namespace
}  // namespace sigtoken::testing
