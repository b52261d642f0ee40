// Table D: what fault each code is a sign of, and what it is answered with.

#ifndef TESTS_MATRIX_CODE_FAULTS_H_
#define TESTS_MATRIX_CODE_FAULTS_H_

#include <p11-kit/pkcs11.h>

#include "pkcs11/base/icsf_code.h"

namespace sigtoken::testing {

// The classes of tokens-and-faults.md, section 3.
enum class Fault {
  kSessionGone,   // A new session cures it.
  kLoginLost,     // One more login does.
  kStale,         // The key is looked for again.
  kBusy,          // The session is in the middle of something: a new one.
  kDeviceGone,    // The module is opened anew.
  kBeingWritten,  // As kDeviceGone: of a token whose files were made anew.
  kUnclear,       // As kDeviceGone, where the device is not seen to be well.
  kNoRoom,        // Too many sessions: those that nobody uses are closed.
  kPin,           // Not tried again.
  kRequest,       // This module does not do this: not tried again.
};

struct CodeFault {
  CK_RV rv;
  Fault fault;
  IcsfCode icsf;  // When nothing cures it (codes.md).
};

// Null for a code that has none.
const CodeFault* FindCodeFault(CK_RV rv);

bool IsCuredByATry(Fault fault);
// Whether `rv` is one with which a device goes away, so that When::kLost says
// something.
bool MayBeOfALostDevice(CK_RV rv);
// Whether C_Login refuses the PIN with it, which is then not tried again.
bool RefusesPin(CK_RV rv);

}  // namespace sigtoken::testing

#endif  // TESTS_MATRIX_CODE_FAULTS_H_
