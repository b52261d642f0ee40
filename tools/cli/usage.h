// What is wrong with a command line that CLI11 did not take.

#ifndef TOOLS_CLI_USAGE_H_
#define TOOLS_CLI_USAGE_H_

#include <string>

#include "pkcs11/base/error.h"
#include "tools/cli/command.h"

namespace sigtoken::cli {

// `what` is wrong with the arguments; without a cure --help is one.
Error UsageError(std::string what, std::string cure = "");

// The same for what `app`, whose parse() threw `error`, has seen so far. It
// names the first word that was not understood, since what is missing mostly
// follows from that; a word that looks like a token is not repeated.
Error UsageError(const CLI::App& app, const CLI::ParseError& error);

}  // namespace sigtoken::cli

#endif  // TOOLS_CLI_USAGE_H_
