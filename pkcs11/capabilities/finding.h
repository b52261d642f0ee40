// Finding: what a check of a module has found, and what follows from it.

#ifndef PKCS11_CAPABILITIES_FINDING_H_
#define PKCS11_CAPABILITIES_FINDING_H_

#include <p11-kit/pkcs11.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/error.h"

namespace sigtoken {

enum class CheckStatus {
  kOk,
  kLimited,  // It works, and not for all that sigtoken could use it for.
  kMissing,  // The module has it not, or it could not be tried.
  kFailed,   // The module has it, and it went wrong.
};

// "ok", "limited", "missing", "failed".
std::string_view NameOf(CheckStatus status);

// Both texts are phrases for a person: in ASCII, without a full stop at the
// end, with text from outside passed through Printable().
struct Finding {
  CheckStatus status = CheckStatus::kOk;
  std::string detail;       // What was found.
  std::string consequence;  // What it means to who uses sigtoken.
};

// "C_GenerateKey answered CKR_KEY_SIZE_RANGE"; the message of an error that no
// Cryptoki function gave. What the module gave beside CKR_OK that cannot be is
// said in words.
std::string AnswerOf(const Error& error);
std::string AnswerOf(std::string_view function, CK_RV rv);

// "1 key", "2 keys"
std::string Count(std::size_t number, std::string_view thing);

// "a", "a and b", "a, b and c"
std::string Join(const std::vector<std::string>& words);

}  // namespace sigtoken

#endif  // PKCS11_CAPABILITIES_FINDING_H_
