// What of a request decides whether its IDTA is looked at, and whether its user
// is authenticated.

#ifndef SIGNER_IDTA_RACROUTE_CONDITIONS_H_
#define SIGNER_IDTA_RACROUTE_CONDITIONS_H_

#include <string>
#include <string_view>

#include "signer/idta/racroute.h"

namespace sigtoken {

// Whether `release` is one that RACROUTE knows: PLV0001, 1.9.2, 77A0.
bool IsRelease(std::string_view release);

// Why the IDTA is not looked at; empty where it is.
std::string WhyIgnored(const RacrouteRequest& request);

// Whether the user is to be authenticated, and not only named (OA63462, 3.3.1,
// PASSCHK=YES; that ICRX and IDID, which stand for somebody who was
// authenticated elsewhere, need no more is ours).
bool Verifies(const RacrouteRequest& request);

}  // namespace sigtoken

#endif  // SIGNER_IDTA_RACROUTE_CONDITIONS_H_
