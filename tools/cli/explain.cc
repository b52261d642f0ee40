// sigtoken explain

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

#include "pkcs11/base/codes.h"
#include "pkcs11/base/printable.h"
#include "signer/racf/codes.h"
#include "tools/cli/command.h"
#include "tools/cli/report.h"

namespace sigtoken::cli {
namespace {

struct Options {
  std::string code;
};

std::optional<std::uint64_t> ParseNumber(std::string_view text, int base) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number, base);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) {
    return std::nullopt;
  }
  return number;
}

// What a text can be as a number: X'BE3' and 0xBE3 in hexadecimal alone, 3043
// in either.
std::vector<std::uint64_t> Numbers(std::string_view text) {
  std::vector<int> bases = {10, 16};
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    bases = {16};
  } else if (text.size() > 3 && (text[0] == 'X' || text[0] == 'x') &&
             text[1] == '\'' && text.back() == '\'') {
    text = text.substr(2, text.size() - 3);
    bases = {16};
  }
  std::vector<std::uint64_t> numbers;
  for (const int base : bases) {
    const auto number = ParseNumber(text, base);
    if (number && (numbers.empty() || numbers.front() != *number)) {
      numbers.push_back(*number);
    }
  }
  return numbers;
}

class Matches {
 public:
  void Add(const CkRvRow& row) {
    Add(std::string(row.name) + " (0x" + Hex(row.rv, 8) + "), here ICSF " +
            IcsfText(row.icsf),
        row.meaning, "PKCS #11 v2.40, 11.1; its ICSF codes: ours",
        CureOf(row.rv));
  }
  // One that the table of CK_RVs cannot have.
  void AddVendors(CK_RV rv) {
    Add("CKR_VENDOR_DEFINED (0x" + Hex(rv, rv > 0xFFFFFFFF ? 16 : 8) +
            "), here ICSF " + IcsfText(IcsfOf(rv)),
        "a code of the module's vendor: the module's documentation says what "
        "it means",
        "PKCS #11 v2.40, 11.1; its ICSF codes: ours", CureOf(rv));
  }
  void Add(const IcsfRow& row) {
    Add("ICSF " + IcsfText(row.code), row.meaning, row.source, row.cure);
  }
  void Add(const RacfRow& row) {
    Add(std::string(RacfSurfaceName(row.surface)) + " " +
            FormatRacfCode(row.surface, row.code),
        row.meaning, row.source, row.cure);
  }

  const std::vector<Json>& all() const { return all_; }

 private:
  static std::string IcsfText(IcsfCode code) {
    return std::to_string(code.return_code) + "/" +
           std::to_string(code.reason_code) + " (X'" +
           HexReason(code.reason_code) + "')";
  }

  void Add(std::string code, std::string_view meaning, std::string_view source,
           std::string_view cure) {
    all_.push_back({{"code", std::move(code)},
                    {"meaning", meaning},
                    {"source", source},
                    {"cure", cure}});
  }

  std::vector<Json> all_;
};

void FindCkRvs(const std::string& text, Matches& matches) {
  const std::string upper = UpperCase(text);
  for (const CkRvRow& row : CkRvRows()) {
    if (row.name == upper || row.name == "CKR_" + upper) matches.Add(row);
  }
  if (upper == "CKR_VENDOR_DEFINED" || upper == "VENDOR_DEFINED") {
    matches.AddVendors(CKR_VENDOR_DEFINED);
  }
  // CkRvName() spells a code that has no name as "CKR 0x80000001".
  const std::string number_text =
      upper.starts_with("CKR ") ? text.substr(4) : text;
  for (const std::uint64_t number : Numbers(number_text)) {
    if (const CkRvRow* row = FindCkRv(number)) matches.Add(*row);
    if (number >= CKR_VENDOR_DEFINED) {
      matches.AddVendors(number);
      break;  // In hexadecimal the same digits would be another vendor's code.
    }
  }
}

