// The cases of tests/vectors/idt, with real tokens in each state of a device.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "signer/idt/generate.h"
#include "signer/idt/inspect.h"
#include "signer/idt/validate.h"
#include "signer/jws/compact.h"
#include "signer/jws/header.h"
#include "signer/racf/command/commands.h"
#include "signer/racf/schema.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/temporary_folder.h"
#include "tests/private_soft_hsm2.h"
#include "tests/signer/idt/corpus_token.h"
#include "tests/signer/json_schema.h"
#include "tests/signer/vectors.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

json Optional(const std::optional<std::string>& text) {
  return text ? json(*text) : json();
}

class CorpusTest : public ::testing::Test {
 protected:
  explicit CorpusTest(const std::string& file)
      : corpus_(ReadVectors("idt/" + file)) {
    for (const std::string label : {"ready", "empty", "verify"}) {
      hsm_.MakeToken(label);
    }
    const json& keys = corpus_["keys"];
    Put("ready", keys["secret"], 1);
    Put("ready", keys["other"], 2);
    Put("verify", keys["verify_only"], 1);
  }

  // A key under that number in the token of that label.
  void Put(const std::string& label, const json& key, std::uint32_t number) {
    const TemporaryFolder store;
    const auto directory = Must(
        Directory::Open(Configure(store, hsm_.Bind(kName, "token=" + label))));
    const auto token = Must(directory->FindToken(Name(kName)));
    const auto value = CorpusKey(key);
    Attributes attributes =
        KeyToImport(Handle(Name(kName), {number, 'T'}).FormatShort(), value);
    attributes.Remove(CKA_SIGN);
    attributes.Flag(CKA_SIGN, key["may_sign"].get<bool>());
    Import(*token, attributes);
  }

  Configuration Configure(
      const TemporaryFolder& store, BoundToken bound,
      const std::string& pin = PrivateSoftHsm2::kPin) const {
    Configuration configuration = hsm_.Configure(pin);
    configuration.home = store.path();
    configuration.store_path = store.path() / "sigtoken.db";
    configuration.tokens = {std::move(bound)};
    return configuration;
  }

  Configuration ForDevice(const TemporaryFolder& store,
                          const std::string& device) const {
    const std::map<std::string, std::string> labels = {
        {"ready", "ready"},       {"module-missing", "ready"},
        {"wrong-pin", "ready"},   {"token-missing", "nobody"},
        {"key-missing", "empty"}, {"key-may-not-sign", "verify"}};
    const std::string module = device == "module-missing"
                                   ? "/nonexistent/libpkcs11.so"
                                   : SIGTOKEN_SOFTHSM2_MODULE;
    return Configure(store,
                     hsm_.Bind(kName, "token=" + labels.at(device), module),
                     device == "wrong-pin" ? "0000000" : PrivateSoftHsm2::kPin);
  }

  // Runs `work(case, directory)` for each.
  template <typename Work>
  void ForEachCase(const Work& work) {
    for (const json& one : corpus_["cases"]) {
      SCOPED_TRACE(one["name"].get<std::string>());
      const TemporaryFolder store;
      const auto directory =
          Must(Directory::Open(ForDevice(store, one["device"])));
      ASSERT_THAT(MigrateRacf(directory->database()), IsOk());
      for (const json& command : one["commands"]) {
        ASSERT_THAT(
            RunCommands(directory->database(),
                        Must(SplitCommands(command.get<std::string>()))),
            IsOk());
      }
      work(one, *directory);
    }
  }

  std::string Token(const json& token) const {
    return CorpusToken(corpus_["keys"], token);
  }
  Instant Now() const {
    return {corpus_["now"].get<std::int64_t>() * 1'000'000'000};
  }

  static constexpr const char* kName = "IDTTKN.JWT.SECRET";
  const json corpus_;
  const PrivateSoftHsm2 hsm_;
};

class GenerateCorpusTest : public CorpusTest {
 protected:
  GenerateCorpusTest() : CorpusTest("generate.json") {}

