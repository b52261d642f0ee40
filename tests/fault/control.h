// Control: what the environment asks of the fault module.

#ifndef TESTS_FAULT_CONTROL_H_
#define TESTS_FAULT_CONTROL_H_

#include <p11-kit/pkcs11.h>
#include <sys/stat.h>

#include <atomic>
#include <ctime>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "tests/fault/script.h"

namespace sigtoken::fault {

// The module behind this one: SIGTOKEN_FAULT_WRAPS. Loaded when the variable
// changes, which ends the process where it is not a module. Never unloaded.
CK_FUNCTION_LIST* LoadWrapped();

// The script of SIGTOKEN_FAULT_SCRIPT, as it is now, and the log of
// SIGTOKEN_FAULT_LOG. Thread safe: readers take no lock.
class Control {
 public:
  // Null when the environment asks for neither, so that such a call costs no
  // more than this. What is answered here lives as long as the process, as do
  // the scripts: a call in another thread may be reading them.
  static const Control* Current();

  // Reads the environment, which no other thread may change meanwhile.
  static void ReadEnvironment();

  // Looks at the file first; a script that cannot be read at all ends the
  // process, one that is gone later stays as it was.
  const Script& TheScript() const;

  // One line "C_Name 0xRV PID".
  void Log(std::string_view function, CK_RV rv) const;

 private:
  // What tells one version of a file from another.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    std::timespec changed{};

    friend bool operator==(const Stamp& a, const Stamp& b) {
      return a.device == b.device && a.inode == b.inode && a.size == b.size &&
             a.changed.tv_sec == b.changed.tv_sec &&
             a.changed.tv_nsec == b.changed.tv_nsec;
    }
  };
  struct Version {
    Version(const Stamp& of, std::string_view text,
            const std::filesystem::path& file)
        : stamp(of), script(text, file) {}

    Stamp stamp;
    Script script;
  };

  Control(std::filesystem::path script, const char* log);
  static bool Look(const std::filesystem::path& file, Stamp& stamp);
  const Version& Read() const;

  std::filesystem::path file_;  // Empty for none.
  int log_ = -1;
  mutable std::mutex mutex_;  // To read a new version.
  mutable std::vector<std::unique_ptr<const Version>> versions_;
  mutable std::atomic<const Version*> current_ = nullptr;
};

}  // namespace sigtoken::fault

#endif  // TESTS_FAULT_CONTROL_H_
