#include "tests/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <fstream>
#include <iterator>

namespace sigtoken::testing {
namespace {

std::string ReadFile(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

int Wait(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

nlohmann::json Outcome::json() const {
  auto document = nlohmann::json::parse(out, nullptr, false);
  if (document.is_discarded())
    ADD_FAILURE() << "not one JSON document: " << out;
  return document;
}

Outcome Programs::Sigtoken(const std::vector<std::string>& arguments,
                           const std::string& input) const {
  return Run(SIGTOKEN_BINARY, arguments, input);
}

Outcome Programs::Zweseckg(const std::vector<std::string>& arguments) const {
  return Run(ZWESECKG_BINARY, arguments, "");
}

Outcome Programs::Run(const std::string& program,
                      const std::vector<std::string>& arguments,
                      const std::string& input) const {
  const TemporaryFolder folder;
  const auto in = folder.Write("in", input);
  const auto out = folder.path() / "out";
  const auto err = folder.path() / "err";

  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment = {"PATH=/usr/bin:/bin",
                                          "SIGTOKEN_HOME=" + home_};
  // Sanitizers are told what to leave alone through the environment.
  for (const char* name :
       {"ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) {
      environment.push_back(std::string(name) + "=" + value);
    }
  }
  for (const auto& [name, value] : environment_) {
    environment.push_back(name + "=" + value);
  }

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, in.c_str(), O_RDONLY, 0);
  constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), kWrite, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), kWrite, 0600);
  pid_t child = -1;
  const int failed =
      posix_spawn(&child, program.c_str(), &actions, nullptr,
                  Pointers(words).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    ADD_FAILURE() << "cannot run " << program << ": " << failed;
    return {};
  }
  Outcome outcome;
  outcome.status = Wait(child);
  outcome.out = ReadFile(out);
  outcome.err = ReadFile(err);
  return outcome;
}

}  // namespace sigtoken::testing
