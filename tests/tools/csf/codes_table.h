// The table of codes: what is wrong with a call, and the codes that it gives.

#ifndef TESTS_TOOLS_CSF_CODES_TABLE_H_
#define TESTS_TOOLS_CSF_CODES_TABLE_H_

#include <cctype>
#include <functional>
#include <string>
#include <vector>

#include "tests/tools/csf/caller.h"
#include "tests/tools/csf/codes_given.h"

namespace sigtoken::testing {

using Spoil = std::function<void(Request&)>;

inline Spoil Null(const std::string& what) {
  return [what](Request& r) { r.nulls.insert(what); };
}
inline Spoil Handle(const std::string& handle) {
  return [handle](Request& r) { r.handle = handle; };
}
inline Spoil Rules(const std::vector<std::string>& keywords) {
  return [keywords](Request& r) { r.Rules(keywords); };
}
inline Spoil Count(std::int32_t count) {
  return [count](Request& r) { r.rule_count = count; };
}
inline Spoil Input(const std::string& bytes) {
  return [bytes](Request& r) { r.Input(bytes); };
}
inline Spoil InputLength(std::int32_t length) {
  return [length](Request& r) { r.input_length = length; };
}
inline Spoil ParmsLength(std::int32_t length) {
  return [length](Request& r) {
    r.parms = "parms";
    r.parms_length = length;
  };
}
inline Spoil ChainLength(std::int32_t length) {
  return [length](Request& r) { r.chain_length = length; };
}
inline Spoil OutputLength(std::int32_t length) {
  return [length](Request& r) { r.output_length = length; };
}
inline void TextElsewhere(Request& r) { r.text_id = 1; }
inline void Nothing(Request& /*r*/) {}

// `needed` is the length that must come back with 8/3003.
struct Row {
  const char* what;
  Spoil spoil;
  Codes codes;
  std::int32_t needed = -1;
};

// 65,535 attributes are said to follow, and none does.
inline const std::string kCutList("\xff\xff", 2);

class CodesTableTest : public CsfTest {
 protected:
  // Each row for itself, from a request that would be good.
  void Check(const Request& good, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      SCOPED_TRACE(good.service + ": " + row.what);
      Request request = good;
      row.spoil(request);
      Request after = request;
      const Codes codes = after.Call();
      EXPECT_EQ(codes, row.codes);
      if (codes == row.codes) NoteGiven(::testing::PrintToString(codes));
      if (codes.return_code < 8) continue;
      if (row.needed >= 0) {
        EXPECT_EQ(after.output_length, row.needed);
        after.output_length = request.output_length;
      }
      EXPECT_EQ(after, request) << "an output was touched";
    }
  }

  // What is wrong with any service that has these.
  void CheckHandle(const Request& good) {
    Check(good,
          {{"handle NULL", Null("handle"), {8, 3002}},
           {"no name", Handle("1A" + std::string(42, ' ')), {8, 3001}},
           {"lower case", Handle(TokenHandle("ibmuser")), {8, 3001}},
           {"no such token", Handle(TokenHandle("NO.SUCH.TOKEN")), {8, 3024}}});
  }
  void CheckObject(const Request& good) {
    const std::string token = good.handle.substr(0, 32);
    Check(good, {{"handle NULL", Null("handle"), {8, 3002}},
                 {"a token's", Handle(TokenHandle(token)), {8, 3001}},
                 {"half blank", Handle(token + "        T   "), {8, 3001}},
                 {"no such token",
                  Handle("NO.SUCH.TOKEN                   00000001T   "),
                  {8, 3024}},
                 {"no such number", Handle(token + "00000FFFT   "), {8, 3025}},
                 {"other category", Handle(token + "00000001Y   "), {8, 3025}},
                 {"regional", Handle(token + "00000001E   "), {8, 3001}},
                 {"no category", Handle(token + "00000001Q   "), {8, 3001}}});
  }
  void CheckRules(const Request& good) {
    Check(good, {{"good as it is", Nothing, {0, 0}},
                 {"rule_array_count NULL", Null("rule_count"), {8, 3002}},
                 {"rule_array NULL", Null("rules"), {8, 3002}},
                 {"count negative", Count(-1), {8, 3000}},
                 {"count of four", Count(4), {8, 3000}},
                 {"count beyond memory", Count(2'000'000'000), {8, 3000}},
                 {"no such keyword", Rules({"NONSENSE"}), {8, 3000}},
                 {"keyword in lower case",
                  [](Request& r) {
                    for (char& c : r.rules) {
                      c = static_cast<char>(std::tolower(c));
                    }
                  },
                  {8, 3000}},
                 {"no keyword", Count(0), {8, 3000}}});
  }
  void CheckNoRules(const Request& good) {
    Check(good, {{"good as it is", Nothing, {0, 0}},
                 {"rule_array_count NULL", Null("rule_count"), {8, 3002}},
                 {"count negative", Count(-1), {8, 3000}},
                 {"count of four", Count(4), {8, 3000}},
                 {"count without array",
                  [](Request& r) {
                    r.rule_count = 1;
                    r.nulls.insert("rules");
                  },
                  {8, 3002}},
                 {"a keyword", Rules({"TOKEN"}), {8, 3000}}});
  }
  void CheckAttributes(const Request& good) {
    Check(good,
          {{"length NULL", Null("input_length"), {8, 3002}},
           {"list NULL", Null("input"), {8, 3002}},
           {"length negative", InputLength(-1), {8, 11000}},
           {"length of 32753", InputLength(32753), {8, 11000}},
           {"length beyond memory", InputLength(2'147'483'647), {8, 11000}},
           {"list of one byte", Input("\1"), {8, 11000}},
           {"list that is cut", Input(kCutList), {8, 11000}}});
  }
  void CheckChain(const Request& good) {
    Check(good, {{"text_length NULL", Null("input_length"), {8, 3002}},
                 {"text NULL", Null("input"), {8, 3002}},
                 {"text_length negative", InputLength(-1), {8, 11000}},
                 {"text_id NULL", Null("text_id"), {8, 3002}},
                 {"text elsewhere", TextElsewhere, {8, 3002}},
                 {"chain_data_length NULL", Null("chain_length"), {8, 3002}},
                 {"chain_data NULL", Null("chain"), {8, 3002}},
                 {"chain data of 127", ChainLength(127), {8, 11000}},
                 {"chain data of 0", ChainLength(0), {8, 11000}},
                 {"chain data negative", ChainLength(-128), {8, 11000}}});
    const std::string first = good.rules.substr(0, 8);
    for (const char* chaining : {"MIDDLE", "LAST"}) {
      Check(good,
            {{"chain data of nobody", Rules({first, chaining}), {8, 3019}}});
    }
    Check(
        good,
        {{"chained in two ways", Rules({first, "FIRST", "LAST"}), {8, 3000}}});
  }
  void CheckOutput(const Request& good) {
    Check(good, {{"length NULL", Null("output_length"), {8, 3002}},
                 {"output NULL", Null("output"), {8, 3002}},
                 {"length negative", OutputLength(-1), {8, 11000}}});
  }
};

}  // namespace sigtoken::testing

#endif  // TESTS_TOOLS_CSF_CODES_TABLE_H_
