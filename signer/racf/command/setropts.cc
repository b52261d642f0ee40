// SETROPTS.

#include <array>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "pkcs11/base/printable.h"
#include "signer/racf/command/commands.h"
#include "signer/racf/command/keyword.h"

namespace sigtoken {
namespace {

// What one command asks for, before anything is done.
struct Request {
  ClassOptions options;
  UserOptions users;
  bool raclist = false;
  bool generic = false;
  bool refresh = false;
  bool list = false;
};

Error Refused(std::string message, std::string cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, std::move(message),
                 std::move(cure));
}

Status OneClass(const Operand& operand) {
  for (const Operand& value : operand.values) SIGTOKEN_TRY(CheckClass(value));
  SIGTOKEN_TRY(OneValue(operand));
  return Ok();
}

// AUDIT of other classes says nothing about identity tokens (OA63462, usage
// note 6 of initACEE).
Status ClassOfUsers(const Operand& operand) {
  SIGTOKEN_ASSIGN(const Operand value, OneValue(operand));
  if (value.word == "USER") return Ok();
  return Refused("the class " + Quoted(value.word) + " is not audited here",
                 "write AUDIT(USER) or NOAUDIT(USER)");
}

// What stands in PASSWORD( ).
struct PasswordKeyword {
  std::string_view name;
  Status (*read)(const Operand& operand, UserOptions& users);
};

constexpr auto kPasswordKeywords = std::to_array<PasswordKeyword>({
    {"NOREVOKE",
     [](const Operand& operand, UserOptions& users) -> Status {
       users.revoke_after.reset();
       return NoValue(operand);
     }},
    {"REVOKE",
     [](const Operand& operand, UserOptions& users) -> Status {
       SIGTOKEN_ASSIGN(const Operand value, OneValue(operand));
       int attempts = 0;
       const char* const end = value.word.data() + value.word.size();
       const auto read = std::from_chars(value.word.data(), end, attempts);
       if (read.ec != std::errc() || read.ptr != end || attempts < 1 ||
           attempts > 254) {
         return InvalidOperand("REVOKE", value.word, "write 1 to 254");
       }
       users.revoke_after = attempts;
       return Ok();
     }},
});

// RACF's other ones in PASSWORD( ), from memory.
constexpr auto kOtherPassword = std::to_array<std::string_view>({
    "ALGORITHM",
    "HISTORY",
    "INTERVAL",
    "MINCHANGE",
    "MIXEDCASE",
    "NOALGORITHM",
    "NOHISTORY",
    "NOMIXEDCASE",
    "NORULE",
    "NORULES",
    "NOSPECIALCHARS",
    "NOWARNING",
    "PHRASEINT",
    "RULE",
    "SPECIALCHARS",
    "WARNING",
});

Status ReadPassword(const Operand& operand, Request& request) {
  if (operand.values.empty()) {
    return Refused("IKJ56701I MISSING PASSWORD VALUE",
                   "write PASSWORD(REVOKE(5)) or PASSWORD(NOREVOKE)");
  }
  const PasswordKeyword* seen = nullptr;
  for (const Operand& value : operand.values) {
    // Who mistakes this for a command about a user's password is not answered
    // with it.
    SIGTOKEN_ASSIGN(const PasswordKeyword* keyword,
                    MatchKeyword(kPasswordKeywords, value, kOtherPassword,
                                 Repeat::kNothing));
    if (seen != nullptr) {
      return Refused("REVOKE or NOREVOKE stands there twice",
                     "write one of them, once");
    }
    seen = keyword;
    SIGTOKEN_TRY(keyword->read(value, request.users));
  }
  return Ok();
}

struct Keyword {
  std::string_view name;
  Status (*read)(const Operand& operand, Request& request);
};

constexpr auto kKeywords = std::to_array<Keyword>({
    {"AUDIT",
     [](const Operand& o, Request& r) {
       r.users.audit_user = true;
       return ClassOfUsers(o);
     }},
    {"CLASSACT",
     [](const Operand& o, Request& r) {
       r.options.active = true;
       return OneClass(o);
     }},
    {"GENCMD",
     [](const Operand& o, Request& r) {
       r.options.gencmd = true;
       return OneClass(o);
     }},
    {"GENERIC",
     [](const Operand& o, Request& r) {
       r.generic = true;
       r.options.generic = true;
       // Whoever checks generic profiles can also write them.
       r.options.gencmd = true;
       return OneClass(o);
     }},
    {"LIST",
     [](const Operand& o, Request& r) {
       r.list = true;
       return NoValue(o);
     }},
    {"NOAUDIT",
     [](const Operand& o, Request& r) {
       r.users.audit_user = false;
       return ClassOfUsers(o);
     }},
    {"NOCLASSACT",
     [](const Operand& o, Request& r) {
       r.options.active = false;
       return OneClass(o);
     }},
    {"NOGENCMD",
     [](const Operand& o, Request& r) {
       r.options.gencmd = false;
       return OneClass(o);
     }},
    {"NOGENERIC",
     [](const Operand& o, Request& r) {
       r.options.generic = false;
       return OneClass(o);
     }},
    {"NORACLIST",
     [](const Operand& o, Request& r) {
       r.options.raclisted = false;
       return OneClass(o);
     }},
    {"NOSAUDIT",
     [](const Operand& o, Request& r) {
       r.users.saudit = false;
       return NoValue(o);
     }},
    {"PASSWORD", &ReadPassword},
    {"RACLIST",
     [](const Operand& o, Request& r) {
       r.raclist = true;
       r.options.raclisted = true;
       return OneClass(o);
     }},
    {"REFRESH",
     [](const Operand& o, Request& r) {
       r.refresh = true;
       return NoValue(o);
     }},
    {"SAUDIT",
     [](const Operand& o, Request& r) {
       r.users.saudit = true;
       return NoValue(o);
     }},
});

// RACF's other ones (z/OS Security Server RACF Command Language Reference, from
// memory): they count where one is shortened, and are refused by name.
constexpr auto kOthers = std::to_array<std::string_view>({
    "ADDCREATOR",
    "ADSP",
    "APPLAUDIT",
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
    "NOSECLABELAUDIT",
    "NOSESSIONINTERVAL",
    "NOSTATISTICS",
    "NOTAPEDSN",
    "NOWHEN",
    "OPERAUDIT",
    "PREFIX",
    "PROTECTALL",
    "REALDSN",
    "RETPD",
    "RVARYPW",
    "SECLABELAUDIT",
    "SECLABELCONTROL",
    "SESSIONINTERVAL",
    "STATISTICS",
    "TAPEDSN",
    "TERMINAL",
    "WHEN",
});

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

// In the order of RACF's list, as far as it is about what is kept here.
void Print(const CommandContext& context, const UserOptions& users) {
  const ClassOptions& options = context.options;
  const auto line = [&](const std::string& title, bool on,
                        std::string_view class_name = kIdtData) {
    context.Print(title + " = " + (on ? std::string(class_name) : "NONE"));
  };
  context.Print(std::string("ATTRIBUTES = ") +
                (users.saudit ? "SAUDIT" : "NOSAUDIT"));
  line("AUDIT CLASSES", users.audit_user, "USER");
  line("ACTIVE CLASSES", options.active);
  line("GENERIC PROFILE CLASSES", options.generic);
  line("GENERIC COMMAND CLASSES", options.gencmd);
  line("SETR RACLIST CLASSES", options.raclisted);
  context.Print("PASSWORD PROCESSING OPTIONS:");
  if (!users.revoke_after) {
    context.Print("  USERIDS NOT BEING AUTOMATICALLY REVOKED.");
    return;
  }
  const std::string attempts = std::to_string(*users.revoke_after);
  context.Print("  AFTER " + std::string(3 - attempts.size(), ' ') + attempts +
                " CONSECUTIVE UNSUCCESSFUL PASSWORD ATTEMPTS, A USERID WILL BE "
                "REVOKED.");
}

}  // namespace

Status Setropts(CommandContext& context, std::span<const Operand> operands) {
  if (operands.empty()) {
    return Refused("IKJ56701I MISSING OPERAND",
                   "write SETROPTS CLASSACT(IDTDATA) RACLIST(IDTDATA), or "
                   "SETROPTS LIST");
  }
  SIGTOKEN_ASSIGN(const UserOptions users, context.users.Options());
  Request request{context.options, users};
  std::vector<std::string_view> seen;
  for (const Operand& operand : operands) {
    SIGTOKEN_ASSIGN(const Keyword* keyword,
                    MatchKeyword(kKeywords, operand, kOthers));
    SIGTOKEN_TRY(CheckNoContradiction(seen, keyword->name));
    seen.push_back(keyword->name);
    SIGTOKEN_TRY(keyword->read(operand, request));
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
  if (request.users != users) {
    SIGTOKEN_TRY(context.users.SetOptions(request.users));
  }
  if (request.list) Print(context, request.users);
  return Ok();
}

}  // namespace sigtoken
