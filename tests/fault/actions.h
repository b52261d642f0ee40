// The actions of a script.

#ifndef TESTS_FAULT_ACTIONS_H_
#define TESTS_FAULT_ACTIONS_H_

#include <string_view>

#include "tests/fault/call.h"
#include "tests/fault/script.h"

namespace sigtoken::fault {

enum class Argument { kNone, kCode, kNumber, kFile, kText, kAttribute, kFlag };

// Modes are settings of the whole script, not actions on one call.
enum class Mode { kNone, kReusesHandles, kMovesSlots };

struct Action {
  std::string_view name;
  Argument argument = Argument::kNone;
  // Whether it makes a difference to such a function; null for all.
  bool (*fits)(const Function& function) = nullptr;
  // Before the wrapped module is called: may answer in its place.
  void (*before)(const Rule& rule, Call& call) = nullptr;
  // After it was called.
  void (*after)(const Rule& rule, Call& call) = nullptr;
  // After all else, the log too.
  void (*at_the_end)() = nullptr;
  Mode mode = Mode::kNone;
  bool wants_mac_length = false;  // Of the session: RememberMacLength().
  // What it answers, all functions answer until C_Finalize.
  bool holds_on = false;
};

// C_Initialize and C_Finalize, which a lost device comes back by.
bool OpensModule(const Function& function);

// Null for a name that no action has. "kill after" is one name.
const Action* FindAction(std::string_view name);

}  // namespace sigtoken::fault

#endif  // TESTS_FAULT_ACTIONS_H_