  GenerateRequest Request(const json& from) const {
    GenerateRequest request;
    request.service = from["service"] == "initacee" ? IdtService::kInitAcee
                                                    : IdtService::kRacroute;
    request.appl = from["appl"];
    request.user = from["user"];
    request.end_user = from["end_user"];
    request.amr = from.value("amr", std::vector<std::string>());
    if (from.contains("input_token")) {
      request.input_token = Token(from["input_token"]);
    }
    request.now = Now();
    return request;
  }

  void ExpectToken(const GenerateResult& result, const json& expect) const {
    const auto shown = InspectIdt(result.token);
    ASSERT_THAT(shown, IsOk());
    EXPECT_EQ(shown->header_json,
              R"({"alg":")" + expect["alg"].get<std::string>() + "\"}");
    const json claims = json::parse(result.claims_json);
    EXPECT_EQ(claims["aud"], expect["aud"]);
    EXPECT_EQ(claims["amr"], expect["amr"]);
    EXPECT_EQ(claims["iat"], corpus_["now"]);
    EXPECT_EQ(claims["exp"].get<std::int64_t>(),
              corpus_["now"].get<std::int64_t>() +
                  60 * expect["minutes"].get<std::int64_t>());
    EXPECT_EQ(claims["txn"],
              expect.value("txn", claims["jti"].get<std::string>()));
    ExpectRightSignature(result);
  }

  void ExpectRightSignature(const GenerateResult& result) const {
    const auto jws = Must(CompactJws::Parse(result.token));
    if (!result.is_signed) {
      EXPECT_TRUE(jws.signature().empty());
      return;
    }
    ASSERT_TRUE(result.key);
    for (const auto& [name, key] : corpus_["keys"].items()) {
      if (key["handle"] != result.key->FormatShort()) continue;
      const auto header = Must(ParseJoseHeader(jws.header()));
      EXPECT_TRUE(std::ranges::equal(
          jws.signature(),
          OpenSslMac(*header.algorithm, CorpusKey(key), jws.signing_input())));
    }
  }
};

TEST_F(GenerateCorpusTest, EachCaseHasItsAnswer) {
  ForEachCase([&](const json& one, Directory& directory) {
    GenerateRequest request = Request(one["request"]);
    request.key.rules = RulesOf(directory);
    const GenerateResult result = GenerateIdt(request);
    const json& expect = one["expect"];
    const RacfSurface surface = one["request"].contains("input_token") &&
                                        request.service == IdtService::kRacroute
                                    ? RacfSurface::kRacroute
                                    : SurfaceOf(request.service);
    EXPECT_EQ(FormatRacfCode(surface, result.code), expect["code"])
        << (result.error ? ToText(*result.error) : "");
    EXPECT_EQ(result.idt_gen_rc, expect["idt_gen_rc"]);
    EXPECT_EQ(result.returned, expect["returned"]);
    EXPECT_EQ(result.is_signed, expect["signed"]);
    EXPECT_EQ(result.auth_done, expect["auth_done"]);
    EXPECT_EQ(Optional(result.profile), expect["profile"]);
    EXPECT_EQ(result.returned, !result.error);
    if (result.returned) {
      ExpectToken(result, expect);
    } else {
      EXPECT_EQ(result.token, "");
    }
  });
}

class ValidateCorpusTest : public CorpusTest {
 protected:
  ValidateCorpusTest() : CorpusTest("validate.json") {}
};

