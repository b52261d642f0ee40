// Control: what the environment asks of the fault module.

#ifndef TESTS_FAULT_CONTROL_H_
#define TESTS_FAULT_CONTROL_H_

#include <p11-kit/pkcs11.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
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

  // How many sessions the wrapped module has open in this process, whatever its
  // users were told.
  static void CountSessions(long by);
  static void NoSessions();

  // One line "C_Name 0xRV PID SESSIONS", where SIGTOKEN_FAULT_LOG_ONLY is empty
  // or has the function.
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
    Stamp stamp;
    const Script* script;
  };

  Control(std::filesystem::path script, const char* log, std::string only);
  static bool Look(const std::filesystem::path& file, Stamp& stamp);
  const Script& Read() const;

  std::filesystem::path file_;  // Empty for none.
  int log_ = -1;
  std::string log_only_;      // With a blank on either side of each name.
  mutable std::mutex mutex_;  // To read a new version.
  // By their texts: a soak has many thousand versions of a few.
  mutable std::map<std::string, std::unique_ptr<const Script>> scripts_;
  mutable std::vector<std::unique_ptr<const Version>> versions_;
  mutable std::atomic<const Version*> current_ = nullptr;
};

}  // namespace sigtoken::fault

#endif  // TESTS_FAULT_CONTROL_H_
