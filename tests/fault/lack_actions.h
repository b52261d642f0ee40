// The actions of a script by which a module is poor: few sessions, no chance.

#ifndef TESTS_FAULT_LACK_ACTIONS_H_
#define TESTS_FAULT_LACK_ACTIONS_H_

#include "tests/fault/call.h"
#include "tests/fault/script.h"

namespace sigtoken::fault {

// Before and after the wrapped module.
void RefuseSession(const Rule& rule, Call& call);
void CountSession(const Rule& rule, Call& call);

// Of a value that has the same bytes always.
void MakeSameKey(const Rule& rule, Call& call);

void DrawTheSame(const Rule& rule, Call& call);

// As openCryptoki, which does not look at the room for the MAC.
void IgnoreRoom(const Rule& rule, Call& call);

}  // namespace sigtoken::fault

#endif  // TESTS_FAULT_LACK_ACTIONS_H_
