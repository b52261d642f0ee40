// The cases of tests/vectors/idt, through the C entries.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <sstream>
#include <string>

#include "pkcs11/base/printable.h"
#include "signer/jws/base64url.h"
#include "signer/racf/users/stored_users.h"
#include "tests/embedded_home.h"
#include "tests/signer/idta/corpus.h"
#include "tests/signer/vectors.h"
#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

// What the program saf_call printed.
struct Called {
  RacfCode code;
  Idta idta;
  std::string token;
};

Called Read(const std::string& text) {
  Called called;
  std::istringstream lines(text);
  std::string name;
  lines >> name >> called.code.saf >> called.code.racf >> called.code.reason;
  std::string hex;
  lines >> name >> hex;
  const auto bytes = FromHex(hex);
  IdtaImage image{};
  if (bytes.size() == image.size()) std::ranges::copy(bytes, image.begin());
  called.idta = DecodeIdta(image);
  hex.clear();
  lines >> name >> hex;
  for (const std::uint8_t byte : FromHex(hex)) {
    called.token += static_cast<char>(byte);
  }
  return called;
}

// Some of the cases: those whose number has the remainder of the parameter.
constexpr int kParts = 6;

class SafCorpusTest : public CommandLineTest,
                      public ::testing::WithParamInterface<int> {
 protected:
  // Runs `work(case, programs)` for each that `takes` takes.
  template <typename Takes, typename Work>
  void ForEachCase(const Corpus& corpus, const Takes& takes, const Work& work) {
    int number = 0;
    int taken = 0;
    for (const json& one : corpus.cases()) {
      if (number++ % kParts != GetParam() || !takes(one)) continue;
      ++taken;
      SCOPED_TRACE(one["name"].get<std::string>());
      const TemporaryFolder home;
      std::filesystem::permissions(home.path(),
                                   std::filesystem::perms::owner_all);
      home.Write("sigtoken.toml", corpus.ConfigurationFileFor(one));
      Programs programs(home.path().string());
      programs.SetEnvironment("SOFTHSM2_CONF", corpus.soft_hsm2_conf());
      std::string commands;
      for (const json& command : one["commands"]) {
        commands += command.get<std::string>() + "\n";
      }
      if (!commands.empty()) {
        ASSERT_EQ(programs.Sigtoken({"racf"}, commands).status, 0);
      }
      work(one, programs);
      ExpectUser(one["expect"], home);
    }
    EXPECT_GT(taken, 0);
  }

  static void ExpectUser(const json& expect, const TemporaryFolder& home) {
    if (!expect.contains("revoke_count")) return;
    const auto database = Must(Database::Open(home.path() / "sigtoken.db"));
    const auto user = Must(StoredUsers(*database).Find("USER01"));
    ASSERT_TRUE(user);
    EXPECT_EQ(user->revoke_count, expect["revoke_count"]);
    EXPECT_EQ(user->revoked, expect.value("revoked", user->revoked));
  }

  static Called Call(const Programs& programs, const json& request,
                     bool generates, const std::string& token) {
    const RacrouteRequest keywords = CorpusKeywords(request, generates);
    std::string input =
        "service " + request.value("service", std::string("racroute")) +
        "\nidta " + Hex(EncodeIdta(CorpusIdta(request, token.size()))) +
        "\nrelease " + keywords.release + "\nenvir " +
        std::to_string(static_cast<int>(keywords.envir)) + "\npasschk " +
        std::to_string(static_cast<int>(keywords.passchk)) + "\n";
    const auto flag = [&](const char* name, bool is_there) {
      if (is_there) input += std::string(name) + " 1\n";
    };
    flag("start", keywords.start);
    flag("envrin", keywords.envrin);
    flag("icrx", keywords.icrx);
    flag("idid", keywords.idid);
    flag("passwrd", keywords.credential == Authenticator::kPassword);
    flag("phrase", keywords.credential == Authenticator::kPhrase);
    flag("newpass", keywords.new_credential == Authenticator::kPassword);
    flag("newphrase", keywords.new_credential == Authenticator::kPhrase);
    if (keywords.appl) input += "appl " + *keywords.appl + "\n";
    if (keywords.user) input += "user " + *keywords.user + "\n";
    std::string amr;
    for (const std::string& value : keywords.amr) amr += value + " ";
    if (!amr.empty()) input += "amr " + amr + "\n";
    if (!token.empty()) input += "token " + Hex(AsBytes(token)) + "\n";
    const Outcome outcome =
        programs.Run(SIGTOKEN_SAF_PROGRAMS "/saf_call", {}, input);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return Read(outcome.out);
  }

  // RACROUTE's areas have room for 8 characters; empty ones say nothing.
  static bool CanBeNamed(const json& request) {
    if (request.value("service", std::string()) == "initacee") return true;
    const json& appl = request["appl"];
    return (appl.is_null() ||
            (appl != "" && appl.get<std::string>().size() <= 8)) &&
           request.value("user", std::string("USER01")) != "";
  }
};

