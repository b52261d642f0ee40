// The children of this process, as Linux shows them.

#ifndef TESTS_CHILDREN_H_
#define TESTS_CHILDREN_H_

#include <sys/types.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace sigtoken::testing {

struct ChildProcess {
  pid_t pid;
  char state;  // 'Z' for one that nobody has waited for (proc(5)).
  pid_t session;
  std::string command_line;  // A blank behind each word; empty for a zombie.
};

// In the order of their numbers.
inline std::vector<ChildProcess> Children() {
  std::vector<ChildProcess> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream stat(entry.path() / "stat");
    const std::string text((std::istreambuf_iterator<char>(stat)), {});
    // The name in parentheses may hold anything.
    const auto after = text.rfind(')');
    if (after == std::string::npos) continue;
    std::istringstream words(text.substr(after + 1));
    char state = 0;
    pid_t parent = 0;
    pid_t group = 0;
    pid_t session = 0;
    words >> state >> parent >> group >> session;
    if (parent != getpid()) continue;
    std::ifstream file(entry.path() / "cmdline", std::ios::binary);
    std::string line((std::istreambuf_iterator<char>(file)), {});
    for (char& character : line) {
      if (character == '\0') character = ' ';
    }
    children.push_back({std::stoi(name), state, session, std::move(line)});
  }
  return children;
}

}  // namespace sigtoken::testing

#endif  // TESTS_CHILDREN_H_
