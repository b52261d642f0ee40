// RDEFINE, RALTER and RDELETE.

#include <algorithm>
#include <array>
#include <utility>

#include "signer/racf/command/commands.h"
#include "signer/racf/command/keyword.h"

namespace sigtoken {
namespace {

constexpr std::size_t kMaxData = 255;

// What a command says of the base segment and of IDTPARMS.
struct Change {
  std::optional<std::string> owner;
  std::optional<std::string> uacc;
  std::optional<std::string> data;
  // Those of IDTPARMS( ), in their order.
  bool has_idtparms = false;
  std::vector<Operand> idtparms;
  bool no_idtparms = false;
  bool alters = false;  // RALTER
};

bool IsPrintable(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c < '\x7F'; });
}

Status ReadOwner(const Operand& operand, Change& change) {
  SIGTOKEN_ASSIGN(const Operand value, OneValue(operand));
  const bool good =
      !value.word.empty() && value.word.size() <= 8 &&
      value.word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@#$") ==
          std::string::npos;
  if (!good) {
    return InvalidOperand("OWNER", value.word, "write 1 to 8 of A-Z 0-9 @ # $");
  }
  change.owner = value.word;
  return Ok();
}

Status ReadUacc(const Operand& operand, Change& change) {
  constexpr std::array<std::string_view, 6> kLevels = {
      "NONE", "EXECUTE", "READ", "UPDATE", "CONTROL", "ALTER"};
  SIGTOKEN_ASSIGN(const Operand value, OneValue(operand));
  if (std::find(kLevels.begin(), kLevels.end(), value.word) == kLevels.end()) {
    return InvalidOperand(
        "UACC", value.word,
        "write NONE, EXECUTE, READ, UPDATE, CONTROL or ALTER; it "
        "decides nothing here");
  }
  change.uacc = value.word;
  return Ok();
}

Status ReadData(const Operand& operand, Change& change) {
  SIGTOKEN_ASSIGN(const Operand value, OneValue(operand));
  if (value.word.size() > kMaxData || !IsPrintable(value.word)) {
    return InvalidOperand("DATA", value.word.substr(0, 32),
                          "write up to 255 printable characters of ASCII");
  }
  change.data = value.word;
  return Ok();
}

Status ReadNoData(const Operand& operand, Change& change) {
  change.data = "";
  return NoValue(operand);
}

Status ReadIdtParms(const Operand& operand, Change& change) {
  change.has_idtparms = true;
  change.idtparms = operand.values;
  return Ok();
}

Status ReadNoIdtParms(const Operand& operand, Change& change) {
  change.no_idtparms = true;
  return NoValue(operand);
}

struct Keyword {
  std::string_view name;
  Status (*read)(const Operand& operand, Change& change);
};

// RACF's other ones (z/OS Security Server RACF Command Language Reference, from
// memory): they count where one is shortened, and are refused by name.
constexpr auto kOthers = std::to_array<std::string_view>({
    "ADDCATEGORY", "ADDMEM",      "ADDVOL",      "APPLDATA",   "AUDIT",
    "CDTINFO",     "CFDEF",       "DELCATEGORY", "DELMEM",     "DELVOL",
    "DLFDATA",     "EIM",         "FCLASS",      "FGENERIC",   "FROM",
    "FVOLUME",     "GLOBALAUDIT", "ICSF",        "ICTX",       "JES",
    "KERB",        "LEVEL",       "MFA",         "MFPOLICY",   "NOAPPLDATA",
    "NOCDTINFO",   "NOCFDEF",     "NODLFDATA",   "NOEIM",      "NOICSF",
    "NOICTX",      "NOJES",       "NOKERB",      "NOMFA",      "NOMFPOLICY",
    "NONOTIFY",    "NOPROXY",     "NOSECLABEL",  "NOSECLEVEL", "NOSESSION",
    "NOSIGVER",    "NOSINGLEDSN", "NOSSIGNON",   "NOSTDATA",   "NOSVFMR",
    "NOTIFY",      "NOTIMEZONE",  "NOTVTOC",     "NOWARNING",  "PROXY",
    "SECLABEL",    "SECLEVEL",    "SESSION",     "SIGVER",     "SINGLEDSN",
    "SSIGNON",     "STDATA",      "SVFMR",       "TIMEZONE",   "TVTOC",
    "WARNING",
});

