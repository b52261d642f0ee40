// sigtoken idt generate

#include <algorithm>
#include <utility>

#include "pkcs11/base/printable.h"
#include "signer/idt/amr.h"
#include "signer/idt/generate.h"
#include "signer/idt/icsf_outcome.h"
#include "signer/idta/initacee.h"
#include "signer/idta/racroute.h"
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
  std::string service = "initacee";
  std::vector<std::string> amr;
  bool trusted_caller = false;
  bool end_user = false;
  std::string input_idt;
  IdtKeyOptions key;
  SafOptions saf;

  bool racroute() const { return service == "racroute"; }
};

// As CheckAmr(), whose message repeats no value: those of a token are others',
// these are the caller's own.
Status CheckAmrOptions(const std::vector<std::string>& values) {
  Status valid = CheckAmr(values);
  if (valid) return valid;
  Error error = std::move(valid).error();
  const auto unknown =
      std::find_if_not(values.begin(), values.end(), IsAmrValue);
  if (unknown != values.end()) {
    error.message =
        "amr is not valid: " + Quoted(*unknown) + " is not one of its values";
  }
  error.cure += "; repeat --amr for a second value";
  return error;
}

Status CheckOptions(const Options& options) {
  if (!options.racroute() && options.service != "initacee") {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   Quoted(options.service) + " is not a service",
                   "use initacee or racroute");
  }
  if (options.trusted_caller && options.end_user) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "--trusted-caller and --end-user contradict each other",
                   "use one of them; --end-user is the default");
  }
  if (!options.racroute() && !options.saf.keywords.empty()) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "--racroute is given, and the service is initacee",
                   "add --service racroute");
  }
  if (!options.amr.empty()) SIGTOKEN_TRY(CheckAmrOptions(options.amr));
  return Ok();
}

// All members are there whatever happened, so that a caller need not guess.
Answer ToAnswer(const GenerateResult& result, IdtService service,
                const IdtKey* key) {
  Answer answer;
  answer.status = result.exit_status;
  answer.json = {
      {"token", result.returned ? Json(result.token) : Json()},
      {"signed", result.is_signed},
      {"returned", result.returned},
      {"auth_done", result.auth_done},
      {"idt_gen_rc", result.idt_gen_rc},
      {"saf_rc", result.code.saf},
      {"racf_rc", result.code.racf},
      {"racf_reason", result.code.reason},
      {"code", FormatRacfCode(SurfaceOf(service), result.code)},
      {"racroute_code",
       service == IdtService::kRacroute
           ? Json(FormatRacfCode(RacfSurface::kRacroute, result.code))
           : Json()},
      {"profile", result.profile ? Json(*result.profile) : Json()},
      {"key", key != nullptr ? key->HandleJson(result.key) : Json()},
      {"claims", result.claims_json.empty()
                     ? Json()
                     : Json::parse(result.claims_json, nullptr, false)},
      {"icsf", IcsfJson(result.error ? ToIcsf(*result.error) : kIcsfDone)}};
  if (result.error) {
    answer.json["error"] = ErrorJson(*result.error);
    answer.message = ToText(*result.error) + " [" +
                     std::string(RacfSurfaceName(SurfaceOf(service))) + " " +
                     FormatRacfCode(SurfaceOf(service), result.code) +
                     ", IDTA_IDT_Gen_RC " + std::to_string(result.idt_gen_rc) +
                     "]";
  } else if (result.exit_status != kDone) {
    answer.message = "no identity token came back [" +
                     std::string(RacfSurfaceName(SurfaceOf(service))) + " " +
                     FormatRacfCode(SurfaceOf(service), result.code) +
                     ", IDTA_IDT_Gen_RC " + std::to_string(result.idt_gen_rc) +
                     "]";
  }
  AddConsole(result.console, answer);
  if (result.returned) answer.text = result.token + "\n";
  answer.warnings = result.warnings;
  if (result.returned && !result.is_signed) {
    answer.warnings.emplace_back(
        "the token is not signed: keep it with an authorised caller");
  }
  return answer;
}

IdtService ServiceOf(const Options& options) {
  return options.racroute() ? IdtService::kRacroute : IdtService::kInitAcee;
}

std::string RecordGivenUp(const Options& options,
                          const GenerateResult& result) {
  if (!options.racroute()) {
    return RecordGivenUp(options.saf,
                         InitAceeRequest{options.appl, options.user}, result);
  }
  RacrouteRequest request;
  request.appl = options.appl;
  request.user = options.user;
  RacrouteResult given_up;
  given_up.generated = result;
  return RecordGivenUp(options.saf, request, given_up);
}

// What is refused before there is a request is a parameter error of either
// service; what is not there is "ICSF not available".
Answer Refused(const Error& error, const Options& options) {
  const IdtService service = ServiceOf(options);
  if (IsIcsfUnavailable(error)) {
    GenerateResult unavailable = NotGenerated(service, error);
    unavailable.console = RecordGivenUp(options, unavailable);
    return ToAnswer(unavailable, service, nullptr);
  }
  GenerateResult result;
  result.code = service == IdtService::kInitAcee ? kInitAceeParameter
                                                 : kRacrouteParameter;
  result.error = error;
  result.exit_status = ToIcsf(error).return_code;
  return ToAnswer(result, service, nullptr);
}

