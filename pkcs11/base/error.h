// Error: what was refused, why, what to do next, and the codes.

#ifndef PKCS11_BASE_ERROR_H_
#define PKCS11_BASE_ERROR_H_

#include <p11-kit/pkcs11.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "pkcs11/base/icsf_code.h"

namespace sigtoken {

// One failure, on its way from where it happened to the edge that reports it.
//
// `message` and `cure` are for a person: plain sentences without a full stop at
// the end, without secrets, with text from outside passed through Printable().
struct Error {
  CK_RV rv = CKR_FUNCTION_FAILED;  // The module's own, or the word for ours.
  std::string call;                // The Cryptoki function, "" for ours.
  std::string message;             // What was refused, and why.
  std::string cure;                // What to do next; may be empty.
  // Set where the ICSF codes follow from what was asked for rather than from
  // `rv`: no such token, no such object, a handle that is not one.
  std::optional<IcsfCode> icsf = std::nullopt;
  // With kOutputTooShort: the length that the caller's buffer must have.
  std::optional<std::size_t> needed_bytes = std::nullopt;
};

// A refusal of our own: no Cryptoki function gave it.
Error Refusal(IcsfCode icsf, CK_RV rv, std::string message, std::string cure);

// The module, its device, the store or a file that they need is not there:
// 12/0, "ICSF not available".
Error Unavailable(std::string message, std::string cure);

// kOutputTooShort: `what` needs `needed` bytes, and the caller has `room`.
Error OutputTooShort(std::string_view what, std::size_t room,
                     std::size_t needed);

// A fault of this program, 16/0. `message` says what should not have been.
Error Fault(std::string message);

// The ICSF codes of `error`: its own, else those of its CK_RV (base/codes.h).
IcsfCode ToIcsf(const Error& error);

// `text` with a capital letter in front, where it begins with a letter.
std::string Sentence(std::string text);

// "message: C_SignInit answered CKR_KEY_HANDLE_INVALID (ICSF 8/3043, X'BE3').
// Cure" on one line.
std::string ToText(const Error& error);

}  // namespace sigtoken

#endif  // PKCS11_BASE_ERROR_H_
