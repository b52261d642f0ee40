// What every test of the contract has: one module, a token, and the programs.

#ifndef TESTS_MODULES_CONTRACT_H_
#define TESTS_MODULES_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "pkcs11/cryptoki/mac_algorithm.h"
#include "pkcs11/tokens/token.h"
#include "tests/modules/module_fixture.h"

namespace sigtoken::testing {

using Words = std::vector<std::string>;

inline constexpr const char* kBound = ModuleFixture::kBoundName;

class ContractTest : public ::testing::TestWithParam<const ModuleTraits*> {
 protected:
  ContractTest()
      : module_(GetParam()->make()), programs_(module_->programs()) {}

  static const ModuleTraits& traits() { return *GetParam(); }

  Outcome Run(const Words& words, const std::string& input = "") const {
    return programs_.Sigtoken(words, input);
  }
  // The one JSON document of a command that must succeed.
  nlohmann::json Json(Words words, const std::string& input = "") const;
  // A command that must be refused with that code, and its return code as the
  // exit status.
  void ExpectRefusal(Words words, IcsfCode code,
                     const std::string& input = "") const;

  // Makes a key and gives what the program said.
  nlohmann::json Generate(const Words& more = {}) const;
  nlohmann::json Keys() const;  // The member `keys` of `key list`.
  nlohmann::json KeyNumber(int number) const;  // Of `key show`.

  // "IDTTKN.JWT.SECRET:1T"
  static std::string Handle(int number, char category = 'T');

  std::string Sign(int number, const std::string& algorithm,
                   const std::string& data) const;
  // The exit status of `verify`: 0 or 4.
  int Verify(int number, const std::string& algorithm, const std::string& mac,
             const std::string& data) const;

  // Runs `work` with the token in a child; its assertions count here.
  void InToken(const std::function<void(Token&)>& work) const;
  // A key of that value under a handle of ours, as another host made it.
  enum class Use { kSignAndVerify, kVerifyOnly };
  void ImportValue(std::uint32_t number, std::span<const std::uint8_t> value,
                   Use use = Use::kSignAndVerify) const;

  const std::unique_ptr<ModuleFixture> module_;
  const Programs programs_;
};

// OpenSSL's MAC as the programs write it.
std::string MacByOpenSsl(const MacAlgorithm& algorithm,
                         std::span<const std::uint8_t> key,
                         const std::string& data);

inline auto EachModule() {
  std::vector<const ModuleTraits*> rows;
  for (const ModuleTraits& row : AllModules()) rows.push_back(&row);
  return ::testing::ValuesIn(rows);
}

inline std::string ModuleName(
    const ::testing::TestParamInfo<const ModuleTraits*>& test) {
  return test.param->name;
}

}  // namespace sigtoken::testing

#endif  // TESTS_MODULES_CONTRACT_H_
