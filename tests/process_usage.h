// What this process holds of the system.

#ifndef TESTS_PROCESS_USAGE_H_
#define TESTS_PROCESS_USAGE_H_

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace sigtoken::testing {

// As Linux counts it (proc(5)).
struct ProcessUsage {
  std::size_t descriptors = 0;
  std::size_t threads = 0;
  std::size_t resident_kib = 0;

  static ProcessUsage Now() {
    ProcessUsage usage{CountOf("/proc/self/fd"), CountOf("/proc/self/task"), 0};
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
      if (word == "VmRSS:") status >> usage.resident_kib;
    }
    return usage;
  }

 private:
  static std::size_t CountOf(const char* folder) {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder), {}));
  }
};

}  // namespace sigtoken::testing

#endif  // TESTS_PROCESS_USAGE_H_
