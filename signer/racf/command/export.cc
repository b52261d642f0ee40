// The commands that rebuild a store.

#include "signer/racf/command/commands.h"

namespace sigtoken {
namespace {

std::string QuotedOperand(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

std::string Definition(const Profile& profile) {
  std::string command = "RDEFINE " + std::string(kIdtData) + " " +
                        profile.name.text() + " OWNER(" + profile.owner +
                        ") UACC(" + profile.uacc + ")";
  if (!profile.data.empty()) {
    command += " DATA(" + QuotedOperand(profile.data) + ")";
  }
  if (!profile.idtparms) return command + "\n";
  command += " IDTPARMS(";
  std::string_view between;
  for (const IdtParmsKeyword& keyword : IdtParmsKeywords()) {
    const auto value = keyword.value(*profile.idtparms);
    if (!value) continue;
    // Labels keep their case.
    const bool label =
        keyword.name == "SIGLABELPRIMARY" || keyword.name == "SIGKIDPRIMARY";
    command.append(between).append(keyword.name).append("(");
    command.append(label ? QuotedOperand(*value) : *value).append(")");
    between = " ";
  }
  return command + ")\n";
}

std::string Setting(std::string_view keyword) {
  return "SETROPTS " + std::string(keyword) + "(" + std::string(kIdtData) +
         ")\n";
}

Result<std::string> Export(const Profiles& profiles) {
  SIGTOKEN_ASSIGN(const ClassOptions options, profiles.Options());
  SIGTOKEN_ASSIGN(const bool unseen, profiles.HasUnseenChanges());
  // Names with generic characters are written as what they are by whether
  // generics are enabled at that moment.
  std::string literal;
  std::string discrete;
  std::string generic;
  SIGTOKEN_TRY(profiles.ForEach([&](const Profile& profile) {
    std::string& part = profile.name.is_generic() ? generic
                        : ProfileName::HasGenericCharacters(profile.name.text())
                            ? literal
                            : discrete;
    part += Definition(profile);
    return true;
  }));
  std::string text;
  if (options.raclisted && unseen) {
    text +=
        "/* requests are answered by older profiles, until SETROPTS "
        "RACLIST(IDTDATA) REFRESH */\n";
  }
  text += literal;
  if (options.generic) {
    text += Setting("GENERIC");
  } else if (options.gencmd || !generic.empty()) {
    text += Setting("GENCMD");
  }
  text += discrete + generic;
  if (!options.generic && !options.gencmd && !generic.empty()) {
    text += Setting("NOGENCMD");
  }
  if (options.active) text += Setting("CLASSACT");
  if (options.raclisted) text += Setting("RACLIST");
  // A file of commands is to have something in it.
  return text.empty() ? std::string("/* nothing is defined */\n") : text;
}

}  // namespace

Result<std::string> ExportCommands(Database& database) {
  const Profiles profiles(database);
  std::string text;
  SIGTOKEN_TRY(profiles.AtOneMoment([&]() -> Status {
    SIGTOKEN_ASSIGN(text, Export(profiles));
    return Ok();
  }));
  return text;
}

}  // namespace sigtoken