constexpr auto kDefineKeywords = std::to_array<Keyword>({
    {"DATA", &ReadData},
    {"IDTPARMS", &ReadIdtParms},
    {"OWNER", &ReadOwner},
    {"UACC", &ReadUacc},
});

constexpr auto kAlterKeywords = std::to_array<Keyword>({
    {"DATA", &ReadData},
    {"IDTPARMS", &ReadIdtParms},
    {"NODATA", &ReadNoData},
    {"NOIDTPARMS", &ReadNoIdtParms},
    {"OWNER", &ReadOwner},
    {"UACC", &ReadUacc},
});

Result<Change> ReadChange(std::span<const Operand> operands,
                          std::span<const Keyword> keywords) {
  Change change;
  std::vector<const Keyword*> seen;
  for (const Operand& operand : operands) {
    SIGTOKEN_ASSIGN(const Keyword* keyword,
                    MatchKeyword(keywords, operand, kOthers));
    if (std::find(seen.begin(), seen.end(), keyword) != seen.end()) {
      return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     std::string(keyword->name) + " stands there twice",
                     "write it once");
    }
    seen.push_back(keyword);
    SIGTOKEN_TRY(keyword->read(operand, change));
  }
  if (change.has_idtparms && change.no_idtparms) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "IDTPARMS and NOIDTPARMS contradict each other",
                   "write one of them");
  }
  return change;
}

// The sub-keywords of IDTPARMS as a command may write them.
struct SubKeyword {
  std::string name;
  const IdtParmsKeyword* keyword;
  bool clears = false;
};

const std::vector<SubKeyword>& SubKeywords(bool alters) {
  const auto make = [](bool with_no_forms) {
    std::vector<SubKeyword> all;
    for (const IdtParmsKeyword& keyword : IdtParmsKeywords()) {
      all.push_back({std::string(keyword.name), &keyword, false});
      if (with_no_forms && keyword.clear != nullptr) {
        all.push_back({"NO" + std::string(keyword.name), &keyword, true});
      }
      // As IBM's material of 2019 called it.
      if (keyword.name == "IDTTIMEOUT") all.push_back({"TIMEOUT", &keyword});
    }
    return all;
  };
  static const std::vector<SubKeyword> define = make(false);
  static const std::vector<SubKeyword> alter = make(true);
  return alters ? alter : define;
}

Status Apply(const Change& change, IdtParms& parms) {
  std::vector<const IdtParmsKeyword*> seen;
  for (const Operand& operand : change.idtparms) {
    SIGTOKEN_ASSIGN(const SubKeyword* found,
                    MatchKeyword(SubKeywords(change.alters), operand));
    const IdtParmsKeyword* const keyword = found->keyword;
    if (std::find(seen.begin(), seen.end(), keyword) != seen.end()) {
      return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     std::string(keyword->name) + " stands there twice",
                     "write it once");
    }
    seen.push_back(keyword);
    if (found->clears) {
      SIGTOKEN_TRY(NoValue(operand));
      keyword->clear(parms);
    } else if (keyword->may_be_bare && !operand.has_values) {
      SIGTOKEN_TRY(keyword->set(parms, "YES"));
    } else {
      SIGTOKEN_ASSIGN(const Operand value, OneValue(operand));
      SIGTOKEN_TRY(keyword->set(parms, value.word));
    }
  }
  return Ok();
}

Status Apply(const Change& change, Profile& profile) {
  if (change.owner) profile.owner = *change.owner;
  if (change.uacc) profile.uacc = *change.uacc;
  if (change.data) profile.data = *change.data;
  if (change.no_idtparms) profile.idtparms.reset();
  if (!change.has_idtparms) return Ok();
  IdtParms parms = profile.idtparms.value_or(IdtParms());
  SIGTOKEN_TRY(Apply(change, parms));
  profile.idtparms = std::move(parms);
  return Ok();
}

