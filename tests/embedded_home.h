// A fresh home with an embedded SoftHSM2 store, for one test.

#ifndef TESTS_EMBEDDED_HOME_H_
#define TESTS_EMBEDDED_HOME_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "keygen/generate.h"
#include "pkcs11/setup/configuration.h"
#include "pkcs11/tokens/directory.h"
#include "pkcs11/tokens/key.h"
#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken::testing {

// A home in a folder of its own. Nothing outside it is read or written, so
// tests run in any order and beside each other.
class EmbeddedHome {
 public:
  EmbeddedHome();

  // The configuration of the embedded store alone.
  const Configuration& configuration() const { return configuration_; }
  const std::filesystem::path& path() const { return configuration_.home; }

 private:
  TemporaryFolder folder_;
  Configuration configuration_;
};

inline constexpr const char* kTokenName = "IDTTKN.JWT.SECRET";

// A test with a real, empty token IDTTKN.JWT.SECRET.
class TokenTest : public ::testing::Test {
 protected:
  void SetUp() override;

  // A new key; the test has failed if there is none.
  FoundKey Generate(const KeySpec& spec = {});
  // The key with that number, category T.
  Key FindKey(std::uint32_t sequence);

  // Opens the store anew, as another process would.
  void Reopen();

  EmbeddedHome home_;
  std::unique_ptr<Directory> directory_;
  std::shared_ptr<Token> token_;
};

// The value of a Result or Status that must have one.
template <typename T>
T Must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << ToText(result.error());
    std::abort();
  }
  return *std::move(result);
}

inline TokenName Name(const std::string& text) {
  return Must(TokenName::Parse(text));
}

}  // namespace sigtoken::testing

#endif  // TESTS_EMBEDDED_HOME_H_
