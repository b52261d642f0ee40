// Script: which calls of which functions misbehave, and how.

#ifndef TESTS_FAULT_SCRIPT_H_
#define TESTS_FAULT_SCRIPT_H_

#include <p11-kit/pkcs11.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fault/call.h"
#include "tests/fault/functions.h"

namespace sigtoken::fault {

struct Action;

// FUNCTION WHEN ACTION [ARGUMENT]
struct Rule {
  std::size_t function = 0;  // kEvery for all of them.
  std::uint64_t first = 1;   // Calls are counted from 1.
  std::uint64_t last = 0;
  const Action* action = nullptr;
  std::uint64_t number = 0;    // A CK_RV, milliseconds, bytes, a CKA_ or CKF_.
  std::string text;            // A PIN.
  std::filesystem::path file;  // Absolute.

  // Calls that the rule could have met, whatever their count.
  mutable std::atomic<std::uint64_t> calls = 0;
  // Of `lose`: since it was met, and until C_Finalize.
  mutable std::atomic<bool> holds_on = false;
};

inline constexpr std::size_t kEvery = kFunctions.size();

// A text of rules, one a line, and the calls that were counted since it was
// read. The header of tests/fault_module.h has the language.
//
// Thread safe. A function that no rule concerns costs no write to memory.
class Script {
 public:
  // Words that it does not know end the process: a test that asks for what is
  // not there must not pass. `file` names the script in the message, and
  // relative files are looked for beside it.
  Script(std::string_view text, const std::filesystem::path& file);

  // Whether calls of the function are to be looked at.
  bool Concerns(std::size_t function) const { return concerned_.at(function); }

  // The next call of each function is its first one again.
  void CountAnew() const;

  // Counts the call; the rules that it meets, in their order.
  std::vector<const Rule*> Next(std::size_t function) const;

  // What every function answers since the device was lost; nothing while it is
  // there, and to the functions that bring it back.
  std::optional<CK_RV> Lost(std::size_t function) const;
  // It is back after this.
  void Finalized() const;

  // Modes, which hold for all calls of a script.
  bool reuses_handles() const { return reuses_handles_; }
  bool moves_slots() const { return moves_slots_; }
  // Whether a rule must know how long the MAC of a session is.
  bool remembers_macs() const { return remembers_macs_; }

 private:
  void Read(std::string_view line, const std::filesystem::path& file,
            std::size_t line_number);
  bool Meets(const Rule& rule, std::size_t function) const;

  std::deque<Rule> rules_;
  std::array<bool, kFunctions.size()> concerned_{};
  bool reuses_handles_ = false;
  bool moves_slots_ = false;
  bool remembers_macs_ = false;
  bool loses_device_ = false;
};

}  // namespace sigtoken::fault

#endif  // TESTS_FAULT_SCRIPT_H_
