#include "tests/signer/idta/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>

#include "pkcs11/base/printable.h"
#include "pkcs11/tokens/directory.h"
#include "signer/idt/inspect.h"
#include "signer/jws/compact.h"
#include "signer/jws/header.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/signer/idta/corpus_token.h"
#include "tests/signer/vectors.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

constexpr const char* kName = "IDTTKN.JWT.SECRET";
constexpr const char* kNotWritable = "/nonexistent/audit.jsonl";

bool HasNoRecords(const json& one) {
  return one.value("audit", std::string()) == "not-writable";
}

// What the device of a case is called with.
struct Device {
  std::string label;
  std::string module = SIGTOKEN_SOFTHSM2_MODULE;
  std::string pin = PrivateSoftHsm2::kPin;
};

Device DeviceOf(const json& one) {
  const std::map<std::string, Device> devices = {
      {"ready", {"ready"}},
      {"module-missing", {"ready", "/nonexistent/libpkcs11.so"}},
      {"wrong-pin", {"ready", SIGTOKEN_SOFTHSM2_MODULE, "0000000"}},
      {"token-missing", {"nobody"}},
      {"key-missing", {"empty"}},
      {"key-may-not-sign", {"verify"}}};
  return devices.at(one["device"]);
}

Configuration WithStore(Configuration configuration,
                        const TemporaryFolder& home) {
  configuration.home = home.path();
  configuration.store_path = home.path() / "sigtoken.db";
  configuration.audit.file = home.path() / "audit.jsonl";
  return configuration;
}

json MovedBy(json token, std::int64_t seconds) {
  static const std::regex kTime(R"(\b1[67]\d{8}\b)");
  for (const char* member : {"payload", "signed_payload"}) {
    if (!token.contains(member)) continue;
    for (json& piece : token[member]) {
      if (!piece.is_string()) continue;
      const std::string text = piece;
      std::string moved;
      auto last = text.begin();
      for (std::sregex_iterator at(text.begin(), text.end(), kTime), end;
           at != end; ++at) {
        moved.append(last, (*at)[0].first);
        moved += std::to_string(std::stoll(at->str()) + seconds);
        last = (*at)[0].second;
      }
      piece = moved.append(last, text.end());
    }
  }
  return token;
}

}  // namespace

Corpus::Corpus(const std::string& file) : corpus_(ReadVectors("idt/" + file)) {
  for (const std::string label : {"ready", "empty", "verify"}) {
    hsm_.MakeToken(label);
  }
  Put("ready", keys()["secret"], 1);
  Put("ready", keys()["other"], 2);
  Put("verify", keys()["verify_only"], 1);
}

Instant Corpus::now() const {
  return {corpus_["now"].get<std::int64_t>() * 1'000'000'000};
}

// A key under that number in the token of that label.
void Corpus::Put(const std::string& label, const json& key,
                 std::uint32_t number) const {
  const TemporaryFolder home;
  Configuration configuration = WithStore(hsm_.Configure(), home);
  configuration.tokens = {hsm_.Bind(kName, "token=" + label)};
  const auto directory = Must(Directory::Open(configuration));
  const auto token = Must(directory->FindToken(Must(TokenName::Parse(kName))));
  Attributes attributes = KeyToImport(
      Handle(Must(TokenName::Parse(kName)), {number, 'T'}).FormatShort(),
      CorpusKey(key));
  attributes.Remove(CKA_SIGN);
  attributes.Flag(CKA_SIGN, key["may_sign"].get<bool>());
  Import(*token, attributes);
}

std::string Corpus::Token(const json& one) const {
  if (one.contains("token")) return CorpusToken(keys(), one["token"]);
  const json& request = one["request"];
  return request.contains("input_token")
             ? CorpusToken(keys(), request["input_token"])
             : std::string();
}

std::string Corpus::TokenOfNow(const json& one, Instant then) const {
  const std::int64_t seconds = Now().seconds() - then.seconds();
  json moved = one;
  if (one.contains("token")) {
    moved["token"] = MovedBy(one["token"], seconds);
  } else if (one["request"].contains("input_token")) {
    moved["request"]["input_token"] =
        MovedBy(one["request"]["input_token"], seconds);
  }
  return Token(moved);
}

Configuration Corpus::ConfigurationFor(const TemporaryFolder& home,
                                       const json& one) const {
  const Device device = DeviceOf(one);
  Configuration configuration = WithStore(hsm_.Configure(device.pin), home);
  configuration.tokens = {
      hsm_.Bind(kName, "token=" + device.label, device.module)};
  configuration.strict_users = one.value("strict_users", false);
  if (HasNoRecords(one)) configuration.audit.file = kNotWritable;
  return configuration;
}

std::string Corpus::ConfigurationFileFor(const json& one) const {
  const Device device = DeviceOf(one);
  static_cast<void>(hsm_.Configure(device.pin));
  return std::string(one.value("strict_users", false)
                         ? "[users]\nstrict = true\n"
                         : "") +
         (HasNoRecords(one)
              ? std::string("[audit]\npath = \"") + kNotWritable + "\"\n"
              : "") +
         "[[token]]\nname = \"" + kName +
         "\"\nuri = \"pkcs11:token=" + device.label +
         "?module-path=" + device.module +
         "&pin-source=file:" + hsm_.pin_file().string() + "\"\n";
}

void Corpus::ExpectToken(const std::string& token,
                         const std::optional<std::string>& key,
                         const json& expect, std::optional<Instant> at) const {
  const auto shown = InspectIdt(token);
  ASSERT_THAT(shown, IsOk());
  EXPECT_EQ(shown->header_json,
            R"({"alg":")" + expect["alg"].get<std::string>() + "\"}");
  const json claims = json::parse(shown->claims_json);
  EXPECT_EQ(claims["aud"], expect["aud"]);
  EXPECT_EQ(claims["amr"], expect["amr"]);
  const auto iat = claims["iat"].get<std::int64_t>();
  if (at) {
    EXPECT_EQ(iat, at->seconds());
  } else {
    EXPECT_LE(iat, Now().seconds());
    EXPECT_GE(iat, Now().seconds() - 60);
  }
  EXPECT_EQ(claims["exp"].get<std::int64_t>(),
            iat + 60 * expect["minutes"].get<std::int64_t>());
  EXPECT_EQ(claims["txn"],
            expect.value("txn", claims["jti"].get<std::string>()));

  if (key) {
    EXPECT_EQ(KeyOf(token), *key);
  } else {
    EXPECT_EQ(token.back(), '.');
  }
}

