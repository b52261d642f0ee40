// sigtoken idt generate

#include <algorithm>
#include <utility>

#include "pkcs11/base/printable.h"
#include "signer/idt/amr.h"
#include "signer/idt/generate.h"
#include "signer/idt/icsf_outcome.h"
#include "tools/cli/command.h"
#include "tools/cli/idt_key.h"
#include "tools/cli/input.h"
#include "tools/cli/report.h"

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

Result<GenerateRequest> ToRequest(const Options& options) {
  GenerateRequest request;
  if (options.service == "racroute") {
    request.service = IdtService::kRacroute;
  } else if (options.service != "initacee") {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   Quoted(options.service) + " is not a service",
                   "use initacee or racroute");
  }
  if (options.trusted_caller && options.end_user) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "--trusted-caller and --end-user contradict each other",
                   "use one of them; --end-user is the default");
  }
  request.appl = options.appl;
  request.user = options.user;
  if (!options.amr.empty()) SIGTOKEN_TRY(CheckAmrOptions(options.amr));
  request.amr = options.amr;
  request.end_user = !options.trusted_caller;
  if (!options.input_idt.empty()) {
    SIGTOKEN_ASSIGN(request.input_token, ReadToken(options.input_idt));
  }
  return request;
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
  if (result.returned) answer.text = result.token + "\n";
  if (result.returned && !result.is_signed) {
    answer.warnings.emplace_back(
        "the token is not signed: keep it with an authorised caller");
  }
  return answer;
}

// What is refused before RACF would see it is a parameter error of either
// service; what is not there is "ICSF not available".
Answer Refused(const Error& error, const Options& options) {
  const IdtService service = options.service == "racroute"
                                 ? IdtService::kRacroute
                                 : IdtService::kInitAcee;
  if (IsIcsfUnavailable(error)) {
    return ToAnswer(NotGenerated(service, error), service, nullptr);
  }
  GenerateResult result;
  result.code = service == IdtService::kInitAcee ? kInitAceeParameter
                                                 : kRacrouteParameter;
  result.error = error;
  result.exit_status = ToIcsf(error).return_code;
  return ToAnswer(result, service, nullptr);
}

Answer DoGenerate(Context& context, const Options& options) {
  auto request = ToRequest(options);
  if (!request) return Refused(request.error(), options);
  auto key = IdtKey::Parse(context, options.key);
  if (!key) return Refused(key.error(), options);
  auto choice = key->Choice();
  if (!choice) return Refused(choice.error(), options);
  request->key = *std::move(choice);
  return ToAnswer(GenerateIdt(*request), request->service, &*key);
}

Result<Answer> Generate(Context& context, const Options& options) {
  Answer answer = DoGenerate(context, options);
  MarkSimulated(answer, options.key);
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
  SetRun(verb, invocation, options, &Generate);
  SetRefused(verb, invocation, options, &Refused);
}

}  // namespace sigtoken::cli
