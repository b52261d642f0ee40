// sigtoken idt validate

#include <utility>

#include "signer/idt/icsf_outcome.h"
#include "signer/idt/validate.h"
#include "signer/racf/codes.h"
#include "tools/cli/command.h"
#include "tools/cli/idt_key.h"
#include "tools/cli/input.h"
#include "tools/cli/report.h"

namespace sigtoken::cli {
namespace {

struct Options {
  std::string appl;
  std::string user;
  bool trusted_caller = false;
  bool end_user = false;
  bool strict = false;
  std::string at;
  IdtKeyOptions key;
  std::string file;
};

// As in messages of errors.
std::string IcsfText(IcsfCode code) {
  return "(ICSF " + std::to_string(code.return_code) + "/" +
         std::to_string(code.reason_code) + ", X'" +
         HexReason(code.reason_code) + "')";
}

Answer ToAnswer(const ValidateResult& result, const IdtKey* key) {
  const std::string code = FormatRacfCode(RacfSurface::kRacroute, result.code);
  const std::string edge = " [RACROUTE REQUEST=VERIFY " + code + "]";
  Answer answer;
  answer.status = result.exit_status;
  answer.json = {
      {"valid", result.valid},
      {"auth_done", result.auth_done},
      {"saf_rc", result.code.saf},
      {"racf_rc", result.code.racf},
      {"racf_reason", result.code.reason},
      {"code", code},
      {"reason", result.reason},
      {"user", result.user.empty() ? Json() : Json(result.user)},
      {"profile", result.profile ? Json(*result.profile) : Json()},
      {"key", key != nullptr ? key->HandleJson(result.key) : Json()},
      {"claims", result.claims_json.empty()
                     ? Json()
                     : Json::parse(result.claims_json, nullptr, false)}};
  if (!result.notes.empty()) answer.json["notes"] = result.notes;
  answer.warnings = result.notes;
  if (result.error) {
    answer.json["error"] = ErrorJson(*result.error);
    answer.message = ToText(*result.error) + edge;
  } else if (result.exit_status != kDone) {
    const RacfRow* row = FindRacf(RacfSurface::kRacroute, result.code);
    answer.message = result.reason;
    if (result.icsf) answer.message += " " + IcsfText(*result.icsf);
    if (row != nullptr) {
      answer.message += ". " + Sentence(std::string(row->cure));
    }
    answer.message += edge;
  }
  answer.text =
      result.valid
          ? "valid " + code + " user " + result.user +
                (result.auth_done ? "\n" : " (not fully authenticated)\n")
      : result.exit_status == kNo ? "not valid " + code + "\n"
                                  : "undecided " + code + "\n";
  return answer;
}

Answer Refused(const Error& error, const Options& /*options*/) {
  if (IsIcsfUnavailable(error)) return ToAnswer(NotDecided(error), nullptr);
  ValidateResult result;
  result.code = kRacrouteParameter;
  result.reason = error.message;
  result.error = error;
  result.exit_status = ToIcsf(error).return_code;
  return ToAnswer(result, nullptr);
}

Result<ValidateRequest> ToRequest(Context& context, const Options& options) {
  ValidateRequest request;
  if (options.trusted_caller && options.end_user) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "--trusted-caller and --end-user contradict each other",
                   "use one of them; --end-user is the default");
  }
  if (!options.appl.empty()) request.appl = options.appl;
  if (!options.user.empty()) request.user = options.user;
  request.end_user = !options.trusted_caller;
  request.strict = options.strict;
  if (!options.at.empty()) {
    SIGTOKEN_ASSIGN(request.at, ParseInstant(options.at));
  }
  SIGTOKEN_ASSIGN(const Configuration* configuration, context.configuration());
  request.default_appl = configuration->default_appl;
  SIGTOKEN_ASSIGN(request.token, ReadToken(options.file));
  return request;
}

Answer DoValidate(Context& context, const Options& options) {
  auto key = IdtKey::Parse(context, options.key);
  if (!key) return Refused(key.error(), options);
  auto request = ToRequest(context, options);
  if (!request) return Refused(request.error(), options);
  auto choice = key->Choice();
  if (!choice) return Refused(choice.error(), options);
  request->key = *std::move(choice);
  return ToAnswer(ValidateIdt(*request), &*key);
}

Result<Answer> Validate(Context& context, const Options& options) {
  Answer answer = DoValidate(context, options);
  MarkSimulated(answer, options.key);
  return answer;
}

}  // namespace

void AddIdtValidate(CLI::App& idt, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      AddVerb(idt, "validate", "check an identity token as RACROUTE does",
              "sigtoken idt validate --appl APPL01 token.jwt");
  verb->add_option("--appl", options->appl,
                   "who asks; without it the configuration's default_appl");
  verb->add_option("--user", options->user,
                   "the user ID that the token must be for");
  verb->add_flag("--trusted-caller", options->trusted_caller,
                 "the token stayed with an authorised caller: it may be "
                 "unsigned where no key is named");
  verb->add_flag("--end-user", options->end_user,
                 "the token came from an end user (the default)");
  verb->add_flag("--strict", options->strict,
                 "an unsigned token is refused where its profile names a key, "
                 "with --trusted-caller too");
  verb->add_option("--at", options->at,
                   "judge the token at this time: seconds since 1970, or "
                   "2025-01-15T17:54:12Z");
  AddIdtKeyOptions(*verb, options->key);
  verb->add_option("FILE", options->file,
                   "the token; standard input for - or nothing");
  SetRun(verb, invocation, options, &Validate);
  SetRefused(verb, invocation, options, &Refused);
}

}  // namespace sigtoken::cli
