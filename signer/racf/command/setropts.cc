// SETROPTS.

#include <array>

#include "signer/racf/command/commands.h"
#include "signer/racf/command/keyword.h"

namespace sigtoken {
namespace {

// What one command asks for, before anything is done.
struct Request {
  ClassOptions options;
  bool raclist = false;
  bool generic = false;
  bool refresh = false;
  bool list = false;
};

struct Keyword {
  std::string_view name;
  bool has_class;
  void (*set)(Request& request);
};

constexpr auto kKeywords = std::to_array<Keyword>({
    {"CLASSACT", true, [](Request& r) { r.options.active = true; }},
    {"GENCMD", true, [](Request& r) { r.options.gencmd = true; }},
    {"GENERIC", true,
     [](Request& r) {
       r.generic = true;
       r.options.generic = true;
       // Whoever checks generic profiles can also write them.
       r.options.gencmd = true;
     }},
    {"LIST", false, [](Request& r) { r.list = true; }},
    {"NOCLASSACT", true, [](Request& r) { r.options.active = false; }},
    {"NOGENCMD", true, [](Request& r) { r.options.gencmd = false; }},
    {"NOGENERIC", true, [](Request& r) { r.options.generic = false; }},
    {"NORACLIST", true, [](Request& r) { r.options.raclisted = false; }},
    {"RACLIST", true,
     [](Request& r) {
       r.raclist = true;
       r.options.raclisted = true;
     }},
    {"REFRESH", false, [](Request& r) { r.refresh = true; }},
});

Error Refused(std::string message, std::string cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, std::move(message),
                 std::move(cure));
}

Status Check(const Request& request, const ClassOptions& before) {
  if (request.refresh && !request.raclist && !request.generic) {
    return Refused("REFRESH says nothing of what is to be read again",
                   "write SETROPTS RACLIST(IDTDATA) REFRESH");
  }
  if (request.refresh && request.raclist && !before.raclisted) {
    return Refused(
        "the class IDTDATA is not RACLISTed: there is nothing to "
        "refresh",
        "write SETROPTS RACLIST(IDTDATA)");
  }
  if (request.options.generic && !request.options.gencmd) {
    return Refused(
        "generic profiles are checked: their commands cannot be "
        "turned off",
        "write SETROPTS NOGENERIC(IDTDATA) NOGENCMD(IDTDATA)");
  }
  return Ok();
}

void Print(const CommandContext& context) {
  const ClassOptions& options = context.options;
  const auto line = [&](const std::string& title, bool on) {
    context.Print(title + " = " + (on ? std::string(kIdtData) : "NONE"));
  };
  line("ACTIVE CLASSES", options.active);
  line("GENERIC PROFILE CLASSES", options.generic);
  line("GENERIC COMMAND CLASSES", options.gencmd);
  line("SETR RACLIST CLASSES", options.raclisted);
}

}  // namespace

Status Setropts(CommandContext& context, std::span<const Operand> operands) {
  if (operands.empty()) {
    return Refused("IKJ56701I MISSING OPERAND",
                   "write SETROPTS CLASSACT(IDTDATA) RACLIST(IDTDATA), or "
                   "SETROPTS LIST");
  }
  Request request{context.options};
  for (const Operand& operand : operands) {
    SIGTOKEN_ASSIGN(const Keyword* keyword,
                    MatchKeyword(kKeywords, operand.word));
    if (keyword->has_class) {
      SIGTOKEN_ASSIGN(const Operand value, OneValue(operand));
      SIGTOKEN_TRY(CheckClass(value));
    } else {
      SIGTOKEN_TRY(NoValue(operand));
    }
    keyword->set(request);
  }
  SIGTOKEN_TRY(Check(request, context.options));
  const bool was_listed = context.options.raclisted;
  const bool is_listed = request.options.raclisted;
  if (request.options != context.options) {
    context.options = request.options;
    SIGTOKEN_TRY(context.profiles.SetOptions(request.options));
  }
  // RACLIST without REFRESH leaves a list as it is that is there.
  if (is_listed && request.raclist && (request.refresh || !was_listed)) {
    SIGTOKEN_TRY(context.profiles.Refresh());
  }
  if (was_listed && !is_listed) SIGTOKEN_TRY(context.profiles.Unlist());
  if (request.list) Print(context);
  return Ok();
}

}  // namespace sigtoken