// ICH10006I, ICH11009I and ICH12002I: what RACF's R, A and D commands say.
void SayUnseen(const CommandContext& context, std::string_view number,
               std::string_view what) {
  if (!context.options.raclisted) return;
  context.Print(std::string(number) + " RACLISTED PROFILES FOR " +
                std::string(kIdtData) + " WILL NOT REFLECT THE " +
                std::string(what) + " UNTIL A SETROPTS REFRESH IS ISSUED.");
}

}  // namespace

Status Rdefine(CommandContext& context, std::span<const Operand> operands) {
  SIGTOKEN_ASSIGN(const auto read, ReadNames(operands, "RDEFINE"));
  SIGTOKEN_ASSIGN(const Change change,
                  ReadChange(read.keywords, kDefineKeywords));
  for (const std::string& text : read.names) {
    SIGTOKEN_ASSIGN(ProfileName name,
                    ProfileName::Parse(text, context.generics()));
    if (!name.is_generic() && ProfileName::HasGenericCharacters(text)) {
      context.Print("ICH10321I The profile name " + text +
                    " contains generic characters, but generics are not "
                    "enabled for class " +
                    std::string(kIdtData) +
                    ". A discrete profile has been created.");
    }
    Profile profile{std::move(name)};
    SIGTOKEN_TRY(Apply(change, profile));
    SIGTOKEN_ASSIGN(const bool added, context.profiles.Add(profile));
    if (!added) {
      return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     "ICH10102I " + text + " ALREADY DEFINED TO CLASS " +
                         std::string(kIdtData) + ".",
                     "change it with RALTER");
    }
  }
  SayUnseen(context, "ICH10006I", "ADDITION(S)");
  return Ok();
}

Status Ralter(CommandContext& context, std::span<const Operand> operands) {
  SIGTOKEN_ASSIGN(const auto read, ReadNames(operands, "RALTER"));
  SIGTOKEN_ASSIGN(Change change, ReadChange(read.keywords, kAlterKeywords));
  change.alters = true;
  for (const std::string& text : read.names) {
    SIGTOKEN_ASSIGN(const ProfileName name,
                    ProfileName::Parse(text, context.generics()));
    SIGTOKEN_ASSIGN(auto profile,
                    context.profiles.Find(text, name.is_generic()));
    if (!profile) {
      return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     text + " is not defined to class " + std::string(kIdtData),
                     "list the profiles with SEARCH CLASS(IDTDATA)");
    }
    SIGTOKEN_TRY(Apply(change, *profile));
    SIGTOKEN_TRY(context.profiles.Put(*profile));
  }
  SayUnseen(context, "ICH11009I", "UPDATE(S)");
  return Ok();
}

Status Rdelete(CommandContext& context, std::span<const Operand> operands) {
  SIGTOKEN_ASSIGN(const auto read, ReadNames(operands, "RDELETE"));
  if (!read.keywords.empty()) {
    return Refusal(
        kParameterInvalid, CKR_ARGUMENTS_BAD,
        "IKJ56712I INVALID KEYWORD, " + Printable(read.keywords.front().word),
        "RDELETE takes a class and names, nothing else");
  }
  for (const std::string& text : read.names) {
    SIGTOKEN_ASSIGN(const ProfileName name,
                    ProfileName::Parse(text, context.generics()));
    SIGTOKEN_ASSIGN(const bool deleted, context.profiles.Delete(name));
    if (!deleted) {
      return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     "ICH12102I " + text + " NOT DEFINED TO CLASS " +
                         std::string(kIdtData),
                     "list the profiles with SEARCH CLASS(IDTDATA)");
    }
  }
  SayUnseen(context, "ICH12002I", "DELETION(S)");
  return Ok();
}

}  // namespace sigtoken