// "8/3043" and "8/X'BE3'", or the reason code alone.
void FindIcsfCodes(const std::string& text, Matches& matches) {
  const std::size_t slash = text.find('/');
  const bool pair = slash != std::string::npos;
  const auto return_code =
      pair ? ParseNumber(std::string_view(text).substr(0, slash), 10)
           : std::optional<std::uint64_t>();
  if (pair && !return_code) return;
  const auto reasons =
      Numbers(pair ? std::string_view(text).substr(slash + 1) : text);
  for (const IcsfRow& row : IcsfRows()) {
    const auto reason = static_cast<std::uint64_t>(row.code.reason_code);
    if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) {
      continue;
    }
    // 0 alone would fit every return code.
    if (pair ? *return_code != static_cast<std::uint64_t>(row.code.return_code)
             : reason == 0) {
      continue;
    }
    matches.Add(row);
  }
}

// What stands behind a name as our own messages write it before a code.
std::optional<std::string> Behind(std::string_view name,
                                  const std::string& text) {
  const std::string start = UpperCase(name) + " ";
  if (!UpperCase(text).starts_with(start)) return std::nullopt;
  return text.substr(start.size());
}

// "8/3043, X'BE3'", as messages write it, and "8/3043 (X'BE3')", as this
// command does. As it stands if the two numbers are not the same.
std::string WithoutHexadecimal(const std::string& text) {
  const std::string decimal = text.substr(0, text.find_first_of(", "));
  const auto reasons = Numbers(decimal.substr(decimal.find('/') + 1));
  if (reasons.empty()) return text;
  const std::string hexadecimal =
      "X'" + HexReason(static_cast<int>(reasons.front())) + "'";
  const std::string rest = UpperCase(text.substr(decimal.size()));
  const bool same =
      rest == ", " + hexadecimal || rest == " (" + hexadecimal + ")";
  return same ? decimal : text;
}

// All that a code can be, or with a name before it only what the name says.
void Find(const std::string& text, Matches& matches) {
  if (const auto code = Behind("ICSF", text)) {
    FindIcsfCodes(WithoutHexadecimal(*code), matches);
    return;
  }
  for (const RacfSurface surface :
       {RacfSurface::kRacroute, RacfSurface::kInitAcee, RacfSurface::kGenRc}) {
    const auto code = Behind(RacfSurfaceName(surface), text);
    if (!code) continue;
    for (const RacfRow* row : ExplainRacf(*code)) {
      if (row->surface == surface) matches.Add(*row);
    }
    return;
  }
  FindCkRvs(text, matches);
  FindIcsfCodes(text, matches);
  for (const RacfRow* row : ExplainRacf(text)) matches.Add(*row);
}

Result<Answer> Explain(Context& /*context*/, const Options& options) {
  Matches matches;
  Find(options.code, matches);

  Answer answer;
  if (matches.all().empty()) {
    answer.status = kNo;
    answer.json = {{"code", options.code},
                   {"meaning", nullptr},
                   {"source", nullptr},
                   {"cure", nullptr},
                   {"matches", Json::array()}};
    answer.message = "nobody here knows the code " + Quoted(options.code) +
                     ". Write CKR_PIN_INCORRECT, 0xA0, 8/3043, X'BE3', 8/6C/F, "
                     "8/16/4 or a generation code";
    return answer;
  }
  answer.json = matches.all().front();
  answer.json["matches"] = matches.all();
  for (const Json& match : matches.all()) {
    answer.text += match["code"].get<std::string>() + "\n  " +
                   match["meaning"].get<std::string>() +
                   "\n  source: " + match["source"].get<std::string>() + "\n";
    const auto cure = match["cure"].get<std::string>();
    if (!cure.empty()) answer.text += "  cure: " + cure + "\n";
  }
  return answer;
}

}  // namespace

void AddExplain(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      AddVerb(app, "explain", "what a code means, and what to do about it",
              "sigtoken explain 8/3043");
  verb->add_option(
          "CODE", options->code,
          "CKR_ name or number, ICSF, RACROUTE, initACEE or generation "
          "code; decimal or hexadecimal")
      ->required();
  SetRun(verb, invocation, options, &Explain);
}

}  // namespace sigtoken::cli