TEST_P(SafCorpusTest, EachTokenThatIsAskedForHasItsAnswer) {
  const Corpus corpus("generate.json");
  const auto takes = [](const json& one) {
    const json& request = one["request"];
    const bool initacee = request["service"] == "initacee";
    // initACEE has no amr, and nothing in the place of its token.
    return CanBeNamed(request) &&
           !(initacee &&
             (request.contains("amr") || request.contains("input_token")));
  };
  ForEachCase(corpus, takes, [&](const json& one, const Programs& programs) {
    const json& request = one["request"];
    const json& expect = one["expect"];
    const std::string token = corpus.TokenOfNow(one, corpus.now());
    const Called called = Call(programs, request, true, token);
    const bool initacee = request["service"] == "initacee";
    EXPECT_EQ(FormatRacfCode(
                  initacee ? RacfSurface::kInitAcee : RacfSurface::kRacroute,
                  called.code),
              ServiceCode(expect));
    ExpectIdta(expect, called.idta, token.size(), called.token.size());
    if (!expect.contains("idta")) {
      const std::uint16_t bits = called.idta.prop_out;
      EXPECT_EQ(called.idta.gen_rc, expect["idt_gen_rc"].get<int>());
      EXPECT_EQ((bits & kSafIdtReturn) != 0, expect["returned"]);
      EXPECT_EQ((bits & kIdtSigned) != 0, expect["signed"]);
      EXPECT_EQ((bits & kIdtAuthDone) != 0, expect["auth_done"]);
    }
    if (!expect["returned"]) return;
    std::optional<std::string> key;
    if (expect["signed"]) key = corpus.KeyOf(called.token);
    corpus.ExpectToken(called.token, key, expect, std::nullopt);
  });
}

TEST_P(SafCorpusTest, EachTokenThatIsHandedInHasItsAnswer) {
  const Corpus corpus("validate.json");
  const auto takes = [&](const json& one) {
    const json& request = one["request"];
    // Not with what is no keyword of RACROUTE, nor in the second in which a
    // token expires.
    return CanBeNamed(request) && !request.contains("strict") &&
           !corpus.Token(one).empty() && one["name"] != "exp that is now";
  };
  ForEachCase(corpus, takes, [&](const json& one, const Programs& programs) {
    const json& request = one["request"];
    const json& expect = one["expect"];
    const std::string token = corpus.TokenOfNow(
        one, {request["at"].get<std::int64_t>() * 1'000'000'000});
    const Called called = Call(programs, request, false, token);
    EXPECT_EQ(FormatRacfCode(RacfSurface::kRacroute, called.code),
              ServiceCode(expect));
    ExpectIdta(expect, called.idta, token.size(), called.token.size());
  });
}

INSTANTIATE_TEST_SUITE_P(Parts, SafCorpusTest, ::testing::Range(0, kParts));

}  // namespace
}  // namespace sigtoken::testing
