// The cases of tests/vectors/idt: their devices, their requests, and what is
// expected of whoever serves them.

#ifndef TESTS_SIGNER_IDTA_CORPUS_H_
#define TESTS_SIGNER_IDTA_CORPUS_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "pkcs11/base/clock.h"
#include "signer/idta/idta.h"
#include "signer/idta/racroute.h"
#include "tests/pkcs11/temporary_folder.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken::testing {

class Corpus {
 public:
  // "generate.json" or "validate.json".
  explicit Corpus(const std::string& file);

  const nlohmann::json& cases() const { return corpus_["cases"]; }
  const nlohmann::json& keys() const { return corpus_["keys"]; }
  // When tokens are generated.
  Instant now() const;

  // The token that a case has, as `token` or as `input_token` of its request.
  std::string Token(const nlohmann::json& one) const;

  // The same for whoever has the clock of the machine: all times in it are
  // moved by as much as `then` lies back.
  std::string TokenOfNow(const nlohmann::json& one, Instant then) const;

  // The configuration under which the device is as the case says, with the
  // state store in `home`.
  Configuration ConfigurationFor(const TemporaryFolder& home,
                                 const nlohmann::json& one) const;
  // The same as the text of a sigtoken.toml; a program also needs SOFTHSM2_CONF
  // in its environment.
  std::string ConfigurationFileFor(const nlohmann::json& one) const;
  std::string soft_hsm2_conf() const { return hsm_.conf().string(); }

  // The short handle of the key that signed the token; "" for none.
  std::string KeyOf(const std::string& token) const;

  // A token that was made: header, claims and signature. `key` is the short
  // handle of the one that signed it. Nothing for `at`: made just now.
  void ExpectToken(const std::string& token,
                   const std::optional<std::string>& key,
                   const nlohmann::json& expect,
                   std::optional<Instant> at) const;

 private:
  void Put(const std::string& label, const nlohmann::json& key,
           std::uint32_t number) const;

  const nlohmann::json corpus_;
  const PrivateSoftHsm2 hsm_;
};

// The IDTA that the case calls with, where the token has `token_bytes`.
Idta CorpusIdta(const nlohmann::json& request, std::size_t token_bytes);

// The keywords that the case calls with. A case that asks for a token names an
// authenticator.
RacrouteRequest CorpusKeywords(const nlohmann::json& request, bool generates);

// What the service answers to whoever calls it. On the command line, where
// nobody logs on, `code` of the case is what is said.
std::string ServiceCode(const nlohmann::json& expect);

// What the case says of the IDTA afterwards. `given` is the length of the token
// that was handed over, `made` of the one that came back.
void ExpectIdta(const nlohmann::json& expect, const Idta& idta,
                std::size_t given, std::size_t made);

}  // namespace sigtoken::testing

#endif  // TESTS_SIGNER_IDTA_CORPUS_H_
