// RLIST and SEARCH.

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "signer/racf/command/commands.h"
#include "signer/racf/command/keyword.h"
#include "signer/racf/profile/generic_search.h"

namespace sigtoken {
namespace {

std::string Padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

std::string RightAligned(const std::string& text, std::size_t width,
                         char fill) {
  return std::string(width - std::min(width, text.size()), fill) + text;
}

std::string NameAsListed(const Profile& profile) {
  return profile.name.text() + (profile.name.is_generic() ? " (G)" : "");
}

// RACF's other ones (z/OS Security Server RACF Command Language Reference, from
// memory): they count where one is shortened, and are refused by name.
constexpr auto kOtherRlist = std::to_array<std::string_view>({
    "ALL",      "AUTHUSER",   "CDTINFO", "CFDEF",    "DLFDATA", "EIM",
    "HISTORY",  "ICSF",       "ICTX",    "JES",      "KERB",    "MFA",
    "MFPOLICY", "NOYOURACC",  "PROXY",   "RESGROUP", "SESSION", "SIGVER",
    "SSIGNON",  "STATISTICS", "STDATA",  "SVFMR",    "TVTOC",
});
constexpr auto kOtherSearch = std::to_array<std::string_view>({
    "AGE",  "ALL",   "CATEGORY", "CLIST",  "EXPIRES",  "GID",      "LEVEL",
    "LIST", "MODEL", "NOLIST",   "NOVSAM", "SECLABEL", "SECLEVEL", "TAPE",
    "UID",  "USER",  "VOLUME",   "VSAM",   "WARNING",
});

struct RlistOptions {
  bool idtparms = false;
  bool base = true;
  bool generic_only = false;
  bool discrete_only = false;
};

struct RlistKeyword {
  std::string_view name;
  void (*set)(RlistOptions& options);
};

constexpr auto kRlistKeywords = std::to_array<RlistKeyword>({
    {"GENERIC", [](RlistOptions& o) { o.generic_only = true; }},
    {"IDTPARMS", [](RlistOptions& o) { o.idtparms = true; }},
    {"NOGENERIC", [](RlistOptions& o) { o.discrete_only = true; }},
    {"NORACF", [](RlistOptions& o) { o.base = false; }},
});

// As RLIST prints it; who asks may do all.
void PrintBase(const CommandContext& context, const Profile& profile) {
  context.Print("CLASS      NAME");
  context.Print("-----      ----");
  context.Print(Padded(std::string(kIdtData), 11) + NameAsListed(profile));
  context.Print("");
  context.Print("LEVEL  OWNER      UNIVERSAL ACCESS  YOUR ACCESS  WARNING");
  context.Print("-----  --------   ----------------  -----------  -------");
  context.Print(" 00    " + Padded(profile.owner, 8) + "    " +
                RightAligned(profile.uacc, 8, ' ') +
                "              ALTER    NO");
  context.Print("");
  context.Print("INSTALLATION DATA");
  context.Print("-----------------");
  context.Print(profile.data.empty() ? "NONE" : profile.data);
}

// The headings of the token, the sequence number and the category are ours; the
// others are IBM's (z/OS 3.2 education, RACF Extend JWT support).
void PrintIdtParms(const CommandContext& context, const Profile& profile) {
  if (!profile.idtparms) {
    context.Print("NO IDTPARMS INFORMATION");
    return;
  }
  const IdtParms& parms = *profile.idtparms;
  context.Print("IDTPARMS INFORMATION");
  context.Print("--------------------");
  if (const auto handle = parms.handle()) {
    const std::string number = Hex(handle->object()->sequence, 8);
    context.Print("Signature Token Name = " + *parms.sigtoken);
    context.Print("Signature Sequence Number = " + number);
    context.Print("Signature Category = " +
                  std::string(1, handle->object()->category));
  }
  context.Print("Signature Algorithm = " + std::string(parms.algorithm()));
  if (parms.siglabelprimary) {
    context.Print("Signature Label Primary = " + *parms.siglabelprimary);
  }
  if (parms.sigkidprimary) {
    context.Print("Signature KID Primary = " + *parms.sigkidprimary);
  }
  context.Print("IDT TIMEOUT = " +
                RightAligned(std::to_string(parms.timeout().count()), 8, '0'));
  context.Print(std::string("ANYAPPL = ") + (parms.any_appl() ? "YES" : "NO"));
  context.Print(std::string("Protected Allowed = ") +
                (parms.prot_allowed() ? "YES" : "NO"));
}

void PrintProfile(const CommandContext& context, const Profile& profile,
                  const RlistOptions& options) {
  if (options.base) PrintBase(context, profile);
  if (options.base && options.idtparms) context.Print("");
  if (options.idtparms) PrintIdtParms(context, profile);
}

// The profile of that very name, else the generic one that covers it.
Result<std::optional<Profile>> FindToList(const CommandContext& context,
                                          const std::string& name,
                                          const RlistOptions& options) {
  const bool generic = !options.discrete_only && context.generics() &&
                       ProfileName::HasGenericCharacters(name);
  if (!options.generic_only || generic) {
    SIGTOKEN_ASSIGN(auto exact, context.profiles.Find(name, generic));
    if (exact || options.discrete_only || generic || !context.generics()) {
      return exact;
    }
  }
  SIGTOKEN_ASSIGN(auto covering, context.profiles.Covering(
                                     Profiles::View::kCommands, name, true, 2));
  for (Profile& profile : covering) {
    if (profile.name.is_generic()) return std::optional(std::move(profile));
  }
  return std::optional<Profile>();
}

struct SearchOptions {
  bool has_class = false;
  std::vector<std::string> mask;
  std::optional<std::string> filter;  // Its rank.
  bool generic_only = false;
  bool discrete_only = false;

