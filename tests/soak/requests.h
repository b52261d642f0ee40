// The requests of the soak, and what must be said of their answers.

#ifndef TESTS_SOAK_REQUESTS_H_
#define TESTS_SOAK_REQUESTS_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "pkcs11/deadline/executor.h"
#include "pkcs11/tokens/directory.h"
#include "pkcs11/tokens/key.h"
#include "signer/idt/generate.h"
#include "signer/idt/validate.h"

namespace sigtoken::testing {

enum class Answer {
  kRight,         // As OpenSSL computes it.
  kNotAvailable,  // 12/0.
  kNotFound,      // 8/3025: the module said twice that there is no such key.
  kWrong,
};

// Makes a token IDT.KEYS ready for requests: keys that sign and verify and one
// that only verifies, of known values, and a profile for identity tokens.
// Thread safe; what it is made of outlives it.
class Requests {
 public:
  explicit Requests(Directory& directory);

  // A request that `random` draws, about a text that no other request has.
  // `why` says what was wrong about a wrong answer.
  Answer Make(std::mt19937_64& random, const std::string& text,
              std::string& why);

 private:
  struct SoakKey {
    std::vector<std::uint8_t> value;
    const MacAlgorithm* algorithm;
    std::uint32_t sequence;
    bool may_sign;
    Key key;
  };

  Answer Sign(std::mt19937_64& random, const std::string& text,
              std::string& why);
  Answer Verify(std::mt19937_64& random, const std::string& text,
                std::string& why);
  Answer Generate(std::string& why);
  Answer Validate(std::mt19937_64& random, std::string& why);
  bool IsSignedRight(const std::string& token) const;

  Directory& directory_;
  Executor executor_{{}};
  std::vector<SoakKey> keys_;
  GenerateRequest generate_;
  ValidateRequest validate_;
};

}  // namespace sigtoken::testing

#endif  // TESTS_SOAK_REQUESTS_H_
