// The records that z/OS's database unload (IRRDBU00) writes of IDTDATA
// profiles.

#include <array>
#include <cstddef>

#include "pkcs11/base/printable.h"
#include "signer/racf/command/commands.h"

namespace sigtoken {
namespace {

// One field, its columns counted from 1.
struct Field {
  std::size_t start;
  std::size_t end;
  std::string (*value)(const Profile& profile);
};

const IdtParms& Parms(const Profile& profile) { return *profile.idtparms; }

std::string YesNo(bool flag) { return flag ? "YES" : "NO"; }

// Record type 05K0 (OA63462, 3.5.1; the last two: IBM's z/OS 3.2 education
// material on RACF JWT support). ANYAPPL ends in column 356: all prints say 355
// and let PROTALLOWED begin in 358, and YES or NO is four wide elsewhere.
constexpr auto kFields = std::to_array<Field>({
    {1, 4, [](const Profile&) { return std::string("05K0"); }},
    {6, 251, [](const Profile& p) { return p.name.text(); }},
    {253, 260, [](const Profile&) { return std::string(kIdtData); }},
    {262, 293, [](const Profile& p) { return Parms(p).sigtoken.value_or(""); }},
    {295, 302,
     [](const Profile& p) {
       return Parms(p).sigseqnum ? Hex(*Parms(p).sigseqnum, 8) : std::string();
     }},
    {304, 307,
     [](const Profile& p) {
       return Parms(p).sigcat ? std::string(1, *Parms(p).sigcat)
                              : std::string();
     }},
    {309, 340,
     [](const Profile& p) { return std::string(Parms(p).algorithm()); }},
    {342, 351,
     [](const Profile& p) {
       const std::string minutes = std::to_string(Parms(p).timeout().count());
       return std::string(10 - minutes.size(), '0') + minutes;
     }},
    {353, 356, [](const Profile& p) { return YesNo(Parms(p).any_appl()); }},
    {358, 361, [](const Profile& p) { return YesNo(Parms(p).prot_allowed()); }},
    {363, 426,
     [](const Profile& p) { return Parms(p).siglabelprimary.value_or(""); }},
    {428, 459,
     [](const Profile& p) { return Parms(p).sigkidprimary.value_or(""); }},
});

}  // namespace

Result<std::string> UnloadProfiles(Database& database) {
  std::string text;
  SIGTOKEN_TRY(Profiles(database).ForEach([&](const Profile& profile) {
    if (!profile.idtparms) return true;
    std::string record(kFields.back().end, ' ');
    for (const Field& field : kFields) {
      const std::string value = field.value(profile);
      record.replace(field.start - 1, value.size(), value);
    }
    text += record + "\n";
    return true;
  }));
  return text;
}

}  // namespace sigtoken
