// The codes that the tests of the table expected and saw, for the test that the
// table is whole.

#ifndef TESTS_TOOLS_CSF_CODES_GIVEN_H_
#define TESTS_TOOLS_CSF_CODES_GIVEN_H_

#include <cstdlib>
#include <fstream>
#include <string>

namespace sigtoken::testing {

// Names the file that they are written to, a line for each: "8/3001".
inline constexpr const char* kCodesGiven = "SIGTOKEN_CODES_GIVEN";

inline void NoteGiven(const std::string& codes) {
  const char* path = std::getenv(kCodesGiven);
  if (path == nullptr) return;
  std::ofstream(path, std::ios::app) << codes << '\n';
}

}  // namespace sigtoken::testing

#endif  // TESTS_TOOLS_CSF_CODES_GIVEN_H_
