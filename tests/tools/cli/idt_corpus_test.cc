// The cases of tests/vectors/idt, through the command line.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

#include "pkcs11/base/printable.h"
#include "signer/racf/users/stored_users.h"
#include "tests/embedded_home.h"
#include "tests/signer/idta/corpus.h"
#include "tests/signer/vectors.h"
#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

// "RELEASE=1.9.2,IDID".
std::string Keywords(const json& request) {
  std::string text;
  const json keywords = request.value("racroute", json::object());
  for (const auto& [name, value] : keywords.items()) {
    text += (text.empty() ? "" : ",") + UpperCase(name);
    if (value.is_string()) text += "=" + value.get<std::string>();
  }
  return text;
}

// Some of the cases: those whose number has the remainder of the parameter.
constexpr int kParts = 6;

class IdtCorpusTest : public CommandLineTest,
                      public ::testing::WithParamInterface<int> {
 protected:
  // Runs `work(case, home)` for each, in a home of its own.
  template <typename Work>
  void ForEachCase(const Corpus& corpus, const Work& work) {
    programs_.SetEnvironment("SOFTHSM2_CONF", corpus.soft_hsm2_conf());
    int number = 0;
    for (const json& one : corpus.cases()) {
      if (number++ % kParts != GetParam()) continue;
      SCOPED_TRACE(one["name"].get<std::string>());
      const TemporaryFolder home;
      std::filesystem::permissions(home.path(),
                                   std::filesystem::perms::owner_all);
      home.Write("sigtoken.toml", corpus.ConfigurationFileFor(one));
      std::string commands;
      for (const json& command : one["commands"]) {
        commands += command.get<std::string>() + "\n";
      }
      if (!commands.empty()) {
        const Outcome done =
            Run({"--home", home.path().string(), "racf"}, commands);
        ASSERT_EQ(done.status, 0) << done.err;
      }
      work(one, home);
      ExpectUser(one["expect"], home);
    }
  }

  static void ExpectUser(const json& expect, const TemporaryFolder& home) {
    if (!expect.contains("revoke_count")) return;
    const auto database = Must(Database::Open(home.path() / "sigtoken.db"));
    const auto user = Must(StoredUsers(*database).Find("USER01"));
    ASSERT_TRUE(user);
    EXPECT_EQ(user->revoke_count, expect["revoke_count"]);
    EXPECT_EQ(user->revoked, expect.value("revoked", user->revoked));
  }

  static Words Common(const json& request, const TemporaryFolder& home,
                      const std::string& verb, std::size_t token_bytes) {
    Words words = {"--home", home.path().string(), "--json", "idt", verb};
    if (!request["appl"].is_null()) {
      words = words + Words{"--appl", request["appl"].get<std::string>()};
    }
    if (request.contains("user")) {
      words = words + Words{"--user", request["user"].get<std::string>()};
    }
    if (!request["end_user"]) words.emplace_back("--trusted-caller");
    if (request.contains("idta")) {
      words = words + Words{"--idta",
                            Hex(EncodeIdta(CorpusIdta(request, token_bytes)))};
    }
    if (const std::string keywords = Keywords(request); !keywords.empty()) {
      words = words + Words{"--racroute", keywords};
    }
    return words;
  }

  // One line end more, which is taken away with the token's file.
  static std::string WriteToken(const TemporaryFolder& home,
                                const std::string& token) {
    return home.Write("token.jwt", token + "\n").string();
  }

  static void ExpectIdtaOf(const json& expect, const json& answer,
                           std::size_t given) {
    if (!expect.contains("idta")) return;
    const auto bytes = FromHex(answer["idta"].get<std::string>());
    ASSERT_EQ(bytes.size(), kIdtaBytes);
    IdtaImage image;
    std::ranges::copy(bytes, image.begin());
    const Idta idta = DecodeIdta(image);
    const json token = answer.value("token", json());
    ExpectIdta(
        expect, idta, given,
        token.is_string() ? token.get<std::string>().size() : idta.idt_len);
  }
};

TEST_P(IdtCorpusTest, EachTokenThatIsAskedForHasItsAnswer) {
  const Corpus corpus("generate.json");
  ForEachCase(corpus, [&](const json& one, const TemporaryFolder& home) {
    const json& request = one["request"];
    const json& expect = one["expect"];
    const std::string token = corpus.TokenOfNow(one, corpus.now());
    Words words = Common(request, home, "generate", token.size()) +
                  Words{"--service", request["service"].get<std::string>()};
    for (const std::string value : request.value("amr", json::array())) {
      words = words + Words{"--amr", value};
    }
    if (request.contains("input_token")) {
      words = words + Words{"--input-idt", WriteToken(home, token)};
    }
    const Outcome outcome = Run(words);
    const json answer = json::parse(outcome.out, nullptr, false);
    ASSERT_TRUE(answer.is_object()) << outcome.err;
    EXPECT_EQ(answer["code"], expect["code"]) << outcome.err;
    EXPECT_EQ(answer["racroute_code"], request["service"] == "racroute"
                                           ? json(ServiceCode(expect))
                                           : json());
    for (const char* member :
         {"idt_gen_rc", "returned", "signed", "auth_done", "profile"}) {
      EXPECT_EQ(answer[member], expect[member]) << member;
    }
    EXPECT_EQ(outcome.status == 0, expect["returned"].get<bool>());
    ExpectIdtaOf(expect, answer, token.size());
    if (!answer["returned"]) return;
    std::optional<std::string> key;
    if (answer["signed"]) {
      key = Must(Handle::Parse(answer["key"].get<std::string>())).FormatShort();
    }
    corpus.ExpectToken(answer["token"], key, expect, std::nullopt);
  });
}

TEST_P(IdtCorpusTest, EachTokenThatIsHandedInHasItsAnswer) {
  const Corpus corpus("validate.json");
  ForEachCase(corpus, [&](const json& one, const TemporaryFolder& home) {
    const json& request = one["request"];
    const json& expect = one["expect"];
    // With --at nobody is counted; without it only the second in which a token
    // expires is over too soon.
    const bool now = one["name"] != "exp that is now";
    const auto at = request["at"].get<std::int64_t>();
    const std::string token =
        now ? corpus.TokenOfNow(one, {at * 1'000'000'000}) : corpus.Token(one);
    Words words = Common(request, home, "validate", token.size()) +
                  Words{WriteToken(home, token)};
    if (!now) words = words + Words{"--at", std::to_string(at)};
    if (request.value("strict", false)) words.emplace_back("--strict");
    const Outcome outcome = Run(words);
    const json answer = json::parse(outcome.out, nullptr, false);
    ASSERT_TRUE(answer.is_object()) << outcome.err;
    EXPECT_EQ(answer["code"], expect["code"]) << outcome.err;
    EXPECT_EQ(answer["racroute_code"], ServiceCode(expect));
    EXPECT_EQ(answer["valid"], expect["valid"]);
    EXPECT_EQ(!answer.contains("error"), expect["decided"]) << outcome.err;
    EXPECT_EQ(answer["profile"], expect["profile"]);
    EXPECT_EQ(outcome.status == 0, expect["valid"].get<bool>());
    if (expect["valid"]) {
      EXPECT_EQ(answer["user"], expect["user"]);
      EXPECT_EQ(answer["auth_done"], expect.value("auth_done", true));
    }
    ExpectIdtaOf(expect, answer, token.size());
  });
}

INSTANTIATE_TEST_SUITE_P(Parts, IdtCorpusTest, ::testing::Range(0, kParts));

}  // namespace
}  // namespace sigtoken::testing
