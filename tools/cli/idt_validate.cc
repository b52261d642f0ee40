// sigtoken idt validate

#include <optional>
#include <utility>

#include "signer/idt/icsf_outcome.h"
#include "signer/idt/validate.h"
#include "signer/idta/racroute.h"
#include "signer/racf/codes.h"
#include "tools/cli/command.h"
#include "tools/cli/idt_key.h"
#include "tools/cli/input.h"
#include "tools/cli/report.h"
#include "tools/cli/saf.h"

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
  SafOptions saf;
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
      {"racroute_code", code},
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
    const std::string cure =
        !result.cure.empty()
            ? result.cure
            : std::string(CureOf(RacfSurface::kRacroute, result.code));
    answer.message = result.reason;
    if (result.icsf) answer.message += " " + IcsfText(*result.icsf);
    if (!cure.empty()) answer.message += ". " + Sentence(cure);
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

Answer Refused(const Error& error, const Options& options) {
  if (IsIcsfUnavailable(error)) {
    RacrouteRequest request;
    if (!options.appl.empty()) request.appl = options.appl;
    if (!options.user.empty()) request.user = options.user;
    RacrouteResult given_up;
    given_up.validated = NotDecided(error);
    given_up.code = given_up.validated->code;
    const std::string console = RecordGivenUp(options.saf, request, given_up);
    Answer answer = ToAnswer(*given_up.validated, nullptr);
    AddConsole(console, answer);
    return answer;
  }
  ValidateResult result;
  result.code = kRacrouteParameter;
  result.reason = error.message;
  result.error = error;
  result.exit_status = ToIcsf(error).return_code;
  return ToAnswer(result, nullptr);
}

Result<RacrouteRequest> ToRequest(const Options& options) {
  RacrouteRequest request;
  if (options.trusted_caller && options.end_user) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "--trusted-caller and --end-user contradict each other",
                   "use one of them; --end-user is the default");
  }
  if (!options.appl.empty()) request.appl = options.appl;
  if (!options.user.empty()) request.user = options.user;
  request.strict = options.strict;
  request.must_have_token = true;
  request.nobody_logs_on = true;
  SIGTOKEN_TRY(ReadKeywords(options.saf, request));
  return request;
}

// What RACROUTE says, with what it found of the token.
ValidateResult ToResult(const RacrouteResult& result) {
  ValidateResult seen = result.validated.value_or(ValidateResult());
  seen.valid = seen.valid && result.code == kRacfDone;
  seen.code = result.code;
  if (seen.valid) return seen;
  seen.claims.reset();
  seen.reason = result.reason;
  seen.cure = result.cure;
  seen.error = result.error;
  seen.exit_status = result.exit_status;
  if (result.code == kRacfDone) {
    seen.exit_status = kNo;
    seen.reason = "nothing was verified";
  }
  if (!result.ignored.empty()) {
    seen.reason += "; the token was not looked at: " + result.ignored;
  }
  return seen;
}

// One in the option has the length of the token, or one that is refused.
Status CheckLength(const Idta& idta, const std::string& token) {
  if (idta.idt_len == token.size() || idta.idt_len > idta.buffer_len) {
    return Ok();
  }
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 "IDTA_IDT_Len of --idta is " + std::to_string(idta.idt_len) +
                     ", and the token has " + std::to_string(token.size()) +
                     " characters",
                 "write its length into bytes 17 to 20 of the IDTA");
}

Answer ToAnswer(const RacrouteResult& result, const IdtKey* key) {
  Answer answer = ToAnswer(ToResult(result), key);
  answer.json["racroute_code"] = LogonCode(result);
  answer.warnings.insert(answer.warnings.end(), result.warnings.begin(),
                         result.warnings.end());
  AddConsole(result.console, answer);
  return answer;
}

// A request that could be read and that RACROUTE itself does not see: on record
// like those that it refuses, as with the C entries.
Answer RefusedRequest(Context& context, const Options& options, IdtKey* key,
                      const Error& error) {
  const auto saf = Saf::Open(context, key);
  // Without a configuration nobody knows where records go.
  if (!saf || IsIcsfUnavailable(error)) return Refused(error, options);
  RacrouteRequest request;
  if (!options.appl.empty()) request.appl = options.appl;
  if (!options.user.empty()) request.user = options.user;
  return ToAnswer(RefuseRacroute((*saf)->system(), request, error), nullptr);
}

Result<Answer> CallRacroute(Context& context, const Options& options,
                            IdtKey& key) {
  SIGTOKEN_ASSIGN(const RacrouteRequest request, ToRequest(options));
  std::optional<Instant> at;
  if (!options.at.empty()) {
    SIGTOKEN_ASSIGN(at, ParseInstant(options.at));
  }
  SIGTOKEN_ASSIGN(const std::string token, ReadToken(options.file));
  SIGTOKEN_ASSIGN(Idta idta,
                  ReadIdta(options.saf, !options.trusted_caller, token.size()));
  SIGTOKEN_TRY(CheckLength(idta, token));
  SIGTOKEN_ASSIGN(const auto saf, Saf::Open(context, &key));
  if (at) {
    saf->system().now = *at;
    saf->system().judged_at = *at;
  }
  options.saf.unanswered->Ask(saf->system().audit->settings());
  const RacrouteResult result = Racroute(saf->system(), request, &idta, token);
  options.saf.unanswered->Answer();
  Answer answer = ToAnswer(result, &key);
  AddIdta(options.saf, idta, answer.json);
  return answer;
}

Result<Answer> Validate(Context& context, const Options& options) {
  auto key = IdtKey::Parse(context, options.key);
  if (!key) return RefusedRequest(context, options, nullptr, key.error());
  auto answer = CallRacroute(context, options, *key);
  if (!answer) return RefusedRequest(context, options, &*key, answer.error());
  MarkSimulated(*answer, options.key);
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
                   "judge the token at this time, for no user's sake: seconds "
                   "since 1970, or 2025-01-15T17:54:12Z");
  AddIdtKeyOptions(*verb, options->key);
  AddSafOptions(*verb, options->saf);
  verb->add_option("FILE", options->file,
                   "the token; standard input for - or nothing");
  SetRun(verb, invocation, options, &Validate);
  SetRefused(verb, invocation, options, &Refused);
}

}  // namespace sigtoken::cli
