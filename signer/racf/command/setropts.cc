// SETROPTS.

#include <array>
#include <string_view>
#include <utility>
#include <vector>

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

// RACF's other ones (z/OS Security Server RACF Command Language Reference, from
// memory): they count where one is shortened, and are refused by name.
constexpr auto kOthers = std::to_array<std::string_view>({
    "ADDCREATOR",
    "ADSP",
    "APPLAUDIT",
    "AUDIT",
    "CATDSNS",
    "CMDVIOL",
    "COMPATMODE",
    "EGN",
    "ERASE",
    "GENERICOWNER",
    "GENLIST",
    "GLOBAL",
    "GRPLIST",
    "INACTIVE",
    "INITSTATS",
    "JES",
    "KERBLVL",
    "LANGUAGE",
    "LOGOPTIONS",
    "MLACTIVE",
    "MLFSOBJ",
    "MLIPCOBJ",
    "MLNAMES",
    "MLQUIET",
    "MLS",
    "MLSTABLE",
    "MODEL",
    "NOADDCREATOR",
    "NOADSP",
    "NOAPPLAUDIT",
    "NOAUDIT",
    "NOCATDSNS",
    "NOCMDVIOL",
    "NOCOMPATMODE",
    "NOEGN",
    "NOERASE",
    "NOGENERICOWNER",
    "NOGENLIST",
    "NOGLOBAL",
    "NOGRPLIST",
    "NOINACTIVE",
    "NOINITSTATS",
    "NOMODEL",
    "NOOPERAUDIT",
    "NOPREFIX",
    "NOPROTECTALL",
    "NOREALDSN",
    "NOSAUDIT",
    "NOSECLABELAUDIT",
    "NOSESSIONINTERVAL",
    "NOSTATISTICS",
    "NOTAPEDSN",
    "NOWHEN",
    "OPERAUDIT",
    "PASSWORD",
    "PREFIX",
    "PROTECTALL",
    "REALDSN",
    "RETPD",
    "RVARYPW",
    "SAUDIT",
    "SECLABELAUDIT",
    "SECLABELCONTROL",
    "SESSIONINTERVAL",
    "STATISTICS",
    "TAPEDSN",
    "TERMINAL",
    "WHEN",
});

Error Refused(std::string message, std::string cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, std::move(message),
                 std::move(cure));
}

Status CheckNoContradiction(const std::vector<std::string_view>& seen,
                            std::string_view name) {
  for (const std::string_view other : seen) {
    if (other != "NO" + std::string(name) &&
        name != "NO" + std::string(other)) {
      continue;
    }
    return Refused(std::string(other) + " and " + std::string(name) +
                       " contradict each other",
                   "write one of them");
  }
  return Ok();
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
  std::vector<std::string_view> seen;
  for (const Operand& operand : operands) {
    SIGTOKEN_ASSIGN(const Keyword* keyword,
                    MatchKeyword(kKeywords, operand, kOthers));
    SIGTOKEN_TRY(CheckNoContradiction(seen, keyword->name));
    seen.push_back(keyword->name);
    if (keyword->has_class) {
      for (const Operand& value : operand.values) {
        SIGTOKEN_TRY(CheckClass(value));
      }
      SIGTOKEN_TRY(OneValue(operand));
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