// What RACROUTE says where it did not come to make a token.
GenerateResult NothingGenerated(RacrouteResult result) {
  if (result.code == kRacfDone) {
    GenerateResult nothing;
    nothing.exit_status = kNo;
    nothing.warnings = {result.ignored.empty()
                            ? "ENVIR=DELETE makes no token"
                            : "the IDTA was not looked at: " + result.ignored};
    return nothing;
  }
  const bool of_token = result.validated && !result.validated->valid;
  GenerateResult refused = GenerateRefused(
      result.code,
      result.error.value_or(Refusal(
          kParameterInvalid, CKR_ARGUMENTS_BAD,
          (of_token ? "the input token is not accepted: " : "") + result.reason,
          of_token
              ? "authenticate the user again, without an input token"
              : std::string(CureOf(RacfSurface::kRacroute, result.code)))));
  if (result.validated) {
    refused.profile = std::move(result.validated->profile);
    refused.key = std::move(result.validated->key);
  }
  refused.console = std::move(result.console);
  refused.warnings = std::move(result.warnings);
  if (result.exit_status == kNotAvailableStatus) {
    refused.exit_status = kNotAvailableStatus;
  }
  return refused;
}

// A request that could be read and that the service itself does not see: on
// record like those that it refuses, as with the C entries.
Answer RefusedRequest(Context& context, const Options& options, IdtKey* key,
                      const Error& error) {
  const auto saf = Saf::Open(context, key);
  // Without a configuration nobody knows where records go.
  if (!saf || IsIcsfUnavailable(error)) return Refused(error, options);
  const SafSystem& system = (*saf)->system();
  if (!options.racroute()) {
    return ToAnswer(
        RefuseInitAcee(system, {options.appl, options.user, options.amr},
                       error),
        IdtService::kInitAcee, nullptr);
  }
  RacrouteRequest request;
  request.appl = options.appl;
  request.user = options.user;
  return ToAnswer(NothingGenerated(RefuseRacroute(system, request, error)),
                  IdtService::kRacroute, nullptr);
}

// What came of RACROUTE, and what it would answer to who logs on.
struct Called {
  GenerateResult result;
  std::string logon_code;
};

Called CallRacroute(const SafSystem& system, const Options& options,
                    RacrouteRequest request, Idta& idta,
                    const std::string& input) {
  request.user = options.user;
  request.appl = options.appl;
  request.amr = options.amr;
  request.nobody_logs_on = true;
  if (request.amr.empty() && !request.credential && !request.must_have_token) {
    request.credential = Authenticator::kPassword;
  }
  // An input token is there for its txn: it is to be exchanged.
  if (request.must_have_token && request.amr.empty() &&
      !request.new_credential) {
    request.amr = {std::string(kAmrPassword)};
  }
  RacrouteResult result = Racroute(system, request, &idta, input);
  std::string logon_code = LogonCode(result);
  if (!result.generated) {
    return {NothingGenerated(std::move(result)), std::move(logon_code)};
  }
  GenerateResult generated = *std::move(result.generated);
  generated.console = std::move(result.console);
  generated.warnings = std::move(result.warnings);
  return {std::move(generated), std::move(logon_code)};
}

Result<Answer> CallService(Context& context, const Options& options,
                           IdtKey& key) {
  SIGTOKEN_TRY(CheckOptions(options));
  std::string input;
  if (!options.input_idt.empty()) {
    SIGTOKEN_ASSIGN(input, ReadToken(options.input_idt));
  }
  SIGTOKEN_ASSIGN(Idta idta,
                  ReadIdta(options.saf, !options.trusted_caller, input.size()));
  RacrouteRequest racroute;
  SIGTOKEN_TRY(ReadKeywords(options.saf, racroute));
  // An empty file was meant to have a token too.
  racroute.must_have_token = !options.input_idt.empty();
  if (racroute.must_have_token && !options.racroute() && idta.idt_len == 0) {
    idta.idt_len = 1;
  }
  SIGTOKEN_ASSIGN(const auto saf, Saf::Open(context, &key));
  options.saf.unanswered->Ask(saf->system().audit->settings());
  const Called called =
      options.racroute()
          ? CallRacroute(saf->system(), options, std::move(racroute), idta,
                         input)
          : Called{InitAcee(saf->system(),
                            {options.appl, options.user, options.amr}, idta),
                   ""};
  options.saf.unanswered->Answer();
  Answer answer = ToAnswer(called.result, ServiceOf(options), &key);
  if (options.racroute()) answer.json["racroute_code"] = called.logon_code;
  AddIdta(options.saf, idta, answer.json);
  return answer;
}

Result<Answer> Generate(Context& context, const Options& options) {
  auto key = IdtKey::Parse(context, options.key);
  if (!key) return RefusedRequest(context, options, nullptr, key.error());
  auto answer = CallService(context, options, *key);
  if (!answer) return RefusedRequest(context, options, &*key, answer.error());
  MarkSimulated(*answer, options.key);
  return answer;
}

}  // namespace

void AddIdtGenerate(CLI::App& idt, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = AddVerb(idt, "generate", "make an identity token",
                           "sigtoken idt generate --appl APPL01 --user USER01");
  verb->add_option("--appl", options->appl, "application name, 1-8 characters")
      ->required();
  verb->add_option("--user", options->user, "user ID, 1-8 characters")
      ->required();
  verb->add_option("--service", options->service,
                   "initacee (default) or racroute");
  verb->add_option("--amr", options->amr,
                   "how the user was authenticated, with racroute: saf-pwd ...")
      ->expected(1)
      ->take_all();
  verb->add_flag(
      "--trusted-caller", options->trusted_caller,
      "the token stays with an authorised caller: it may be unsigned");
  verb->add_flag("--end-user", options->end_user,
                 "the token goes to an end user (the default)");
  verb->add_option("--input-idt", options->input_idt,
                   "file with the token that passes its txn on");
  AddIdtKeyOptions(*verb, options->key);
  AddSafOptions(*verb, options->saf);
  SetRun(verb, invocation, options, &Generate);
  SetRefused(verb, invocation, options, &Refused);
}

}  // namespace sigtoken::cli
