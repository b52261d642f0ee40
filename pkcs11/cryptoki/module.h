// Module: a PKCS#11 module, loaded and initialised.

#ifndef PKCS11_CRYPTOKI_MODULE_H_
#define PKCS11_CRYPTOKI_MODULE_H_

#include <p11-kit/pkcs11.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/call.h"

namespace sigtoken {

class ModuleEntry;

// Which module, and with what it is initialised.
struct ModuleSpec {
  // Absolute path of the shared object, as it was typed: a link stays where
  // the file behind it changes its name with each release.
  std::string path;
  // CK_C_INITIALIZE_ARGS.pReserved where a module wants one (NSS does); empty
  // means NULL, which all others demand.
  std::string init;
  // The file that SoftHSM2 is to read in place of its default; empty for none.
  std::string softhsm2_conf;
  // Whether it runs in a process of its own (HelperProcess), which hands over
  // no `init`.
  bool isolated = false;

  friend bool operator==(const ModuleSpec&, const ModuleSpec&) = default;
};

// One slot with a token in it.
struct Slot {
  CK_SLOT_ID id = 0;
  CK_TOKEN_INFO info{};
  CK_SLOT_INFO slot{};

  bool initialized() const { return info.flags & CKF_TOKEN_INITIALIZED; }
};

// The functions of a module, initialised once in this process and finalised
// with the last share of it; the shared object itself is never unloaded, since
// modules leave exit handlers behind. Thread safe.
//
// A forked child inherits what the module allows and no more: Check() refuses
// there, so that nobody signs with sessions of the parent, or makes the same
// random key twice. Load() in the child begins with C_Finalize (PKCS #11 v2.40,
// section 6.6.1).
class Module {
 public:
  // Loads and initialises, or gives a share of the module that this process
  // has initialised with the same `spec` already, by whatever path.
  //
  // SoftHSM2 takes the name of its configuration only from the environment, so
  // SOFTHSM2_CONF is changed for the time of C_Initialize and put back, as
  // P11_KIT_SERVER_ADDRESS is for the first load of an isolated module: no
  // other thread may read or write the environment meanwhile. Modules that are
  // loaded here wait for each other, but for one that hangs not for long
  // (EnvironmentUse).
  //
  // Errors: kNotAvailable when it is not there, is not a module, does not
  // initialise, or is in use with another `spec`.
  static Result<std::shared_ptr<Module>> Load(const ModuleSpec& spec);

  // The module of `spec` for who watches calls, loaded or not.
  static Callee& CalleeOf(const ModuleSpec& spec);

  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  ~Module();

  // For a Call() of this thread, whose watch is told which module it is.
  CK_FUNCTION_LIST& functions() const;
  const ModuleSpec& spec() const { return spec_; }

  // Whether somebody else in this process had initialised the module: its
  // tokens may be other ones than `spec` names.
  bool initialized_by_others() const { return !ours_; }

  // The slots with a token, as they are now. Errors: as the module gave them.
  Result<std::vector<Slot>> Slots() const;

  // What the module says of itself. Errors: as the module gave them.
  Result<CK_INFO> Info() const;

  // What a token says of itself now. Errors: as the module gave them.
  Result<CK_TOKEN_INFO> TokenInfo(CK_SLOT_ID slot) const;

  // Errors: kNotAvailable in a child of the process that loaded the module.
  Status Check() const;

  // C_CloseSession. A session that the module does not close is closed again
  // behind the next one that it does: a module has so many and no more.
  void CloseSession(CK_SESSION_HANDLE session);
  // The module has dealt this handle: it is not one that is still to be closed.
  void SessionOpened(CK_SESSION_HANDLE session);

 private:
  Module(ModuleSpec spec, CK_FUNCTION_LIST* functions, ModuleEntry& entry,
         bool ours);

  ModuleSpec spec_;
  CK_FUNCTION_LIST* functions_;
  ModuleEntry* entry_;
  bool ours_;
  unsigned fork_generation_;

  std::mutex unclosed_mutex_;
  std::vector<CK_SESSION_HANDLE> unclosed_;
};

// A blank-padded text of CK_TOKEN_INFO, without the blanks.
template <std::size_t N>
std::string Trimmed(const CK_UTF8CHAR (&field)[N]) {
  std::size_t size = N;
  while (size > 0 && (field[size - 1] == ' ' || field[size - 1] == 0)) --size;
  return {reinterpret_cast<const char*>(field), size};
}

// The Status of one Cryptoki call: what was being done, and the function.
Status Check(const Answered& answered, std::string_view doing);

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_MODULE_H_
