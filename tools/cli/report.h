// Answers and errors, as they are printed.

#ifndef TOOLS_CLI_REPORT_H_
#define TOOLS_CLI_REPORT_H_

#include <string>

#include "pkcs11/base/error.h"
#include "pkcs11/base/icsf_code.h"
#include "tools/cli/command.h"

namespace sigtoken::cli {

// A reason code as messages have it: "BE3".
std::string HexReason(int reason);

// {"return_code":8,"reason_code":3043,"reason_hex":"BE3"}
Json IcsfJson(IcsfCode code);

// The member "error": message, icsf, and cryptoki where the module gave it.
Json ErrorJson(const Error& error);

// One line of JSON in ASCII, whatever bytes came from a token: what is not
// UTF-8 becomes U+FFFD, and no character of others' gets to steer a terminal.
std::string Dump(const Json& json);

// Prints a result to stdout. Gives `status`, or another one when stdout cannot
// be written: a result that nobody got is not done.
int Print(const std::string& text, int status);

// What is said of a result that could not be written to stdout; `status` is
// what the command came to.
std::string Unwritten(int status);

// One line each on stderr, unless --quiet.
void Warn(const GlobalOptions& options,
          const std::vector<std::string>& warnings);

// Print to stdout and stderr and give the exit status, which is another one
// when stdout cannot be written.
int Report(const GlobalOptions& options, const Answer& answer);
int Report(const GlobalOptions& options, const Error& error);

}  // namespace sigtoken::cli

#endif  // TOOLS_CLI_REPORT_H_
