// A session of 20 requests, and 'audit unload' of it, column by column. The
// columns are typed from OA63462, 3.5.3, once more: they are not those of the
// sources. Where the seed ends a Yes/No field in the column where it starts, it
// has 4.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/command_line.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

struct Column {
  std::string name;
  std::size_t start;
  std::size_t end;
};

const std::vector<Column> kInitAcee = {
    {"INTA_USER_NAME", 282, 301},        {"INTA_CERT_FGRPRNT", 4496, 4559},
    {"INTA_IDT_USER", 4561, 4568},       {"INTA_APPL", 4570, 4577},
    {"INTA_IDT_BUILD_RSNC", 4579, 4586}, {"INTA_SERVICE_CODE", 4588, 4595},
    {"INTA_SERVICE_RC", 4597, 4604},     {"INTA_SERVICE_RSNC", 4606, 4613},
};

const std::vector<Column> kJobInit = {
    {"INIT_ACEE_VLF", 4540, 4543},
    {"INIT_MFA_USER", 4545, 4548},
    {"INIT_MFA_FALLBACK", 4550, 4553},
    {"INIT_MFA_UNAVAIL", 4555, 4558},
    {"INIT_MFA_PWD_EXPIRED", 4560, 4563},
    {"INIT_MFA_NPWD_INV", 4565, 4568},
    {"INIT_MFA_PART_SUCC", 4570, 4573},
    {"INIT_RELO443_EXTENDED", 4575, 4578},
    {"INIT_PASSWORD_EVAL", 4580, 4583},
    {"INIT_PASSWORD_SUCC", 4585, 4588},
    {"INIT_PHRASE_EVAL", 4590, 4593},
    {"INIT_PHRASE_SUCC", 4595, 4598},
    {"INIT_PASSTICKET_EVAL", 4600, 4603},
    {"INIT_PASSTICKET_SUCC", 4605, 4608},
    {"INIT_MFA_SUCC", 4610, 4613},
    {"INIT_MFA_FAIL", 4615, 4618},
    {"INIT_AUTH_RSN1", 4620, 4627},
    {"INIT_AUTH_RSN2", 4629, 4636},
    {"INIT_AUTH_RSN3", 4638, 4645},
    {"INIT_AUTH_RSN4", 4647, 4654},
    {"INIT_PWD_PHR_EXPIRED", 4656, 4659},
    {"INIT_NPWD_NPHR_NONVAL", 4661, 4664},
    {"INIT_IDT_EVAL", 4666, 4669},
    {"INIT_IDT_SUCC", 4671, 4674},
    {"INIT_MFA_REAUTHENT", 4676, 4679},
    {"INIT_LPT_EVAL", 4681, 4684},
    {"INIT_LPT_SUCC", 4686, 4689},
    {"INIT_EPT_UPPER_EVAL", 4691, 4694},
    {"INIT_EPT_UPPER_SUCC", 4696, 4699},
    {"INIT_EPT_MIXED_EVAL", 4701, 4704},
    {"INIT_EPT_MIXED_SUCC", 4706, 4709},
    {"INIT_IDT_FROM_SEC_ENV", 4711, 4714},
    {"INIT_RESERVED_08", 4716, 4719},
    {"INIT_RESERVED_09", 4721, 4724},
    {"INIT_RESERVED_10", 4726, 4729},
    {"INIT_RESERVED_11", 4731, 4734},
    {"INIT_DERIVED_APPL_NAM", 4736, 4743},
    {"INIT_IDT_VALIDTN_RSNC", 4745, 4752},
    {"INIT_IDT_BUILD_RSNC", 4754, 4761},
    {"INIT_SERVICE_CODE", 4763, 4770},
    {"INIT_SERVICE_RC", 4772, 4779},
    {"INIT_SERVICE_RSNC", 4781, 4788},
};

using Values = std::map<std::string, std::string>;

// One request, and what is not as most records have it.
struct Request {
  Words words;
  std::string input;
  std::string qualifier;
  Values values;
};

const Values kInitAceeValues = {
    {"INTA_USER_NAME", "JANE DOE"},      {"INTA_CERT_FGRPRNT", ""},
    {"INTA_IDT_USER", "USER01"},         {"INTA_APPL", "APPL01"},
    {"INTA_IDT_BUILD_RSNC", "00000000"}, {"INTA_SERVICE_CODE", "00000000"},
    {"INTA_SERVICE_RC", "00000000"},     {"INTA_SERVICE_RSNC", "00000000"}};

