// The table of codes, for the services of tokens and objects.

#include "tests/tools/csf/codes_table.h"

namespace sigtoken::testing {
namespace {

TEST_F(CodesTableTest, TokenRecordCreate) {
  const std::string token = NewToken();
  int made = 0;
  const std::string record = std::string(64, ' ') + std::string(4, '\0');
  Request create{"CSFPTRC", TokenHandle("CREATED")};
  create.Rules({"TOKEN"}).Input(record);
  CheckRules(create);
  create.handle = TokenHandle("NOT.CREATED" + std::to_string(++made));
  Check(create, {{"handle NULL", Null("handle"), {8, 3002}},
                 {"no name", Handle(TokenHandle("1A")), {8, 3001}},
                 {"there already", Handle(token), {8, 3026}},
                 {"length NULL", Null("input_length"), {8, 3002}},
                 {"record NULL", Null("input"), {8, 3002}},
                 {"length negative", InputLength(-1), {8, 11000}},
                 {"record of 67", InputLength(67), {8, 11000}},
                 {"record of 0", InputLength(0), {8, 11000}},
                 {"no text", Input("\n" + record.substr(1)), {8, 3030}},
                 {"COPY of a token", Rules({"TOKEN", "COPY"}), {8, 3000}},
                 {"both rules", Rules({"TOKEN", "OBJECT"}), {8, 3000}}});

  Request object{"CSFPTRC", token};
  const auto key = [] {
    return AttributeList()
        .Number(CKA_CLASS, CKO_SECRET_KEY)
        .Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
        .Flag(CKA_TOKEN, true);
  };
  object.Rules({"OBJECT"})
      .Input(key().Add(CKA_VALUE, std::string(32, 'k')).text());
  CheckRules(object);
  CheckHandle(object);
  CheckAttributes(object);
  Check(object,
        {{"no attributes", Input(AttributeList().text()), {8, 3033}},
         {"no value", Input(key().text()), {8, 3033}},
         {"unknown type",
          Input(key().Add(CKA_VALUE, "k").Add(CKA_OWNER, "x").text()),
          {8, 3029}},
         {"type twice",
          Input(key().Add(CKA_VALUE, "k").Add(CKA_VALUE, "k").text()),
          {8, 3009}},
         {"class of 8 bytes",
          Input(AttributeList().Add(CKA_CLASS, "\4\0\0\0\0\0\0\0").text()),
          {8, 3030}},
         {"flag of 2",
          Input(key().Add(CKA_VALUE, "k").Add(CKA_SIGN, "\2").text()),
          {8, 3030}},
         {"RECREATE of an object", Rules({"OBJECT", "RECREATE"}), {8, 3000}},
         {"COPY of a token's handle", Rules({"OBJECT", "COPY"}), {8, 3001}}});
}

TEST_F(CodesTableTest, TokenRecordDelete) {
  const std::string token = NewToken();
  const std::string name = token.substr(0, 32);
  Request request = Delete("OBJECT", NewData(token));
  CheckRules(request);
  request.handle = NewData(token);
  CheckObject(request);
  Check(request, {{"state object that is gone",
                   Handle(name + "00000001U   "),
                   {8, 3027}}});
  Request whole = Delete("TOKEN", token);
  CheckHandle(whole);
  Check(
      whole,
      {{"two keywords", Rules({"TOKEN", "OBJECT"}), {8, 3000}},
       {"the omnipresent token", Handle(TokenHandle(SESS_ONLY_TOK)), {8, 3034}},
       {"good as it is", Nothing, {0, 0}},
       {"gone", Nothing, {8, 3024}}});
}

TEST_F(CodesTableTest, TokenRecordList) {
  const std::string token = NewToken();
  const std::string first = NewKey(token);
  const std::string second = NewKey(token);
  const Request objects = List("OBJECT", token, 10, 44);
  CheckRules(objects);
  CheckHandle(objects);
  CheckOutput(objects);
  Check(objects,
        {{"template length NULL", Null("input_length"), {8, 3002}},
         {"template length negative", InputLength(-1), {8, 11000}},
         {"template too long", InputLength(32753), {8, 11000}},
         {"template that is cut", Input(kCutList), {8, 11000}},
         {"template with a type twice",
          Input(AttributeList()
                    .Number(CKA_CLASS, CKO_DATA)
                    .Number(CKA_CLASS, CKO_DATA)
                    .text()),
          {8, 3009}},
         {"handle_count NULL", Null("count"), {8, 3002}},
         {"handle_count negative", [](Request& r) { r.count = -1; }, {8, 3002}},
         {"one of two", [](Request& r) { r.count = 1; }, {4, 3017}},
         {"ALL", Rules({"OBJECT", "ALL"}), {0, 0}}});
  const Request tokens = List("TOKEN", TokenHandle(""), 16, 116);
  CheckRules(tokens);
  CheckOutput(tokens);
  Check(tokens, {{"ALL tokens", Rules({"TOKEN", "ALL"}), {8, 3000}}});
}

TEST_F(CodesTableTest, GenerateSecretKey) {
  const std::string token = NewToken();
  const auto key = [] {
    return AttributeList()
        .Number(CKA_CLASS, CKO_SECRET_KEY)
        .Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
        .Flag(CKA_TOKEN, true);
  };
  Request request{"CSFPGSK", token};
  request.Rules({"KEY"}).Input(key().Number(CKA_VALUE_LEN, 32).text());
  CheckRules(request);
  CheckHandle(request);
  CheckAttributes(request);
  Check(
      request,
      {{"parms length NULL", Null("parms_length"), {8, 3002}},
       {"parms length negative", ParmsLength(-1), {8, 11000}},
       {"parms with KEY", ParmsLength(4), {8, 11000}},
       {"SSL", Rules({"SSL"}), {12, 8}},
       {"TLS", Rules({"TLS"}), {12, 8}},
       {"PARMS", Rules({"PARMS"}), {12, 8}},
       {"two rules", Rules({"KEY", "KEY"}), {8, 3000}},
       {"no attributes", Input(AttributeList().text()), {8, 3033}},
       {"no length", Input(key().text()), {8, 3033}},
       {"no class",
        Input(AttributeList().Number(CKA_VALUE_LEN, 32).text()),
        {8, 3033}},
       {"length of two bytes",
        Input(key().Add(CKA_VALUE_LEN, std::string(2, '\0')).text()),
        {8, 3030}},
       {"a value",
        Input(key().Number(CKA_VALUE_LEN, 32).Add(CKA_VALUE, "k").text()),
        {8, 3009}},
       {"a length twice",
        Input(key().Number(CKA_VALUE_LEN, 32).Number(CKA_VALUE_LEN, 32).text()),
        {8, 3009}},
       {"a data object",
        Input(AttributeList()
                  .Number(CKA_CLASS, CKO_DATA)
                  .Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
                  .Flag(CKA_TOKEN, true)
                  .Number(CKA_VALUE_LEN, 32)
                  .text()),
        {8, 3030}}});
}

TEST_F(CodesTableTest, GetAttributeValue) {
  const std::string data = NewData(NewToken());
  Request request{"CSFPGAV", data};
  request.Room(8192);
  CheckNoRules(request);
  CheckObject(request);
  CheckOutput(request);
  Request good = request;
  ASSERT_EQ(good.Call(), (Codes{0, 0}));
  const std::int32_t needed = good.output_length;
  Check(request,
        {{"one byte short", OutputLength(needed - 1), {8, 3003}, needed},
         {"no room", OutputLength(0), {8, 3003}, needed}});
}

TEST_F(CodesTableTest, SetAttributeValue) {
  const std::string token = NewToken();
  Request request{"CSFPSAV", NewData(token)};
  request.Input(AttributeList().Add(CKA_APPLICATION, "ZOWE").text());
  CheckNoRules(request);
  CheckObject(request);
  CheckAttributes(request);
  request.handle = NewKey(token);
  Check(request,
        {{"class",
          Input(AttributeList().Number(CKA_CLASS, CKO_DATA).text()),
          {8, 3034}},
         {"extractable after all",
          Input(AttributeList().Flag(CKA_EXTRACTABLE, true).text()),
          {8, 3034}},
         {"label twice",
          Input(AttributeList().Add(CKA_LABEL, "a").Add(CKA_LABEL, "a").text()),
          {8, 3009}},
         {"unknown type",
          Input(AttributeList().Add(CKA_VENDOR_DEFINED, "x").text()),
          {8, 3029}}});
}

}  // namespace
}  // namespace sigtoken::testing
