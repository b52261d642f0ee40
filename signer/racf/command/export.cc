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

// What stands for passwords and phrases, whose values nobody knows.
constexpr std::string_view kPassword = " PASSWORD(CHANGEME)";
constexpr std::string_view kPhrase = " PHRASE('CHANGE ME')";

// A user's commands. ADDUSER gives passwords that have expired; those that have
// not are given once more by ALTUSER.
std::string Definition(const User& user) {
  std::string add = "ADDUSER " + user.id;
  if (!user.name.empty()) add += " NAME(" + QuotedOperand(user.name) + ")";
  if (user.has_password) add += kPassword;
  if (user.has_phrase) add += kPhrase;
  if (user.special) add += " SPECIAL";
  std::string alter;
  if (user.has_password && !user.password_expired) alter += kPassword;
  if (user.has_phrase && !user.phrase_expired) alter += kPhrase;
  if (!alter.empty()) alter += " NOEXPIRED";
  if (user.uaudit) alter += " UAUDIT";
  if (user.revoked) alter += " REVOKE";
  add += "\n";
  return alter.empty() ? add : add + "ALTUSER " + user.id + alter + "\n";
}

Result<std::string> ExportUsers(StoredUsers& users) {
  SIGTOKEN_ASSIGN(const UserOptions options, users.Options());
  std::string text;
  if (options.revoke_after) {
    text += "SETROPTS PASSWORD(REVOKE(" +
            std::to_string(*options.revoke_after) + "))\n";
  }
  if (options.audit_user) text += "SETROPTS AUDIT(USER)\n";
  if (!options.saudit) text += "SETROPTS NOSAUDIT\n";
  std::string definitions;
  SIGTOKEN_TRY(users.ForEach([&](const User& user) {
    definitions += Definition(user);
    return true;
  }));
  if (definitions.empty()) return text;
  return text +
         "/* passwords are not kept: CHANGEME and 'CHANGE ME' stand for all of "
         "them, and are to be replaced before RACF itself sees them; revoke "
         "counts begin at 0 */\n" +
         definitions;
}

Result<std::string> Export(const Profiles& profiles, StoredUsers& users) {
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
  SIGTOKEN_ASSIGN(const std::string of_users, ExportUsers(users));
  text += of_users;
  // A file of commands is to have something in it.
  return text.empty() ? std::string("/* nothing is defined */\n") : text;
}

}  // namespace

Result<std::string> ExportCommands(Database& database) {
  const Profiles profiles(database);
  StoredUsers users(database);
  std::string text;
  SIGTOKEN_TRY(profiles.AtOneMoment([&]() -> Status {
    SIGTOKEN_ASSIGN(text, Export(profiles, users));
    return Ok();
  }));
  return text;
}

}  // namespace sigtoken
