// ADDUSER and ALTUSER.
//
// No message here repeats a word of the command but user IDs and keywords: any
// other one may be a password that stands in the wrong place.

#include <algorithm>
#include <array>
#include <utility>

#include "signer/racf/command/commands.h"
#include "signer/racf/command/keyword.h"
#include "signer/racf/command/user_ids.h"

namespace sigtoken {
namespace {

// z/OS Security Server RACF Command Language Reference, ADDUSER.
constexpr std::size_t kMaxName = 20;
constexpr std::size_t kMaxPassword = 8;
constexpr std::size_t kMinPhrase = 9;
constexpr std::size_t kMaxPhrase = 100;

// What a command says; nothing where it says nothing.
struct Change {
  std::optional<bool> has_name;
  std::string name;
  std::optional<bool> has_password;
  std::optional<bool> has_phrase;
  std::optional<bool> has_card;
  std::optional<bool> expired;
  std::optional<bool> revoked;
  std::optional<bool> special;
  std::optional<bool> uaudit;

  bool gives_one() const {
    return has_password.value_or(false) || has_phrase.value_or(false);
  }
};

Error Refused(std::string message, std::string cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, std::move(message),
                 std::move(cure));
}

Status ReadName(const Operand& operand, Change& change) {
  SIGTOKEN_ASSIGN(const Operand value, OneValue(operand));
  const bool printable =
      std::all_of(value.word.begin(), value.word.end(),
                  [](char c) { return c >= ' ' && c < '\x7F'; });
  if (value.word.size() > kMaxName || !printable) {
    return Refused("IKJ56702I INVALID NAME",
                   "write up to 20 printable characters of ASCII");
  }
  change.name = value.word;
  return Ok();
}

// PASSWORD and PHRASE alone are not refused for what they mean in RACF: long
// ago PASSWORD without a value was the name of the default group.
Result<Operand> SecretValue(const Operand& operand, std::string_view keyword,
                            std::string_view example) {
  if (!operand.has_values) {
    return Refused(std::string(keyword) + " has no value",
                   "write " + std::string(example) +
                       " to standard input or into a file for --file: that "
                       "there is one is kept, the value itself is not");
  }
  return OneValue(operand);
}

Status ReadPassword(const Operand& operand, Change&) {
  SIGTOKEN_ASSIGN(const Operand value,
                  SecretValue(operand, "PASSWORD", "PASSWORD(value)"));
  if (!value.word.empty() && value.word.size() <= kMaxPassword) return Ok();
  return Refused("IKJ56702I INVALID PASSWORD", "write 1 to 8 characters");
}

Status ReadPhrase(const Operand& operand, Change&) {
  SIGTOKEN_ASSIGN(const Operand value,
                  SecretValue(operand, "PHRASE", "PHRASE('value')"));
  if (value.quoted && value.word.size() >= kMinPhrase &&
      value.word.size() <= kMaxPhrase) {
    return Ok();
  }
  return Refused("IKJ56702I INVALID PHRASE",
                 "write 9 to 100 characters in quotation marks");
}

Status Alone(const Operand& operand, Change&) { return NoValue(operand); }

Status WithoutDate(const Operand& operand, Change&) {
  if (!operand.has_values) return Ok();
  return Refused("the dates of REVOKE and RESUME are not kept here",
                 "leave out the parentheses: it then counts at once");
}

struct Keyword {
  std::string_view name;
  std::optional<bool> Change::*says;  // The same for those that contradict.
  bool value;
  Status (*read)(const Operand& operand, Change& change);
};

constexpr auto kAddKeywords = std::to_array<Keyword>({
    {"NAME", &Change::has_name, true, &ReadName},
    {"NOOIDCARD", &Change::has_card, false, &Alone},
    {"NOPASSWORD", &Change::has_password, false, &Alone},
    {"NOPHRASE", &Change::has_phrase, false, &Alone},
    {"NOSPECIAL", &Change::special, false, &Alone},
    {"PASSWORD", &Change::has_password, true, &ReadPassword},
    {"PHRASE", &Change::has_phrase, true, &ReadPhrase},
    {"SPECIAL", &Change::special, true, &Alone},
});

constexpr auto kAlterKeywords = std::to_array<Keyword>({
    {"EXPIRED", &Change::expired, true, &Alone},
    {"NAME", &Change::has_name, true, &ReadName},
    {"NOEXPIRED", &Change::expired, false, &Alone},
    {"NOOIDCARD", &Change::has_card, false, &Alone},
    {"NOPASSWORD", &Change::has_password, false, &Alone},
    {"NOPHRASE", &Change::has_phrase, false, &Alone},
    {"NOSPECIAL", &Change::special, false, &Alone},
    {"NOUAUDIT", &Change::uaudit, false, &Alone},
    {"PASSWORD", &Change::has_password, true, &ReadPassword},
    {"PHRASE", &Change::has_phrase, true, &ReadPhrase},
    {"RESUME", &Change::revoked, false, &WithoutDate},
    {"REVOKE", &Change::revoked, true, &WithoutDate},
    {"SPECIAL", &Change::special, true, &Alone},
    {"UAUDIT", &Change::uaudit, true, &Alone},
});

// RACF's other ones (z/OS Security Server RACF Command Language Reference, from
// memory): they count where one is shortened, and are refused by name.
constexpr auto kOthers = std::to_array<std::string_view>({
    "ADDCATEGORY",  "ADSP",       "AUDITOR",   "AUTHORITY",  "CICS",
    "CLAUTH",       "CSDATA",     "DATA",      "DCE",        "DELCATEGORY",
    "DFLTGRP",      "DFP",        "EIM",       "GROUP",      "GRPACC",
    "KERB",         "LANGUAGE",   "LNOTES",    "MFA",        "MODEL",
    "NDS",          "NETVIEW",    "NOADSP",    "NOAUDITOR",  "NOCICS",
    "NOCLAUTH",     "NOCSDATA",   "NODATA",    "NODCE",      "NODFP",
    "NOEIM",        "NOGRPACC",   "NOKERB",    "NOLANGUAGE", "NOLNOTES",
    "NOMFA",        "NOMODEL",    "NONDS",     "NONETVIEW",  "NOOMVS",
    "NOOPERATIONS", "NOOPERPARM", "NOOVM",     "NOPROXY",    "NORESTRICTED",
    "NORESUME",     "NOREVOKE",   "NOROAUDIT", "NOSECLABEL", "NOSECLEVEL",
    "NOTSO",        "NOWORKATTR", "OIDCARD",   "OMVS",       "OPERATIONS",
    "OPERPARM",     "OVM",        "OWNER",     "PROXY",      "PWCLEAN",
    "PWCONVERT",    "RESTRICTED", "ROAUDIT",   "SECLABEL",   "SECLEVEL",
    "TSO",          "UACC",       "WHEN",      "WORKATTR",
});

Status CheckNew(const std::vector<const Keyword*>& seen,
                const Keyword& keyword) {
  for (const Keyword* other : seen) {
    if (other->says != keyword.says) continue;
    const std::string name(keyword.name);
    return other == &keyword
               ? Refused(name + " stands there twice", "write it once")
               : Refused(std::string(other->name) + " and " + name +
                             " contradict each other",
                         "write one of them");
  }
  return Ok();
}

// Reads from the left, and stops at the first mistake: what follows a PASSWORD
// without a value is not looked at.
Result<Change> ReadChange(std::span<const Operand> operands,
                          std::span<const Keyword> keywords) {
  Change change;
  std::vector<const Keyword*> seen;
  for (const Operand& operand : operands) {
    SIGTOKEN_ASSIGN(const Keyword* keyword,
                    MatchKeyword(keywords, operand, kOthers, Repeat::kNothing));
    SIGTOKEN_TRY(CheckNew(seen, *keyword));
    seen.push_back(keyword);
    SIGTOKEN_TRY(keyword->read(operand, change));
    change.*keyword->says = keyword->value;
  }
  // RACF ignores it there (ICH21007I, EXPIRED/NOEXPIRED OPERAND IGNORED); that
  // it is refused is ours.
  if (change.expired && !change.gives_one()) {
    return Refused("EXPIRED and NOEXPIRED are about a new password or phrase",
                   "write PASSWORD(value) or PHRASE('value') too");
  }
  return change;
}

void Apply(const Change& change, User& user) {
  if (change.has_name) user.name = change.name;
  // One that an administrator gives has expired unless they say otherwise.
  const bool expired = change.expired.value_or(true);
  if (change.has_password) {
    user.has_password = *change.has_password;
    user.password_expired = user.has_password && expired;
  }
  if (change.has_phrase) {
    user.has_phrase = *change.has_phrase;
    user.phrase_expired = user.has_phrase && expired;
  }
  user.special = change.special.value_or(user.special);
  user.uaudit = change.uaudit.value_or(user.uaudit);
  user.revoked = change.revoked.value_or(user.revoked);
  // From memory of RACF, and so ours.
  const bool resumes = change.revoked.has_value() && !*change.revoked;
  if (resumes || change.gives_one()) user.revoke_count = 0;
}

}  // namespace

