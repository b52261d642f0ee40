// Whether somebody wants the audit file rotated.

#ifndef TOOLS_SAF_AUDIT_H_
#define TOOLS_SAF_AUDIT_H_

namespace sigtoken::saf {

// Whether sigtoken_audit_rotate() was called since this was asked the last
// time.
bool TakeRotation();

}  // namespace sigtoken::saf

#endif  // TOOLS_SAF_AUDIT_H_
