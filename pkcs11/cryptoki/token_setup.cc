#include "pkcs11/cryptoki/token_setup.h"

#include <algorithm>

#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/call.h"
#include "pkcs11/cryptoki/session.h"

namespace sigtoken {
namespace {

// The security officer sets the user's PIN. His login ends with the session,
// which is the only one.
Status SetUserPin(const std::shared_ptr<Module>& module, CK_SLOT_ID slot,
                  Secret& so_pin, Secret& user_pin) {
  SIGTOKEN_ASSIGN(Session session,
                  Session::Open(module, slot, Access::kReadWrite));
  SIGTOKEN_TRY(session.Login(CKU_SO, so_pin));
  return Check(Call("C_InitPIN", session.functions().C_InitPIN,
                    session.handle(), user_pin.data(), user_pin.size()),
               "set the user PIN of the new token");
}

}  // namespace

Status CheckInitializesTokens(const Module& module) {
  CK_INFO info{};
  SIGTOKEN_TRY(Check(Call("C_GetInfo", module.functions().C_GetInfo, &info),
                     "ask the module for its name"));
  if (!Trimmed(info.manufacturerID).starts_with("Mozilla")) return Ok();
  return Refusal(kParameterInvalid, CKR_FUNCTION_REJECTED,
                 "the module " + Quoted(module.spec().path) +
                     " is NSS, whose tokens are not made by C_InitToken",
                 "make its database with 'certutil -N -d sql:DIRECTORY' and "
                 "leave so-pin-source out");
}

Result<Slot> InitializeFreeSlot(const std::shared_ptr<Module>& module,
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
  {
    SIGTOKEN_ASSIGN(Session session,
                    Session::Open(module, free->id, Access::kReadOnly));
    SIGTOKEN_TRY(session.Login(CKU_USER, user_pin));
  }
  SIGTOKEN_ASSIGN(const CK_TOKEN_INFO info, module->TokenInfo(free->id));
  return Slot{free->id, info};
}

}  // namespace sigtoken
