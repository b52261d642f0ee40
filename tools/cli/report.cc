#include "tools/cli/report.h"

#include <algorithm>
#include <iostream>
#include <sstream>

#include "pkcs11/base/codes.h"
#include "pkcs11/base/printable.h"

namespace sigtoken::cli {
namespace {

bool Write(const std::string& text) {
  std::cout << text << std::flush;
  return static_cast<bool>(std::cout);
}

bool Write(const GlobalOptions& options, const Answer& answer) {
  if (!answer.stream) {
    return Write(options.json ? Dump(answer.json) : answer.text);
  }
  answer.stream(std::cout);
  return Write("");
}

void Complain(const std::string& text) {
  std::cerr << "sigtoken: " << text << '\n';
}

}  // namespace

std::string HexReason(int reason) {
  std::string digits = Hex(static_cast<std::uint64_t>(reason), 8);
  return digits.substr(std::min(digits.find_first_not_of('0'), std::size_t{7}));
}

Json IcsfJson(IcsfCode code) {
  return {{"return_code", code.return_code},
          {"reason_code", code.reason_code},
          {"reason_hex", HexReason(code.reason_code)}};
}

Json ErrorJson(const Error& error) {
  std::string message = error.message;
  if (!error.cure.empty()) message += ". " + Sentence(error.cure);
  Json json = {{"message", message}, {"icsf", IcsfJson(ToIcsf(error))}};
  if (!error.call.empty()) {
    json["cryptoki"] = {{"function", error.call}, {"rv", CkRvName(error.rv)}};
  }
  return json;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::string Unwritten(int status) {
  std::string text = "the result could not be written to standard output";
  if (status != kDone) return text;
  // Who runs it once more would make another key.
  return text +
         ", but the command was carried out (ICSF 12/0, X'0'). Look at what it "
         "did before it is run again";
}

int Print(const std::string& text, int status) {
  if (Write(text)) return status;
  Complain(Unwritten(kNo));
  return kNotAvailableStatus;
}

void Warn(const GlobalOptions& options,
          const std::vector<std::string>& warnings) {
  if (options.quiet) return;
  for (const std::string& warning : warnings) Complain("warning: " + warning);
}

int Report(const GlobalOptions& options, const Answer& answer) {
  Warn(options, answer.warnings);
  if (options.verbose) {
    for (const std::string& detail : answer.details) Complain(detail);
  }
  std::istringstream lines(answer.message);
  for (std::string line; std::getline(lines, line);) Complain(line);
  if (Write(options, answer)) return answer.status;
  Complain(Unwritten(answer.status));
  return kNotAvailableStatus;
}

int Report(const GlobalOptions& options, const Error& error) {
  Complain(ToText(error));
  const int status = ToIcsf(error).return_code;
  if (!options.json) return status;
  return Print(Dump(Json{{"error", ErrorJson(error)}}), status);
}

}  // namespace sigtoken::cli
