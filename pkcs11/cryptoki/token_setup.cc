#include "pkcs11/cryptoki/token_setup.h"

#include <algorithm>

#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/call.h"
#include "pkcs11/cryptoki/session.h"

namespace sigtoken {
namespace {

Status CheckOfficersPin(CK_SLOT_ID slot, const CK_TOKEN_INFO& token) {
  if (!(token.flags & (CKF_SO_PIN_LOCKED | CKF_SO_PIN_FINAL_TRY))) return Ok();
  const bool locked = token.flags & CKF_SO_PIN_LOCKED;
  return Refusal(
      kNotAuthorized, CKR_PIN_LOCKED,
      "the token in slot " + std::to_string(slot) +
          (locked ? " says that its security officer's PIN is locked"
                  : " says that one more wrong PIN of its security officer "
                    "locks it"),
      locked ? "see the vendor's documents: such a token is made anew"
             : "log in once with the right PIN, with the vendor's own tool");
}

}  // namespace

Status CheckInitializesTokens(const Module& module) {
  SIGTOKEN_ASSIGN(const CK_INFO info, module.Info());
  if (!Trimmed(info.manufacturerID).starts_with("Mozilla")) return Ok();
  return Refusal(kParameterInvalid, CKR_FUNCTION_REJECTED,
                 "the module " + Quoted(module.spec().path) +
                     " is NSS, whose tokens are not made by C_InitToken",
                 "make its database with 'certutil -N -d sql:DIRECTORY' and "
                 "leave so-pin-source out");
}

Status SetUserPin(const std::shared_ptr<Module>& module, CK_SLOT_ID slot,
                  Secret& so_pin, Secret& user_pin) {
  SIGTOKEN_ASSIGN(const CK_TOKEN_INFO now, module->TokenInfo(slot));
  SIGTOKEN_TRY(CheckOfficersPin(slot, now));
  // His login ends with the session, which is the only one.
  SIGTOKEN_ASSIGN(Session session,
                  Session::Open(module, slot, Access::kReadWrite));
  SIGTOKEN_TRY(session.Login(CKU_SO, so_pin));
  return Check(Call("C_InitPIN", session.functions().C_InitPIN,
                    session.handle(), user_pin.data(), user_pin.size()),
               "set the user PIN of the new token");
}

Result<Slot> TryUserPin(const std::shared_ptr<Module>& module, CK_SLOT_ID slot,
                        Secret& user_pin) {
  SIGTOKEN_ASSIGN(Session session,
                  Session::Open(module, slot, Access::kReadOnly));
  SIGTOKEN_TRY(session.Login(CKU_USER, user_pin));
  SIGTOKEN_ASSIGN(const CK_TOKEN_INFO info, module->TokenInfo(slot));
  return Slot{slot, info};
}

Result<CK_SLOT_ID> InitializeFreeSlot(const std::shared_ptr<Module>& module,
                                      const std::string& label, Secret& so_pin,
                                      Secret& user_pin) {
  SIGTOKEN_ASSIGN(const auto slots, module->Slots());
  const auto free =
      std::find_if(slots.begin(), slots.end(),
                   [](const Slot& slot) { return !slot.initialized(); });
  if (free == slots.end()) {
    return Unavailable("the module " + Quoted(module->spec().path) +
                           " has no free slot for a new token",
                       "have its administrator add one");
  }
  std::string text = label;
  SIGTOKEN_TRY(Check(Call("C_InitToken", module->functions().C_InitToken,
                          free->id, so_pin.data(), so_pin.size(),
                          reinterpret_cast<CK_UTF8CHAR*>(text.data())),
                     "initialise a token in slot " + std::to_string(free->id)));
  SIGTOKEN_TRY(SetUserPin(module, free->id, so_pin, user_pin));
  return free->id;
}

}  // namespace sigtoken
