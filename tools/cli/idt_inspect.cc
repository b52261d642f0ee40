// sigtoken idt inspect

#include "signer/idt/inspect.h"
#include "tools/cli/command.h"
#include "tools/cli/input.h"
#include "tools/cli/report.h"

namespace sigtoken::cli {
namespace {

struct Options {
  std::string file;
};

Result<Answer> Inspect(Context& /*context*/, const Options& options) {
  SIGTOKEN_ASSIGN(const std::string token, ReadToken(options.file));
  SIGTOKEN_ASSIGN(const InspectedToken inspected, InspectIdt(token));
  Answer answer;
  answer.json = {{"header", Json::parse(inspected.header_json, nullptr, false)},
                 {"claims", Json::parse(inspected.claims_json, nullptr, false)},
                 {"verified", false}};
  answer.text = "NOT VERIFIED: anybody can write this\nheader  " +
                Dump(answer.json["header"]) + "claims  " +
                Dump(answer.json["claims"]);
  return answer;
}

}  // namespace

void AddIdtInspect(CLI::App& idt, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = AddVerb(idt, "inspect", "decode a token, check nothing",
                           "sigtoken idt inspect token.jwt");
  verb->add_option("FILE", options->file,
                   "the token; standard input for - or nothing");
  SetRun(verb, invocation, options, &Inspect);
}

}  // namespace sigtoken::cli
