#include "tests/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
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

// Destroys the actions. -1 where it could not be started.
pid_t Spawn(const std::string& program,
            const std::vector<std::string>& arguments,
            std::vector<std::string> environment,
            posix_spawn_file_actions_t& actions,
            const posix_spawnattr_t* attributes) {
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  pid_t child = -1;
  const int failed =
      posix_spawn(&child, program.c_str(), &actions, attributes,
                  Pointers(words).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed == 0) return child;
  ADD_FAILURE() << "cannot run " << program << ": " << failed;
  return -1;
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

std::vector<std::string> Programs::Environment() const {
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
  return environment;
}

Outcome Programs::Run(const std::string& program,
                      const std::vector<std::string>& arguments,
                      const std::string& input) const {
  const TemporaryFolder folder;
  const auto in = folder.Write("in", input);
  const auto out = folder.path() / "out";
  const auto err = folder.path() / "err";

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, in.c_str(), O_RDONLY, 0);
  constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), kWrite, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), kWrite, 0600);
  const pid_t child =
      Spawn(program, arguments, Environment(), actions, nullptr);
  if (child < 0) return {};
  Outcome outcome;
  outcome.status = Wait(child);
  outcome.out = ReadFile(out);
  outcome.err = ReadFile(err);
  return outcome;
}

Outcome Programs::RunAtTerminal(const std::string& program,
                                const std::vector<std::string>& arguments,
                                const std::vector<Dialogue>& dialogues) const {
  int person = -1, terminal = -1;
  std::string name(256, '\0');
  if (openpty(&person, &terminal, name.data(), nullptr, nullptr) != 0) {
    ADD_FAILURE() << "there is no terminal to be had";
    return {};
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // The first terminal that the leader of a session opens is the session's.
  posix_spawn_file_actions_addopen(&actions, 0, name.c_str(), O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&actions, 0, 1);
  posix_spawn_file_actions_adddup2(&actions, 0, 2);
  posix_spawn_file_actions_addclose(&actions, person);
  posix_spawn_file_actions_addclose(&actions, terminal);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  const pid_t child =
      Spawn(program, arguments, Environment(), actions, &attributes);
  posix_spawnattr_destroy(&attributes);
  // Now the end of the last program there ends what is to be read.
  close(terminal);
  Outcome outcome;
  if (child < 0) {
    close(person);
    return outcome;
  }
  auto next = dialogues.begin();
  char byte = 0;
  while (read(person, &byte, 1) == 1) {
    outcome.out += byte;
    if (next == dialogues.end() || !outcome.out.ends_with(next->question)) {
      continue;
    }
    const std::string& answer = next++->answer;
    EXPECT_EQ(write(person, answer.data(), answer.size()),
              static_cast<ssize_t>(answer.size()));
  }
  close(person);
  EXPECT_EQ(next, dialogues.end()) << "not asked: " << next->question;
  outcome.status = Wait(child);
  return outcome;
}

}  // namespace sigtoken::testing
