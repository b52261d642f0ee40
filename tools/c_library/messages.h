// What a library writes to stderr: nothing, unless the environment asks for it.

#ifndef TOOLS_C_LIBRARY_MESSAGES_H_
#define TOOLS_C_LIBRARY_MESSAGES_H_

#include <string_view>

namespace sigtoken::c_library {

// The environment variable that asks, with 1. Each library defines it once.
extern const char* const kMessagesVariable;

// Whether it was 1 at the first call.
bool MessagesAreWanted();

// What a program must hear of that asked for no messages: on stderr all the
// same, once a minute at most.
void WriteWarning(std::string_view service, std::string_view text);

// One line, where messages are wanted. `service` is the name that the program
// called.
void WriteMessage(std::string_view service, std::string_view text);
// The same, of an exception; `codes` are what the program is told. Allocates
// nothing: `what` may be a bad_alloc's.
void WriteFaultMessage(const char* service, const char* what,
                       const char* codes);

}  // namespace sigtoken::c_library

#endif  // TOOLS_C_LIBRARY_MESSAGES_H_
