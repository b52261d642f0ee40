// Writes claims as RACF writes them.

#ifndef SIGNER_IDT_CLAIMS_WRITER_H_
#define SIGNER_IDT_CLAIMS_WRITER_H_

#include <string>
#include <string_view>

#include "signer/idt/claims.h"

namespace sigtoken {

// Whether `text` stands between quotation marks as it is: printable ASCII
// without quotation mark and backslash.
bool NeedsNoEscape(std::string_view text);

// The text that RACF signs, to the byte: the order of Claims, no blanks, aud
// always an array, times in whole seconds (IBM's z/OS 3.2 education material on
// RACF JWT support shows one).
//
// Every string in `claims` must be one that NeedsNoEscape().
std::string WriteClaims(const Claims& claims);

}  // namespace sigtoken

#endif  // SIGNER_IDT_CLAIMS_WRITER_H_
