// A PIN from a person at a terminal.

#ifndef PKCS11_SETUP_PIN_PROMPT_H_
#define PKCS11_SETUP_PIN_PROMPT_H_

#include <cstddef>
#include <string>

#include "pkcs11/base/result.h"
#include "pkcs11/base/secret.h"

namespace sigtoken {

// Writes "`question`: " to the controlling terminal and reads one line of at
// most `max_bytes` there, without echo; standard input and output are left
// alone. The terminal is put back as it was, also when the person presses
// Ctrl-C, which refuses and does not end the process.
//
// Errors: kNotAuthorized where there is no terminal, or no PIN was typed.
Result<Secret> AskForPin(const std::string& question, std::size_t max_bytes);

}  // namespace sigtoken

#endif  // PKCS11_SETUP_PIN_PROMPT_H_
