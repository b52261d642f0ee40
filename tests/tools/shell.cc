#include "tests/tools/shell.h"

#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken::testing {

Outcome RunShell(const std::filesystem::path& home, const std::string& script) {
  const TemporaryFolder folder;
  const auto err = folder.path() / "err";
  const auto file = folder.Write(
      "script", "export SIGTOKEN='" SIGTOKEN_BINARY
                "' ZWESECKG='" ZWESECKG_BINARY "' SIGTOKEN_HOME='" +
                    home.string() + "'\ncd '" + home.parent_path().string() +
                    "' || exit 99\n" + script);
  const std::string command =
      "bash '" + file.string() + "' </dev/null 2>'" + err.string() + "'";
  // A shell is what is asked for here.
  FILE* pipe = popen(command.c_str(), "re");  // NOLINT(cert-env33-c)
  if (pipe == nullptr) return {};
  Outcome outcome;
  char buffer[4096];
  for (std::size_t got = 0;
       (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    outcome.out.append(buffer, got);
  }
  const int status = pclose(pipe);
  outcome.status =
      WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  std::ifstream stream(err, std::ios::binary);
  outcome.err.assign(std::istreambuf_iterator<char>(stream), {});
  return outcome;
}

}  // namespace sigtoken::testing