Values JobInitValues() {
  Values values;
  for (const Column& column : kJobInit) {
    const bool flag = column.end - column.start == 3;
    values[column.name] = flag ? "NO" : "00000000";
  }
  values["INIT_RELO443_EXTENDED"] = "YES";
  values["INIT_DERIVED_APPL_NAM"] = "APPL01";
  return values;
}

std::string Cut(const std::string& line, std::size_t start, std::size_t end) {
  std::string text = line.substr(start - 1, end - start + 1);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

class AuditSessionTest : public CommandLineTest {
 protected:
  void SetUp() override {
    WithToken();
    Text({"key", "generate", "--token", "IDTTKN.JWT.SECRET"});
    const Outcome outcome =
        Run({"racf"},
            "SETROPTS GENERIC(IDTDATA)\n"
            "RDEFINE IDTDATA JWT.APPL01.*.SAF "
            "IDTPARMS(SIGTOKEN(IDTTKN.JWT.SECRET))\n"
            "RDEFINE IDTDATA JWT.NOKEY.*.SAF "
            "IDTPARMS(SIGTOKEN(IDTTKN.JWT.SECRET) SIGSEQNUM(99))\n"
            "SETROPTS CLASSACT(IDTDATA) RACLIST(IDTDATA) PASSWORD(REVOKE(1))\n"
            "ADDUSER USER01 NAME('JANE DOE') PASSWORD(X)\n"
            "ALTUSER USER01 PASSWORD(X) PHRASE('a phrase of some length') "
            "NOEXPIRED\n"
            "ADDUSER SERVER8\n"
            "ADDUSER EXPIRED PASSWORD(X) PHRASE('a phrase of some length')\n"
            "ADDUSER GONE PASSWORD(X)\n"
            "ALTUSER GONE PASSWORD(X) NOEXPIRED REVOKE\n");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
  }

  static Words Generate(const std::string& user, const Words& more = {}) {
    return Words{"idt", "generate", "--appl", "APPL01", "--user", user} + more;
  }
  static Words Racroute(const std::string& user, const Words& more = {}) {
    return Generate(user, Words{"--service", "racroute"} + more);
  }
  static Words Validate(const Words& more = {}) {
    return Words{"idt", "validate", "--appl", "APPL01"} + more;
  }
  std::string Token(const std::string& user, const Words& more) const {
    return Text(Racroute(user, more));
  }

  std::vector<std::string> Unloaded() const {
    std::istringstream text(Text({"audit", "unload"}));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  static void ExpectColumns(const std::string& line,
                            const std::vector<Column>& columns,
                            const Values& values) {
    ASSERT_EQ(line.size(), columns.back().end);
    for (const Column& column : columns) {
      EXPECT_EQ(Cut(line, column.start, column.end), values.at(column.name))
          << column.name;
      EXPECT_EQ(line[column.start - 2], ' ') << column.name;
    }
  }

  static void ExpectRecord(const std::string& line, const Request& request) {
    const bool initacee = Cut(line, 1, 8) == "INITACEE";
    EXPECT_EQ(Cut(line, 1, 8), initacee ? "INITACEE" : "JOBINIT");
    EXPECT_EQ(Cut(line, 10, 17), request.qualifier);
    EXPECT_THAT(Cut(line, 19, 26),
                ::testing::MatchesRegex("[0-9]+:[0-9]+:[0-9]+"));
    EXPECT_THAT(Cut(line, 28, 37),
                ::testing::MatchesRegex("20[0-9]+-[0-9]+-[0-9]+"));
    Values values = initacee ? kInitAceeValues : JobInitValues();
    for (const auto& [name, value] : request.values) {
      ASSERT_TRUE(values.contains(name)) << name;
      values[name] = value;
    }
    ExpectColumns(line, initacee ? kInitAcee : kJobInit, values);
  }
};

TEST_F(AuditSessionTest, TwentyRequestsAreInTheirColumns) {
  const std::string token = Token("USER01", {});
  std::string flipped = token;
  char& last = flipped[flipped.size() - 5];
  last = last == 'A' ? 'B' : 'A';
  const std::string of_acee = Text(Generate("SERVER8"));
  const std::string unfinished = Token("USER01", {"--amr", "mfa-nmi"});
  const std::size_t before = Unloaded().size();

  const Values evaluated = {{"INIT_IDT_EVAL", "YES"}};
  const Values good = {{"INIT_IDT_EVAL", "YES"}, {"INIT_IDT_SUCC", "YES"}};
  const auto with = [](Values values, const Values& more) {
    values.insert(more.begin(), more.end());
    return values;
  };
  const Values failed_signature =
      with(evaluated, {{"INIT_SERVICE_CODE", "00000002"},
                       {"INIT_SERVICE_RC", "00000004"},
                       {"INIT_SERVICE_RSNC", "00001F40"}});
  const std::vector<Request> session = {
      {Generate("USER01"), "", "SUCCSIDT", {}},
      {Generate("SERVER8"),
       "",
       "SUCCSIDT",
       {{"INTA_IDT_USER", "SERVER8"}, {"INTA_USER_NAME", ""}}},
      {{"idt", "generate", "--appl", "NOKEY", "--user", "USER01"},
       "",
       "FAILIDT",
       {{"INTA_APPL", "NOKEY"},
        {"INTA_IDT_BUILD_RSNC", "00000005"},
        {"INTA_SERVICE_CODE", "00000001"},
        {"INTA_SERVICE_RC", "00000008"},
        {"INTA_SERVICE_RSNC", "00000BD1"}}},
      {Generate("USER01", {"--simulate", "icsf-unavailable"}),
       "",
       "FAILIDT",
       {{"INTA_IDT_BUILD_RSNC", "00000004"},
        {"INTA_SERVICE_CODE", "00000001"},
        {"INTA_SERVICE_RC", "0000000C"}}},
      {{"idt", "generate", "--appl", "NOPROF", "--user", "USER01"},
       "",
       "FAILIDT",
       {{"INTA_APPL", "NOPROF"}, {"INTA_IDT_BUILD_RSNC", "00000003"}}},
      {Racroute("USER01"),
       "",
       "SUCCESSI",
       {{"INIT_PASSWORD_EVAL", "YES"}, {"INIT_PASSWORD_SUCC", "YES"}}},
      {Racroute("USER01", {"--amr", "saf-phr"}),
       "",
       "SUCCESSI",
       {{"INIT_PHRASE_EVAL", "YES"}, {"INIT_PHRASE_SUCC", "YES"}}},
      {Racroute("USER01", {"--amr", "saf-ptkt"}),
       "",
       "SUCCESSI",
       {{"INIT_PASSTICKET_EVAL", "YES"}, {"INIT_PASSTICKET_SUCC", "YES"}}},
      {Racroute("USER01", {"--amr", "mfa-only"}),
       "",
       "SUCCESSI",
       {{"INIT_MFA_USER", "YES"}, {"INIT_MFA_SUCC", "YES"}}},
      {Racroute("EXPIRED"),
       "",
       "PWDEXPR",
       {{"INIT_PASSWORD_EVAL", "YES"}, {"INIT_PWD_PHR_EXPIRED", "YES"}}},
      {Racroute("EXPIRED", {"--amr", "saf-phr"}),
       "",
       "PHREXPR",
       {{"INIT_PHRASE_EVAL", "YES"}, {"INIT_PWD_PHR_EXPIRED", "YES"}}},
      {Racroute("GONE"), "", "REVKUSER", {{"INIT_PASSWORD_EVAL", "YES"}}},
      {Racroute("SERVER8"), "", "INVPSWD", {{"INIT_PASSWORD_EVAL", "YES"}}},
      {Validate(), token, "SUCCESSI", good},
      {Validate(), of_acee, "INVPSWD",
       with(good, {{"INIT_IDT_FROM_SEC_ENV", "YES"}})},
      {Validate(), unfinished, "SUCCESSI",
       with(good, {{"INIT_MFA_USER", "YES"}})},
      {Validate(), flipped, "INVPSWD", failed_signature},
      {Validate(), flipped, "REVKAUTO", failed_signature},
      {Validate(), token, "REVKUSER", good},
      {Validate({"--at", "4000000000"}), token, "INVPSWD",
       with(evaluated, {{"INIT_IDT_VALIDTN_RSNC", "0000000F"}})},
  };
  ASSERT_EQ(session.size(), 20U);
  for (const Request& request : session) {
    static_cast<void>(Run(request.words, request.input));
  }

  const std::vector<std::string> lines = Unloaded();
  ASSERT_EQ(lines.size(), before + session.size());
  for (std::size_t i = 0; i < session.size(); ++i) {
    SCOPED_TRACE("request " + std::to_string(i + 1));
    ExpectRecord(lines[before + i], session[i]);
  }
}

}  // namespace
}  // namespace sigtoken::testing
