// StayingProcess: what a service does with a token, for as long as it is there.

#ifndef TESTS_MODULES_STAYING_PROCESS_H_
#define TESTS_MODULES_STAYING_PROCESS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "pkcs11/tokens/directory.h"
#include "pkcs11/tokens/key.h"
#include "tests/modules/module_fixture.h"

namespace sigtoken::testing {

// Opens the token once and has signed with its key 1. Each answer is a word,
// or the codes of the refusal: "12/0".
class StayingProcess {
 public:
  // The value of key 1.
  static constexpr const char* kValue =
      "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";
  // The text that is signed, and its MAC by key 1 (HS256, base64url).
  static constexpr const char* kText = "data";
  static std::string RightMac();

  explicit StayingProcess(const ModuleFixture& module);

  // "right", or "a wrong MAC": by key 1 as it was found then, and by a key that
  // is looked for now. Of others than key 1 nobody knows which MAC is right,
  // and that of key 1 is wrong.
  std::string Held() const;
  std::string Found(std::uint32_t number = 1) const;
  // How many keys.
  std::string Listed() const;
  // The number of the new key.
  std::string Generated() const;
  std::string Imported() const;
  // "deleted".
  std::string Deleted(std::uint32_t number) const;

  // Both are right, within the time that is promised.
  void ExpectBack() const;

 private:
  Token& token() const;

  const std::unique_ptr<Directory> directory_;
  const Key key_;
};

// Runs `work` with such a process: a child, whose assertions count here.
void Stay(const ModuleFixture& module,
          const std::function<void(const StayingProcess&)>& work);

}  // namespace sigtoken::testing

#endif  // TESTS_MODULES_STAYING_PROCESS_H_