std::string Corpus::KeyOf(const std::string& token) const {
  const auto jws = CompactJws::Parse(token);
  if (!jws) return "";
  const auto header = ParseJoseHeader(jws->header());
  if (!header || header->algorithm == nullptr) return "";
  for (const auto& [name, key] : keys().items()) {
    if (std::ranges::equal(jws->signature(),
                           OpenSslMac(*header->algorithm, CorpusKey(key),
                                      jws->signing_input()))) {
      return key["handle"];
    }
  }
  return "";
}

Idta CorpusIdta(const json& request, std::size_t token_bytes) {
  Idta idta;
  idta.buffer = 1;
  idta.idt_len = static_cast<std::uint32_t>(token_bytes);
  idta.buffer_len = std::max(std::uint32_t{2048}, idta.idt_len);
  if (request["end_user"]) idta.prop_in = kEndUserIdt;
  const json changes = request.value("idta", json::object());
  if (changes.contains("id")) {
    std::ranges::copy(changes["id"].get<std::string>(), idta.id.begin());
  }
  idta.version = changes.value("version", idta.version);
  idta.length = changes.value("length", idta.length);
  idta.buffer = changes.value("buffer", idta.buffer);
  idta.buffer_len = changes.value("buffer_len", idta.buffer_len);
  idta.idt_len = changes.value("idt_len", idta.idt_len);
  idta.idt_type = changes.value("idt_type", idta.idt_type);
  idta.gen_rc = changes.value("gen_rc", idta.gen_rc);
  if (changes.contains("prop_out")) {
    idta.prop_out = static_cast<std::uint16_t>(
        std::stoi(changes["prop_out"].get<std::string>(), nullptr, 16));
  }
  return idta;
}

RacrouteRequest CorpusKeywords(const json& request, bool generates) {
  const std::map<std::string, Envir> envirs = {{"CREATE", Envir::kCreate},
                                               {"CHANGE", Envir::kChange},
                                               {"DELETE", Envir::kDelete},
                                               {"VERIFY", Envir::kVerify}};
  const std::map<std::string, Passchk> passchks = {
      {"YES", Passchk::kYes}, {"NO", Passchk::kNo}, {"NOMFA", Passchk::kNoMfa}};
  const json keywords = request.value("racroute", json::object());
  const auto has = [&](const char* name) { return keywords.contains(name); };
  RacrouteRequest racroute;
  racroute.release = keywords.value("release", racroute.release);
  racroute.envir = envirs.at(keywords.value("envir", std::string("CREATE")));
  racroute.passchk = passchks.at(keywords.value("passchk", std::string("YES")));
  racroute.start = has("start");
  racroute.envrin = has("envrin");
  racroute.icrx = has("icrx");
  racroute.idid = has("idid");
  if (has("newpass")) racroute.new_credential = Authenticator::kPassword;
  if (has("newphrase")) racroute.new_credential = Authenticator::kPhrase;
  racroute.amr = request.value("amr", std::vector<std::string>());
  if (has("passwrd")) racroute.credential = Authenticator::kPassword;
  if (has("phrase")) racroute.credential = Authenticator::kPhrase;
  if (generates && racroute.amr.empty() && !racroute.credential) {
    racroute.credential = Authenticator::kPassword;
  }
  if (request.contains("input_token") && racroute.amr.empty()) {
    racroute.amr = {"saf-pwd"};
  }
  if (!request["appl"].is_null()) racroute.appl = request["appl"];
  if (request.contains("user")) racroute.user = request["user"];
  racroute.strict = request.value("strict", false);
  return racroute;
}

std::string ServiceCode(const json& expect) {
  return expect.value("racroute_code", expect["code"].get<std::string>());
}

void ExpectIdta(const json& expect, const Idta& idta, std::size_t given,
                std::size_t made) {
  if (!expect.contains("idta")) return;
  const json& fields = expect["idta"];
  const json& length = fields["idt_len"];
  if (length.is_number()) {
    EXPECT_EQ(idta.idt_len, length.get<std::uint32_t>());
  } else {
    EXPECT_EQ(idta.idt_len, length == "same" ? given : made);
    EXPECT_GT(idta.idt_len, 0U);
  }
  EXPECT_EQ(idta.gen_rc, fields["gen_rc"].get<int>());
  EXPECT_EQ(Hex(idta.prop_out, 4), fields["prop_out"]);
}

}  // namespace sigtoken::testing