  bool Takes(const Profile& profile) const {
    const std::string& name = profile.name.text();
    if (profile.name.is_generic() ? discrete_only : generic_only) return false;
    // MASK(*,text): anything in front.
    const std::string begin =
        mask.empty() || mask[0] == "*" ? std::string() : mask[0];
    if (!name.starts_with(begin)) return false;
    if (mask.size() > 1 &&
        name.find(mask[1], begin.size()) == std::string::npos) {
      return false;
    }
    return !filter || Covers(*filter, name);
  }
};

struct SearchKeyword {
  std::string_view name;
  Status (*read)(const Operand& operand, SearchOptions& options);
};

constexpr auto kSearchKeywords = std::to_array<SearchKeyword>({
    {"CLASS",
     [](const Operand& operand, SearchOptions& options) -> Status {
       options.has_class = true;
       SIGTOKEN_ASSIGN(const Operand value, OneValue(operand));
       return CheckClass(value);
     }},
    {"FILTER",
     [](const Operand& operand, SearchOptions& options) -> Status {
       SIGTOKEN_ASSIGN(const Operand value, OneValue(operand));
       SIGTOKEN_ASSIGN(const ProfileName name,
                       ProfileName::Parse(value.word, true));
       options.filter = name.Rank();
       return Ok();
     }},
    {"GENERIC",
     [](const Operand& operand, SearchOptions& options) -> Status {
       options.generic_only = true;
       return NoValue(operand);
     }},
    {"MASK",
     [](const Operand& operand, SearchOptions& options) -> Status {
       if (operand.values.empty() || operand.values.size() > 2) {
         return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                        "MASK takes one or two texts",
                        "write MASK(JWT.) or MASK(JWT.,USER01)");
       }
       for (const Operand& value : operand.values) {
         options.mask.push_back(value.word);
       }
       return Ok();
     }},
    {"NOGENERIC",
     [](const Operand& operand, SearchOptions& options) -> Status {
       options.discrete_only = true;
       return NoValue(operand);
     }},
    {"NOMASK",
     [](const Operand& operand, SearchOptions& options) -> Status {
       options.mask.clear();
       return NoValue(operand);
     }},
});

}  // namespace

Status Rlist(CommandContext& context, std::span<const Operand> operands) {
  SIGTOKEN_ASSIGN(const auto read, ReadNames(operands, "RLIST"));
  RlistOptions options;
  for (const Operand& operand : read.keywords) {
    SIGTOKEN_ASSIGN(const RlistKeyword* keyword,
                    MatchKeyword(kRlistKeywords, operand, kOtherRlist));
    SIGTOKEN_TRY(NoValue(operand));
    keyword->set(options);
  }
  if (options.generic_only && options.discrete_only) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "GENERIC and NOGENERIC contradict each other",
                   "write one of them");
  }
  bool first = true;
  const auto print = [&](const Profile& profile) {
    if (!std::exchange(first, false)) context.Print("");
    PrintProfile(context, profile, options);
  };
  for (const std::string& name : read.names) {
    if (name == "*") {
      SIGTOKEN_TRY(context.profiles.ForEach([&](const Profile& profile) {
        const bool generic = profile.name.is_generic();
        if (!(generic ? options.discrete_only : options.generic_only)) {
          print(profile);
        }
        return true;
      }));
      if (!first) continue;
      return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     "ICH13003I * NOT FOUND", "define a profile with RDEFINE");
    }
    SIGTOKEN_TRY(ProfileName::Parse(name, context.generics()));
    SIGTOKEN_ASSIGN(const auto profile, FindToList(context, name, options));
    if (!profile) {
      return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     "ICH13003I " + name + " NOT FOUND",
                     "list the profiles with SEARCH CLASS(IDTDATA)");
    }
    print(*profile);
  }
  return Ok();
}

Status Search(CommandContext& context, std::span<const Operand> operands) {
  SearchOptions options;
  for (const Operand& operand : operands) {
    SIGTOKEN_ASSIGN(const SearchKeyword* keyword,
                    MatchKeyword(kSearchKeywords, operand, kOtherSearch));
    SIGTOKEN_TRY(keyword->read(operand, options));
  }
  if (options.generic_only && options.discrete_only) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "GENERIC and NOGENERIC contradict each other",
                   "write one of them");
  }
  if (!options.has_class) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "without a class SEARCH looks for data sets, which are not "
                   "kept here",
                   "write SEARCH CLASS(IDTDATA)");
  }
  std::size_t found = 0;
  SIGTOKEN_TRY(context.profiles.ForEach([&](const Profile& profile) {
    if (options.Takes(profile)) {
      ++found;
      context.Print(NameAsListed(profile));
    }
    return true;
  }));
  if (found > 0) return Ok();
  context.output.found = false;
  context.Print("ICH31005I NO ENTRIES MEET SEARCH CRITERIA");
  return Ok();
}

}  // namespace sigtoken
