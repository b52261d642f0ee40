// Runs a shell script around our programs, for what only a shell can arrange:
// closed descriptors, pipes that break, variables that are not set.

#ifndef TESTS_TOOLS_SHELL_H_
#define TESTS_TOOLS_SHELL_H_

#include <filesystem>
#include <string>

#include "tests/program.h"

namespace sigtoken::testing {

// `script` runs in bash, in `home`'s parent folder, with SIGTOKEN_HOME set to
// `home` and the programs' paths in SIGTOKEN and ZWESECKG.
Outcome RunShell(const std::filesystem::path& home, const std::string& script);

}  // namespace sigtoken::testing

#endif  // TESTS_TOOLS_SHELL_H_
