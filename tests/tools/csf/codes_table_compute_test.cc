// The table of codes, for the services that compute, and the rest.

#include "tests/program.h"
#include "tests/tools/csf/codes_table.h"

namespace sigtoken::testing {
namespace {

TEST_F(CodesTableTest, GenerateAndVerifyHmac) {
  const std::string token = NewToken();
  const std::string data = NewData(token);
  const std::string key = NewKey(token);
  const std::string mute = ImportKey(token, std::string(32, 'k'),
                                     AttributeList().Flag(CKA_SIGN, false));
  const std::string disabled = NewKey(token);
  const std::string name = token.substr(0, token.find(' '));
  const Programs programs(home().string());
  const std::string number = disabled.substr(32, 9);
  ASSERT_EQ(programs.Sigtoken({"key", "disable", name + ":" + number}).status,
            0);
  Request request = MacOf(key, "text");
  CheckRules(request);
  CheckObject(request);
  CheckChain(request);
  CheckOutput(request);
  Check(request, {{"room of 31", OutputLength(31), {8, 3003}, 32},
                  {"no room", OutputLength(0), {8, 3003}, 32},
                  {"SHA-512 in 32", Rules({"SHA-512"}), {8, 3003}, 64},
                  {"may not sign", Handle(mute), {8, 3038}},
                  {"disabled", Handle(disabled), {8, 3023}},
                  {"no key", Handle(data), {8, 3039}},
                  {"two algorithms", Rules({"SHA-256", "SHA-1"}), {8, 3000}},
                  {"ONLY is left out", Rules({"SHA-256"}), {0, 0}}});
  ASSERT_EQ(request.Call(), (Codes{0, 0}));
  request.service = "CSFPHMV";
  CheckRules(request);
  CheckObject(request);
  CheckChain(request);
  CheckOutput(request);
  Check(request, {{"another text", Input("other"), {4, 8000}},
                  {"hmac of 31", OutputLength(31), {8, 11000}},
                  {"another key", Handle(mute), {4, 8000}},
                  {"disabled", Handle(disabled), {8, 3023}},
                  {"no key", Handle(data), {8, 3039}}});
}

TEST_F(CodesTableTest, OneWayHash) {
  const std::string key = NewKey(NewToken());
  Request request{"CSFPOWH", key};
  request.Rules({"SHA-256", "HASH", "ONLY"}).Input("abc").Room(32);
  CheckRules(request);
  CheckOutput(request);
  Check(request,
        {{"handle NULL", Null("handle"), {8, 3002}},
         {"text_id NULL", Null("text_id"), {8, 3002}},
         {"text elsewhere", TextElsewhere, {8, 3002}},
         {"text_length negative", InputLength(-1), {8, 11000}},
         {"chain data of 127", ChainLength(127), {8, 11000}},
         {"chain data NULL", Null("chain"), {8, 3002}},
         {"chain of nobody", Rules({"SHA-256", "HASH", "LAST"}), {8, 3019}},
         {"room of 31", OutputLength(31), {8, 3003}, 32},
         {"HMAC's keyword", Rules({"SHA-256", "SIGN"}), {8, 3000}},
         {"no hash", Rules({"HASH", "ONLY"}), {8, 3000}},
         {"signed by a secret key",
          Rules({"SHA-256", "SIGN-RSA", "ONLY"}),
          {8, 3039}},
         {"verified by a secret key",
          Rules({"SHA-256", "VER-RSA", "ONLY"}),
          {8, 3039}}});
}

TEST_F(CodesTableTest, RandomNumbers) {
  const std::string token = NewToken();
  const Request prf = RandomOf(token, 40);
  CheckRules(prf);
  CheckHandle(prf);
  CheckOutput(prf);
  Check(prf, {{"no bytes", OutputLength(0), {8, 11000}},
              {"parms length NULL", Null("parms_length"), {8, 3002}},
              {"parms length negative", ParmsLength(-1), {8, 11000}}});
  for (const char* service : {"CSNBRNGL", "CSNERNGL", "CSFRNGL", "CSFRNGL6"}) {
    Request request{service};
    request.Rules({"RANDOM"}).Room(8192);
    CheckRules(request);
    CheckOutput(request);
    Check(request, {{"no bytes", OutputLength(0), {8, 11000}},
                    {"8193 bytes", OutputLength(8193), {8, 11000}},
                    {"reserved length NULL", Null("input_length"), {8, 3002}},
                    {"reserved bytes", Input("x"), {8, 11000}}});
  }
  for (const char* service : {"CSNBRNG", "CSNERNG", "CSFRNG", "CSFRNG6"}) {
    Request request{service};
    request.Rules({"RANDOM"}).Room(8);
    Check(request, {{"good as it is", Nothing, {0, 0}},
                    {"ODD", Rules({"ODD"}), {0, 0}},
                    {"EVEN", Rules({"EVEN"}), {0, 0}},
                    {"form NULL", Null("rules"), {8, 3002}},
                    {"number NULL", Null("output"), {8, 3002}},
                    {"no such form", Rules({"NONSENSE"}), {8, 3000}}});
  }
}

TEST_F(CodesTableTest, TheRestOfTheFamily) {
  for (const std::string service :
       {"CSFPSKE", "CSFPSKD", "CSFPGKP", "CSFPPKS", "CSFPPKV", "CSFPUWK",
        "CSFPWPK", "CSFPDVK", "CSFPDMK", "CSFPPD2", "CSFPPE2", "CSFPPS2",
        "CSFPPV2"}) {
    Check({service}, {{"whatever it is", Nothing, {12, 8}}});
    Check({service + "6"}, {{"whatever it is", Nothing, {12, 8}}});
  }
}

// A caller that looks at neither is no reason to crash.
TEST_F(CodesTableTest, CodesThatNobodyWantsAreNotWritten) {
  Request request{"CSFPGSK", TokenHandle("NO.SUCH.TOKEN")};
  request.Rules({"KEY"});
  request.nulls = {"return_code", "reason_code", "handle"};
  EXPECT_EQ(request.Call(), (Codes{8, -1}));
  Request rest{"CSFPSKE"};
  rest.nulls = {"return_code", "reason_code"};
  EXPECT_EQ(rest.Call(), (Codes{12, -1}));
}

}  // namespace
}  // namespace sigtoken::testing
