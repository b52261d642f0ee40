// A token behind a module that misbehaves on command, for one test.

#ifndef TESTS_FAULTY_TOKEN_H_
#define TESTS_FAULTY_TOKEN_H_

#include <gtest/gtest.h>

#include <memory>

#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"
#include "tests/fault_module.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken::testing {

// The token "faulty" of a SoftHSM2 store of the test's own, which IDT.KEYS is
// bound to through the fault module.
class FaultyTokenTest : public ::testing::Test {
 protected:
  static constexpr const char* kName = "IDT.KEYS";

  FaultyTokenTest() {
    hsm_.MakeToken("faulty");
    configuration_ = hsm_.Configure();
    configuration_.tokens = {
        hsm_.Bind(kName, "token=faulty", FaultModule::path())};
    directory_ = Must(Directory::Open(configuration_));
  }

  // Opened when a test first asks for it, so that it can set a script before.
  Token& token() {
    if (!token_) token_ = Must(directory_->FindToken(Name(kName)));
    return *token_;
  }
  Key FindKey(std::uint32_t sequence) {
    token();
    return Must(Key::Find(token_, {sequence, 'T'}));
  }
  // Ends the login, as another part of this process may.
  void LogOut() {
    const auto module = Must(Module::Load({FaultModule::path(), "", ""}));
    const Session session =
        Must(Session::Open(module, SlotId(), Access::kReadOnly));
    EXPECT_EQ(module->functions().C_Logout(session.handle()), CKR_OK);
  }
  // Of the token, in a module that is in use.
  static CK_SLOT_ID SlotId() {
    const auto module = Must(Module::Load({FaultModule::path(), "", ""}));
    for (const Slot& slot : Must(module->Slots())) {
      if (Trimmed(slot.info.label) == "faulty") return slot.id;
    }
    ADD_FAILURE() << "the module does not show the token";
    return 0;
  }
  // One fault behind another is no device that comes and goes.
  void OpenAnewWithoutPauses() {
    configuration_.pauses.opening = {{}, {}};
    Reopen();
  }
  // Lets go of the module, and opens the store anew.
  void Reopen() {
    token_.reset();
    directory_.reset();
    directory_ = Must(Directory::Open(configuration_));
  }

  PrivateSoftHsm2 hsm_;
  FaultModule fault_;
  Configuration configuration_;
  std::unique_ptr<Directory> directory_;
  std::shared_ptr<Token> token_;
};

}  // namespace sigtoken::testing

#endif  // TESTS_FAULTY_TOKEN_H_
