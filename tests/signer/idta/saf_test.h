// A system of initACEE and RACROUTE: real users and a real audit file, and a
// key in memory.

#ifndef TESTS_SIGNER_IDTA_SAF_TEST_H_
#define TESTS_SIGNER_IDTA_SAF_TEST_H_

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "signer/idta/initacee.h"
#include "signer/idta/racroute.h"
#include "signer/racf/users/stored_users.h"
#include "tests/signer/racf/racf_store.h"
#include "tests/signer/software_key.h"

namespace sigtoken::testing {

class SafTest : public RacfStoreTest {
 protected:
  SafTest() {
    system_.key.named = key_.Source();
    system_.users = &users_;
    system_.audit = &audit_;
  }

  static Idta ZowesIdta(std::size_t token_bytes = 0) {
    Idta idta;
    idta.buffer = 1;
    idta.buffer_len = 2048;
    idta.idt_len = static_cast<std::uint32_t>(token_bytes);
    idta.prop_in = kEndUserIdt;
    return idta;
  }

  static RacrouteRequest Password() {
    RacrouteRequest request;
    request.user = "USER01";
    request.appl = "APPL01";
    request.credential = Authenticator::kPassword;
    return request;
  }
  static RacrouteRequest TokenAlone() {
    RacrouteRequest request;
    request.appl = "APPL01";
    return request;
  }

  // A token of USER01, made with a password.
  std::string MakeToken() {
    Idta idta = ZowesIdta();
    return Racroute(system_, Password(), &idta, "").generated->token;
  }
  static std::string Flipped(std::string token) {
    token[token.size() - 5] = token[token.size() - 5] == 'A' ? 'B' : 'A';
    return token;
  }

  RacrouteResult Check(const std::string& token,
                       const RacrouteRequest& request = TokenAlone()) {
    Idta idta = ZowesIdta(token.size());
    return Racroute(system_, request, &idta, token);
  }

  static std::string CodeOf(const RacrouteResult& result) {
    return FormatRacfCode(RacfSurface::kRacroute, result.code);
  }
  static std::string CodeOf(const GenerateResult& result) {
    return FormatRacfCode(RacfSurface::kInitAcee, result.code);
  }

  // All that is on record.
  std::vector<nlohmann::json> Records() const {
    std::vector<nlohmann::json> records;
    std::ifstream file(audit_.settings().file);
    for (std::string line; std::getline(file, line);) {
      records.push_back(nlohmann::json::parse(line));
    }
    return records;
  }
  nlohmann::json LastRecord() const { return Records().back(); }

  AuditSettings Settings() const {
    AuditSettings settings;
    settings.file = folder_.path() / "audit.jsonl";
    return settings;
  }

  SoftwareKey key_{std::vector<std::uint8_t>(32, 0x5A)};
  StoredUsers users_{*database_};
  AuditLog audit_{Settings()};
  SafSystem system_;
};

}  // namespace sigtoken::testing

#endif  // TESTS_SIGNER_IDTA_SAF_TEST_H_
