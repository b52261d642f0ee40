// Runs our programs as a person would.

#ifndef TESTS_PROGRAM_H_
#define TESTS_PROGRAM_H_

#include <sys/types.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken::testing {

// How a program ended.
struct Outcome {
  int status = -1;  // Exit status; 128 and the signal's number when it died.
  std::string out;
  std::string err;

  // `out` as the one JSON document that it must be.
  nlohmann::json json() const;
};

// Runs programs with SIGTOKEN_HOME set to one home and little else in the
// environment.
class Programs {
 public:
  explicit Programs(std::string home) : home_(std::move(home)) {}

  // The program sigtoken; `input` is its standard input.
  Outcome Sigtoken(const std::vector<std::string>& arguments,
                   const std::string& input = "") const;
  Outcome Zweseckg(const std::vector<std::string>& arguments) const;

  // Any program, by its path.
  Outcome Run(const std::string& program,
              const std::vector<std::string>& arguments,
              const std::string& input = "") const;

  // As Run(), at a terminal of its own, where a person types each answer when
  // the terminal shows its question. `out` is all that it showed.
  struct Dialogue {
    std::string question;
    std::string answer;
  };
  Outcome RunAtTerminal(const std::string& program,
                        const std::vector<std::string>& arguments,
                        const std::vector<Dialogue>& dialogues = {}) const;

  // Adds to the environment of what is run from now on.
  void SetEnvironment(const std::string& name, const std::string& value) {
    environment_[name] = value;
  }

 private:
  std::vector<std::string> Environment() const;

  std::string home_;
  std::map<std::string, std::string> environment_;
};

}  // namespace sigtoken::testing

#endif  // TESTS_PROGRAM_H_
