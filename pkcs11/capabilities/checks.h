// The checks of a module, one function each.

#ifndef PKCS11_CAPABILITIES_CHECKS_H_
#define PKCS11_CAPABILITIES_CHECKS_H_

#include "pkcs11/capabilities/finding.h"
#include "pkcs11/capabilities/scratch.h"

namespace sigtoken {

// Each tries what it is named after and leaves no session open; what it makes
// in the token its caller destroys (Scratch::CleanUp()). What it has learned
// for others it writes into Scratch::known(). Errors: the call that failed,
// where what it answered is no finding of its own.

// token_checks.cc
Result<Finding> CheckModule(Scratch& scratch);
Result<Finding> CheckToken(Scratch& scratch);
Result<Finding> CheckLogin(Scratch& scratch);
Result<Finding> CheckPin(Scratch& scratch);
Result<Finding> CheckKeysOfOthers(Scratch& scratch);

// key_checks.cc
Result<Finding> CheckGenerate(Scratch& scratch);
Result<Finding> CheckImport(Scratch& scratch);
Result<Finding> CheckTypedKeys(Scratch& scratch);
Result<Finding> CheckKeySizes(Scratch& scratch);

// mac_checks.cc
Result<Finding> CheckMacs(Scratch& scratch);
Result<Finding> CheckMechanisms(Scratch& scratch);
Result<Finding> CheckOtherMacs(Scratch& scratch);
Result<Finding> CheckVerify(Scratch& scratch);
Result<Finding> CheckShortBuffer(Scratch& scratch);
Result<Finding> CheckEmptyData(Scratch& scratch);
Result<Finding> CheckLargeData(Scratch& scratch);

// attribute_checks.cc
Result<Finding> CheckAttributes(Scratch& scratch);
Result<Finding> CheckAllowedMechanisms(Scratch& scratch);
Result<Finding> CheckModifiable(Scratch& scratch);
Result<Finding> CheckOtherAttributes(Scratch& scratch);
Result<Finding> CheckIdAndLabel(Scratch& scratch);

// object_checks.cc
Result<Finding> CheckDuplicateId(Scratch& scratch);
Result<Finding> CheckCopy(Scratch& scratch);
Result<Finding> CheckDestroy(Scratch& scratch);
Result<Finding> CheckHandles(Scratch& scratch);
Result<Finding> CheckSessionObjects(Scratch& scratch);
Result<Finding> CheckDataObjects(Scratch& scratch);

// session_checks.cc
Result<Finding> CheckRandom(Scratch& scratch);
Result<Finding> CheckSessions(Scratch& scratch);
Result<Finding> CheckThreads(Scratch& scratch);
Result<Finding> CheckSpeed(Scratch& scratch);

}  // namespace sigtoken

#endif  // PKCS11_CAPABILITIES_CHECKS_H_
