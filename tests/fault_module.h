// FaultModule: a real PKCS#11 module that misbehaves on command.

#ifndef TESTS_FAULT_MODULE_H_
#define TESTS_FAULT_MODULE_H_

#include <p11-kit/pkcs11.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken::testing {

// The module at path() does what the module that it wraps does, but for the
// calls that meet a rule of its script. One rule a line; a '#' begins a
// comment:
//
//   FUNCTION WHEN ACTION [ARGUMENT]
//
// FUNCTION is a name such as C_Sign, or '*' for all that can do the action.
// WHEN is N, N-, N-M or '*': the calls that it holds for, counted from 1 since
// the script was last changed, by each process for itself.
//
//   return CODE            CODE is the answer; the wrapped module is not called
//   after CODE             it is called, then CODE is the answer
//   lose CODE              from this call on CODE is the answer of every
//                          function, until C_Finalize: a device, or a daemon,
//                          that went away and is there for who opens it anew
//   delay MS               before all else
//   hang NAME              until Release(NAME)
//   kill, kill after       SIGKILL of its own process, before or after the call
//   truncate N             C_Sign, C_SignFinal, C_GetAttributeValue: N bytes
//                          less, CKR_OK (a question for the length is not cut)
//   lengthen N             the same: a length that is N too large
//   corrupt                C_Sign, C_SignFinal: one bit is wrong
//   overrun                C_Sign: CKR_BUFFER_TOO_SMALL for a buffer of less
//                          than 64 bytes; a longer one is written to up to
//                          there, whatever the MAC's length, as by openCryptoki
//   answer-mac             C_SignInit and C_Sign, both or neither: a MAC of the
//                          right length and wrong bytes, without the wrapped
//                          module, so that no lock of its own is in the way
//   forget                 C_FindObjects finds nothing; functions that take an
//                          object answer CKR_OBJECT_HANDLE_INVALID
//   lose-session           before C_SignInit, C_Sign, C_VerifyInit, C_Verify,
//                          C_FindObjects and functions that take an object:
//                          its session is closed, as when a connection ends
//   lose-login             the same: all of the token's sessions are logged out
//   no-slots               C_GetSlotList: none, CKR_OK
//   already-initialized    C_Initialize: CKR_CRYPTOKI_ALREADY_INITIALIZED,
//                          after it is done
//   strict-arguments       C_Initialize: CKR_CANT_LOCK unless all that is asked
//                          for is CKF_OS_LOCKING_OK, without callbacks
//   set-flag CKF_X         C_GetTokenInfo: the token says so
//   clear-flag CKF_X       the same: it does not
//   own-keypad PIN         C_Login: a PIN that is given is refused with
//                          CKR_ARGUMENTS_BAD; in the place of none, PIN is
//                          typed in at the token
//   ignore-room            C_Sign: the MAC is written in any case, as if there
//                          were 64 bytes of room, which there must be
//   most-sessions N        C_OpenSession, C_CloseSession, both or neither:
//                          CKR_SESSION_COUNT while N are open; those are
//                          counted that were opened and closed since
//   same-key               C_GenerateKey: every key has the same 64 bytes;
//                          C_CreateObject: every byte of the value is the same
//   same-random            C_GenerateRandom: every byte is the same
//   overwrite-id           C_GenerateKey, C_CreateObject: secret keys of the
//                          same CKA_ID are destroyed first, as by NSS
//   drop-attribute CKA_X   the same: CKA_X is taken out of the template
//   flip-attribute CKA_X   C_GetAttributeValue: the opposite of that boolean
//   device-error-for-wrong-mac
//                          C_Verify, C_VerifyFinal: CKR_DEVICE_ERROR in place
//                          of CKR_SIGNATURE_INVALID, as NSS
//   ignore-mac-length      the same: a MAC is cut, or filled up with zeros, to
//                          its right length
//   reuse                  '* *' only: object handles are 1, 2, 3...; that of a
//                          destroyed object is dealt again, and after C_Logout
//                          and C_Finalize all are, as by openCryptoki
//   move-slots             '* *' only: slot numbers are shifted, further with
//                          each C_Initialize
//
// CODE is a CKR_ name or 0xHEX. Rules that meet the same call apply in their
// order. Words that are not of this language end the program.
//
// The environment variables SIGTOKEN_FAULT_WRAPS, _SCRIPT, _LOG and _LOG_ONLY
// are set for the lifetime of this object; the module reads them in
// C_Initialize.
class FaultModule {
 public:
  // `counts` names the functions that Calls() and Answers() know of, with a
  // blank between; all where it is empty.
  explicit FaultModule(const std::string& wraps = SIGTOKEN_SOFTHSM2_MODULE,
                       const std::string& counts = "");
  FaultModule(const FaultModule&) = delete;
  FaultModule& operator=(const FaultModule&) = delete;
  ~FaultModule();

  static std::string path() { return SIGTOKEN_FAULT_MODULE; }
  // The same one, for a helper process (HelperProcess).
  static std::string path_of_helpers() {
    return SIGTOKEN_FAULT_MODULE_OF_HELPERS;
  }

  // Holds from the next call on, in all processes.
  void Script(std::string_view text);

  // Ends `hang NAME`, for calls still to come too.
  void Release(const std::string& name) const;
  // Waits until a call hangs there.
  void WaitUntilHung(const std::string& name) const;

  // How often a function has answered, in all processes.
  std::size_t Calls(std::string_view function) const;
  // How often with that answer.
  std::size_t Answers(std::string_view function, CK_RV rv) const;

  // How many sessions the wrapped module had open when it last answered,
  // whatever its users were told; for one process.
  long OpenSessions() const;

  // For programs that are run: Programs::SetEnvironment().
  const std::map<std::string, std::string>& environment() const {
    return environment_;
  }

 private:
  // The lines of the log that begin so.
  std::size_t Count(const std::string& begin) const;

  TemporaryFolder folder_;
  std::size_t scripts_ = 0;
  std::map<std::string, std::string> environment_;
  std::map<std::string, std::optional<std::string>> before_;
};

}  // namespace sigtoken::testing

#endif  // TESTS_FAULT_MODULE_H_