TEST_F(ValidateCorpusTest, EachCaseHasItsAnswer) {
  ForEachCase([&](const json& one, Directory& directory) {
    const json& from = one["request"];
    ValidateRequest request;
    request.token = Token(one["token"]);
    if (!from["appl"].is_null()) request.appl = from["appl"];
    if (from.contains("user")) request.user = from["user"];
    request.end_user = from["end_user"];
    request.strict = from.value("strict", false);
    request.at = {from["at"].get<std::int64_t>() * 1'000'000'000};
    request.key.rules = RulesOf(directory);
    const ValidateResult result = ValidateIdt(request);

    const json& expect = one["expect"];
    EXPECT_EQ(FormatRacfCode(RacfSurface::kRacroute, result.code),
              expect["code"])
        << result.reason;
    EXPECT_EQ(result.valid, expect["valid"]);
    EXPECT_EQ(!result.error, expect["decided"]) << result.reason;
    EXPECT_EQ(Optional(result.profile), expect["profile"]);
    EXPECT_EQ(result.exit_status == 4, !result.valid && !result.error);
    if (result.valid) {
      EXPECT_EQ(result.auth_done, expect.value("auth_done", true));
      EXPECT_EQ(result.user, expect["user"]);
    } else {
      EXPECT_FALSE(result.claims.has_value());
    }
  });
}

TEST(CorpusFilesTest, AreAsTheirSchemaSays) {
  const json schema = ReadVectors("idt/schema.json");
  for (const std::string file : {"idt/generate.json", "idt/validate.json"}) {
    const json corpus = ReadVectors(file);
    EXPECT_EQ(SchemaFinding(schema, schema, corpus), "") << file;
    std::set<std::string> names;
    for (const json& one : corpus["cases"]) {
      EXPECT_TRUE(names.insert(one["name"]).second) << one["name"];
    }
  }
}

// The finder finds: each keyword that the schema uses, broken once.
TEST(CorpusFilesTest, TheSchemaRefusesWhatIsNone) {
  const json schema = ReadVectors("idt/schema.json");
  const json good = ReadVectors("idt/validate.json");
  const auto broken = [&](const std::string& place, const json& value) {
    json corpus = good;
    corpus["cases"] = json::array({good["cases"][0]});
    corpus[json::json_pointer(place)] = value;
    return SchemaFinding(schema, schema, corpus);
  };
  EXPECT_EQ(broken("/about", "a text"), "");
  EXPECT_EQ(broken("/about", 1), "$.about is no \"string\"");
  EXPECT_EQ(broken("/more", 1), "$.more is not known");
  EXPECT_EQ(broken("/$schema", "x"), "$.$schema is not \"schema.json\"");
  EXPECT_EQ(broken("/cases/0/source", "IBm"),
            "$.cases[0].source is none of [\"IBM\",\"ours\"]");
  EXPECT_EQ(broken("/cases/0/expect/code", "8/8"),
            "$.cases[0].expect.code does not look like "
            "\"^[0-9A-F]+/[0-9A-F]+/[0-9A-F]+$\"");
  EXPECT_EQ(broken("/cases/0/token/payload/0", 1),
            "$.cases[0].token.payload[0] is none of what it may be");
  EXPECT_EQ(broken("/cases/0/request", json::object()),
            "$.cases[0].request lacks appl");
}

// Each code that can arise has its row.
TEST(CorpusFilesTest, HaveEachCode) {
  std::map<RacfSurface, std::set<std::string>> codes;
  const json generate = ReadVectors("idt/generate.json");
  const json validate = ReadVectors("idt/validate.json");
  for (const json& one : generate["cases"]) {
    const bool initacee = one["request"]["service"] == "initacee";
    codes[initacee ? RacfSurface::kInitAcee : RacfSurface::kRacroute].insert(
        one["expect"]["code"]);
    codes[RacfSurface::kGenRc].insert(
        std::to_string(one["expect"]["idt_gen_rc"].get<int>()));
  }
  for (const json& one : validate["cases"]) {
    codes[RacfSurface::kRacroute].insert(one["expect"]["code"]);
  }
  const std::map<RacfSurface, std::set<std::string>> cannot_arise = {
      // What depends on the user, and on an IDTA.
      {RacfSurface::kRacroute,
       {"4/4/0", "8/C/0", "8/1C/0", "8/70/1", "8/74/1"}},
      {RacfSurface::kInitAcee,
       {"4/0/0", "8/8/8", "8/8/12", "8/12/1", "8/12/2", "8/12/3", "8/12/4",
        "8/12/5", "8/12/7"}},
      {RacfSurface::kGenRc, {}}};
  for (const RacfRow& row : RacfRows()) {
    const std::string code = FormatRacfCode(row.surface, row.code);
    EXPECT_NE(codes[row.surface].contains(code),
              cannot_arise.at(row.surface).contains(code))
        << RacfSurfaceName(row.surface) << " " << code;
  }
}

}  // namespace
}  // namespace sigtoken::testing
