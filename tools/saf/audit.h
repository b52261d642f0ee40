// Whether somebody wants the audit file rotated.

#ifndef TOOLS_SAF_AUDIT_H_
#define TOOLS_SAF_AUDIT_H_

#include <ctime>

namespace sigtoken::saf {

// When sigtoken_audit_rotate() was called, in seconds since 1970; 0 where it
// was not since this was asked the last time.
std::time_t TakeRotation();

}  // namespace sigtoken::saf

#endif  // TOOLS_SAF_AUDIT_H_
