// A service's second name: one symbol more, at the same place.

#ifndef TOOLS_CSF_SECOND_NAME_H_
#define TOOLS_CSF_SECOND_NAME_H_

// `name` has the prototype that csfbext.h gives it, which must be that of
// `service`; both in one file and extern "C".
// NOLINTBEGIN(bugprone-macro-parentheses): a name that is declared takes none.
#define SIGTOKEN_CSF_SECOND_NAME(name, service) \
  extern decltype(service) name __attribute__((alias(#service)))
// NOLINTEND(bugprone-macro-parentheses)

#endif  // TOOLS_CSF_SECOND_NAME_H_
