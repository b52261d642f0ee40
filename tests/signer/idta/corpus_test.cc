// The cases of tests/vectors/idt, through the services of the library.

#include "tests/signer/idta/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "signer/idta/initacee.h"
#include "signer/racf/command/commands.h"
#include "signer/racf/schema.h"
#include "signer/racf/users/stored_users.h"
#include "tests/import_key.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/signer/json_schema.h"
#include "tests/signer/vectors.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

json Optional(const std::optional<std::string>& text) {
  return text ? json(*text) : json();
}

std::optional<std::string> ShortHandle(const std::optional<Handle>& handle) {
  if (!handle) return std::nullopt;
  return handle->FormatShort();
}

class CorpusTest : public ::testing::Test {
 protected:
  explicit CorpusTest(const std::string& file) : corpus_(file) {}

  // Runs `work(case, system)` for each.
  template <typename Work>
  void ForEachCase(const Work& work) {
    for (const json& one : corpus_.cases()) {
      SCOPED_TRACE(one["name"].get<std::string>());
      const TemporaryFolder home;
      const Configuration configuration = corpus_.ConfigurationFor(home, one);
      const auto directory = Must(Directory::Open(configuration));
      Database& database = directory->database();
      ASSERT_THAT(MigrateRacf(database), IsOk());
      for (const json& command : one["commands"]) {
        ASSERT_THAT(
            RunCommands(database,
                        Must(SplitCommands(command.get<std::string>()))),
            IsOk());
      }
      StoredUsers users(database);
      AuditLog audit(configuration.audit);
      SafSystem system;
      system.key.rules = RulesOf(*directory);
      system.users = &users;
      system.strict_users = configuration.strict_users;
      system.audit = &audit;
      system.now = corpus_.now();
      work(one, system);
      ExpectUser(one["expect"], users);
    }
  }

  static void ExpectUser(const json& expect, StoredUsers& users) {
    const auto user = Must(users.Find("USER01"));
    if (expect.contains("revoke_count")) {
      EXPECT_EQ(user ? user->revoke_count : 0, expect["revoke_count"]);
    }
    if (expect.contains("revoked")) {
      EXPECT_EQ(user && user->revoked, expect["revoked"]);
    }
  }

  const Corpus corpus_;
};

class GenerateCorpusTest : public CorpusTest {
 protected:
  GenerateCorpusTest() : CorpusTest("generate.json") {}

  void ExpectGenerated(const json& expect, const GenerateResult& result) const {
    EXPECT_EQ(result.idt_gen_rc, expect["idt_gen_rc"]);
    EXPECT_EQ(result.returned, expect["returned"]);
    EXPECT_EQ(result.is_signed, expect["signed"]);
    EXPECT_EQ(result.auth_done, expect["auth_done"]);
    EXPECT_EQ(Optional(result.profile), expect["profile"]);
    if (result.returned) {
      corpus_.ExpectToken(result.token, ShortHandle(result.key), expect,
                          corpus_.now());
    } else {
      EXPECT_EQ(result.token, "");
    }
  }
};

TEST_F(GenerateCorpusTest, EachCaseHasItsAnswer) {
  ForEachCase([&](const json& one, const SafSystem& system) {
    const json& request = one["request"];
    const json& expect = one["expect"];
    const std::string token = corpus_.Token(one);
    Idta idta = CorpusIdta(request, token.size());
    if (request["service"] == "initacee") {
      const GenerateResult result =
          InitAcee(system,
                   {request["appl"], request["user"],
                    request.value("amr", std::vector<std::string>())},
                   idta);
      EXPECT_EQ(FormatRacfCode(RacfSurface::kInitAcee, result.code),
                expect["code"])
          << (result.error ? ToText(*result.error) : "");
      ExpectGenerated(expect, result);
      ExpectIdta(expect, idta, token.size(), result.token.size());
      return;
    }
    const RacrouteResult result =
        Racroute(system, CorpusKeywords(request, true), &idta, token);
    EXPECT_EQ(FormatRacfCode(RacfSurface::kRacroute, result.code),
              ServiceCode(expect))
        << result.reason;
    GenerateResult generated = result.generated.value_or(GenerateResult());
    if (result.validated) generated.profile = result.validated->profile;
    ExpectGenerated(expect, generated);
    ExpectIdta(expect, idta, token.size(), generated.token.size());
  });
}

class ValidateCorpusTest : public CorpusTest {
 protected:
  ValidateCorpusTest() : CorpusTest("validate.json") {}
};

TEST_F(ValidateCorpusTest, EachCaseHasItsAnswer) {
  ForEachCase([&](const json& one, SafSystem& system) {
    const json& request = one["request"];
    const json& expect = one["expect"];
    const std::string token = corpus_.Token(one);
    Idta idta = CorpusIdta(request, token.size());
    system.now = {request["at"].get<std::int64_t>() * 1'000'000'000};
    RacrouteRequest racroute = CorpusKeywords(request, false);
    racroute.must_have_token = true;
    const RacrouteResult result = Racroute(system, racroute, &idta, token);

    EXPECT_EQ(FormatRacfCode(RacfSurface::kRacroute, result.code),
              ServiceCode(expect))
        << result.reason;
    const ValidateResult seen = result.validated.value_or(ValidateResult());
    EXPECT_EQ(seen.valid, expect["valid"]);
    EXPECT_EQ(!result.error, expect["decided"]) << result.reason;
    EXPECT_EQ(Optional(seen.profile), expect["profile"]);
    if (seen.valid) {
      EXPECT_EQ(FormatRacfCode(RacfSurface::kRacroute, seen.code),
                expect["code"]);
      EXPECT_EQ(seen.auth_done, expect.value("auth_done", true));
      EXPECT_EQ(seen.user, expect["user"]);
    } else {
      EXPECT_FALSE(seen.claims.has_value());
    }
    ExpectIdta(expect, idta, token.size(),
               result.generated ? result.generated->token.size() : 0);
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
        ServiceCode(one["expect"]));
    codes[RacfSurface::kGenRc].insert(
        std::to_string(one["expect"]["idt_gen_rc"].get<int>()));
  }
  for (const json& one : validate["cases"]) {
    codes[RacfSurface::kRacroute].insert(ServiceCode(one["expect"]));
  }
  const std::map<RacfSurface, std::set<std::string>> cannot_arise = {
      {RacfSurface::kRacroute, {}},
      {RacfSurface::kInitAcee, {"4/0/0", "8/8/12"}},
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
