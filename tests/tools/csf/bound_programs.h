// Programs in C that use a token of SoftHSM2 which an administrator made.

#ifndef TESTS_TOOLS_CSF_BOUND_PROGRAMS_H_
#define TESTS_TOOLS_CSF_BOUND_PROGRAMS_H_

#include <string>

#include "tests/tools/bound_token.h"

namespace sigtoken::testing {

class BoundProgramsTest : public BoundTokenTest {
 protected:
  // The name as handles have it.
  static std::string Padded(std::string name) {
    name.resize(32, ' ');
    return name;
  }

  static constexpr const char* kPrivate = "3";  // CKO_PRIVATE_KEY
  static constexpr const char* kPublic = "2";   // CKO_PUBLIC_KEY

  // What the program `asker` wrote, and the codes in its last line.
  struct Asked {
    std::string out;
    std::string codes;  // "8/3001"
  };
  Asked Ask(const Words& words, const std::string& text = "") const {
    const Outcome outcome =
        programs_.Run(SIGTOKEN_C_PROGRAMS "/asker", words, text);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    Asked asked{outcome.out, {}};
    if (asked.out.empty() || asked.out.back() != '\n') return asked;
    asked.out.pop_back();
    const std::size_t line = asked.out.rfind('\n') + 1;  // 0 when there is one.
    asked.codes = asked.out.substr(line);
    asked.out.erase(line);
    return asked;
  }

  void MakePair(const std::string& label) const {
    const Outcome made =
        Pkcs11Tool({"--keypairgen", "--key-type", "rsa:2048", "--label", label,
                    "--id", "0A", "--usage-sign"});
    ASSERT_EQ(made.status, 0) << made.err;
  }

  // The one object of that class and label; "" where there is not one.
  std::string Find(const std::string& object_class,
                   const std::string& label) const {
    const Asked found = Ask({"list", kBound, object_class, label});
    EXPECT_EQ(found.codes, "0/0");
    EXPECT_EQ(found.out.size(), 45U) << found.out;
    return found.out.size() == 45 ? found.out.substr(0, 44) : "";
  }
};

}  // namespace sigtoken::testing

#endif  // TESTS_TOOLS_CSF_BOUND_PROGRAMS_H_