Status Adduser(CommandContext& context, std::span<const Operand> operands) {
  SIGTOKEN_ASSIGN(const auto read, ReadUserIds(operands, "ADDUSER"));
  SIGTOKEN_ASSIGN(const Change change, ReadChange(read.keywords, kAddKeywords));
  for (const std::string& id : read.ids) {
    User user{id};
    Apply(change, user);
    SIGTOKEN_ASSIGN(const bool added, context.users.Add(user));
    if (!added) {
      return Refused("ICH01010I " + id + " NOT ADDED",
                     "it is defined already; change it with ALTUSER");
    }
    // Who gets neither a password nor a phrase is protected (z/OS 2.2 and
    // later).
    if (user.is_protected()) {
      context.Print("ICH01024I User " + id + " is defined as PROTECTED.");
    }
  }
  return Ok();
}

Status Altuser(CommandContext& context, std::span<const Operand> operands) {
  SIGTOKEN_ASSIGN(const auto read, ReadUserIds(operands, "ALTUSER"));
  SIGTOKEN_ASSIGN(const Change change,
                  ReadChange(read.keywords, kAlterKeywords));
  for (const std::string& id : read.ids) {
    SIGTOKEN_ASSIGN(auto user, context.users.Find(id));
    if (!user) {
      return Refused("ICH21009I UNABLE TO LOCATE " + id,
                     "define it with ADDUSER, or list all with LISTUSER *");
    }
    Apply(change, *user);
    SIGTOKEN_TRY(context.users.Put(*user));
  }
  return Ok();
}

}  // namespace sigtoken
