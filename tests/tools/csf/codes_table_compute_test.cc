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
  const std::string deaf =
      ImportKey(token, std::string(32, 'k'),
                AttributeList().Flag(CKA_SIGN, true).Flag(CKA_VERIFY, false));
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
                  {"may not sign, FIRST",
                   [&](Request& r) {
                     r.Rules({"SHA-256", "FIRST"}).handle = mute;
                   },
                   {8, 3038}},
                  {"may not verify alone", Handle(deaf), {0, 0}},
                  {"disabled", Handle(disabled), {8, 3023}},
                  {"no key", Handle(data), {8, 3039}},
                  {"not on this module", Rules({"SSL3-MD5"}), {12, 8}},
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
                  {"may not verify", Handle(deaf), {8, 3038}},
                  {"not on this module", Rules({"SSL3-MD5"}), {12, 8}},
                  {"disabled", Handle(disabled), {8, 3023}},
                  {"no key", Handle(data), {8, 3039}}});
}

TEST_F(CodesTableTest, ATextThatIsTooLongLeavesItsChain) {
  const std::string key = NewKey(NewToken());
  Request chain = MacOf(key, std::string(std::size_t{64} << 20, 'x'), "FIRST");
  ASSERT_EQ(chain.Call(), (Codes{0, 0}));
  chain.Rules({"SHA-256", "MIDDLE"}).Input("y").Room(32);
  Check(chain, {{"MIDDLE of 1 byte more", Nothing, {8, 3021}},
                {"LAST of 1 byte more", Rules({"SHA-256", "LAST"}), {8, 3021}},
                {"FIRST of more",
                 [](Request& r) {
                   const std::size_t bytes = (std::size_t{64} << 20) + 1;
                   r.Rules({"SHA-256", "FIRST"}).Input(std::string(bytes, 'x'));
                 },
                 {8, 3021}}});
  chain.Rules({"SHA-256", "LAST"}).Input("").Room(32);
  Check(chain, {{"LAST of nothing", Nothing, {0, 0}},
                {"once more", Nothing, {8, 3019}}});
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

TEST_F(CodesTableTest, PseudoRandomFunctionOfTls) {
  const std::string token = NewToken();
  const std::string value(48, 'm');
  const std::string open = ImportKey(
      token, value,
      AttributeList().Flag(CKA_SENSITIVE, false).Flag(CKA_EXTRACTABLE, true));
  const std::string sensitive = ImportKey(
      token, value,
      AttributeList().Flag(CKA_SENSITIVE, true).Flag(CKA_EXTRACTABLE, true));
  const std::string stays = ImportKey(
      token, value,
      AttributeList().Flag(CKA_SENSITIVE, false).Flag(CKA_EXTRACTABLE, false));
  Request request{"CSFPPRF", open};
  request.Rules({"TLS-PRF"}).Room(40);
  // 4 bytes of seed and 5 of label, in the order of this machine.
  const std::int32_t lengths[] = {4, 5};
  request.parms.assign(reinterpret_cast<const char*>(lengths), sizeof lengths);
  request.parms += "seedlabel";
  request.parms_length = static_cast<std::int32_t>(request.parms.size());
  CheckRules(request);
  CheckObject(request);
  Check(request, {{"sensitive", Handle(sensitive), {8, 3045}},
                  {"not extractable", Handle(stays), {8, 3045}},
                  {"no key", Handle(NewData(token)), {8, 3039}},
                  {"no parameters", ParmsLength(0), {8, 11000}},
                  {"parameters that are cut", ParmsLength(5), {8, 11000}}});
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
