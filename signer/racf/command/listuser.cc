// LISTUSER.

#include "signer/racf/command/commands.h"
#include "signer/racf/command/user_ids.h"

namespace sigtoken {
namespace {

// RACF has several attributes in one line, in an order that no source gives.
void PrintAttributes(const CommandContext& context, const User& user) {
  bool has_one = false;
  const auto print = [&](const char* name, bool has) {
    if (!has) return;
    has_one = true;
    context.Print(std::string(" ATTRIBUTES=") + name);
  };
  print("SPECIAL", user.special);
  print("UAUDIT", user.uaudit);
  print("REVOKED", user.revoked);
  print("PROTECTED", user.is_protected());
  print("NONE", !has_one);
}

std::string Expired(bool has_one, bool expired) {
  if (!has_one) return "N/A";
  return expired ? "YES" : "NO";
}

void PrintUser(const CommandContext& context, const User& user) {
  context.Print("USER=" + user.id +
                "  NAME=" + (user.name.empty() ? "UNKNOWN" : user.name));
  PrintAttributes(context, user);
  // RACF tells the first two by dates, which are not kept, and the last not at
  // all.
  context.Print(
      " SIGTOKEN: PASSWORD EXPIRED=" +
      Expired(user.has_password, user.password_expired) +
      "  PHRASE EXPIRED=" + Expired(user.has_phrase, user.phrase_expired) +
      "  REVOKE COUNT=" + std::to_string(user.revoke_count));
}

Status PrintAll(CommandContext& context) {
  bool found = false;
  SIGTOKEN_TRY(context.users.ForEach([&](const User& user) {
    if (found) context.Print("");
    found = true;
    PrintUser(context, user);
    return true;
  }));
  if (found) return Ok();
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 "ICH30011I NO USERS LISTED.", "define a user with ADDUSER");
}

}  // namespace

Status Listuser(CommandContext& context, std::span<const Operand> operands) {
  const bool all = !operands.empty() && operands.front().word == "*" &&
                   !operands.front().quoted && !operands.front().has_values;
  UserIdsAndKeywords read{{}, operands.subspan(all ? 1 : 0)};
  if (!all) {
    SIGTOKEN_ASSIGN(read, ReadUserIds(operands, "LISTUSER"));
  }
  if (!read.keywords.empty()) {
    return Refusal(
        kParameterInvalid, CKR_ARGUMENTS_BAD, "IKJ56712I INVALID KEYWORD",
        "LISTUSER takes user IDs, or * for all; a user's segments are not kept "
        "here");
  }
  if (all) return PrintAll(context);
  bool first = true;
  for (const std::string& id : read.ids) {
    SIGTOKEN_ASSIGN(const auto user, context.users.Find(id));
    if (!user) {
      return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     // The blanks are RACF's.
                     "ICH30001I UNABLE TO LOCATE USER    ENTRY " + id,
                     "define it with ADDUSER, or list all with LISTUSER *");
    }
    if (!first) context.Print("");
    first = false;
    PrintUser(context, *user);
  }
  return Ok();
}

}  // namespace sigtoken
