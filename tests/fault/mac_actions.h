// The actions of a script that concern MACs.

#ifndef TESTS_FAULT_MAC_ACTIONS_H_
#define TESTS_FAULT_MAC_ACTIONS_H_

#include "tests/fault/call.h"
#include "tests/fault/script.h"

namespace sigtoken::fault {

void Corrupt(const Rule& rule, Call& call);
void HideWrongMac(const Rule& rule, Call& call);
void IgnoreMacLength(const Rule& rule, Call& call);

// Before and after the wrapped module: openCryptoki has room for the longest
// MAC wherever one is asked for, and writes over it.
void AskForRoom(const Rule& rule, Call& call);
void Overrun(const Rule& rule, Call& call);

// Constant bytes, of the length that the mechanism of C_SignInit has.
void AnswerMac(const Rule& rule, Call& call);

// To be called after C_VerifyInit.
void RememberMacLength(const Call& call);

}  // namespace sigtoken::fault

#endif  // TESTS_FAULT_MAC_ACTIONS_H_
