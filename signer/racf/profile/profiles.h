// Profiles: the general resource profiles of the state store, and what SETROPTS
// says of their class.

#ifndef SIGNER_RACF_PROFILE_PROFILES_H_
#define SIGNER_RACF_PROFILE_PROFILES_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/store/database.h"
#include "signer/racf/profile/idtparms.h"
#include "signer/racf/profile/profile_name.h"

namespace SQLite {
class Statement;
}  // namespace SQLite

namespace sigtoken {

// The class of identity tokens' profiles (OA63462, "IDT Configuration").
inline constexpr std::string_view kIdtData = "IDTDATA";

// What SETROPTS has set for a class; nothing is at the beginning, as on z/OS.
struct ClassOptions {
  bool active = false;     // CLASSACT
  bool raclisted = false;  // RACLIST
  bool generic = false;    // GENERIC
  bool gencmd = false;     // GENCMD

  friend bool operator==(const ClassOptions&, const ClassOptions&) = default;
};

struct Profile {
  ProfileName name;
  std::string owner = "IBMUSER";
  std::string uacc = "NONE";
  std::string data = {};  // Installation data.
  std::optional<IdtParms> idtparms = {};

  friend bool operator==(const Profile&, const Profile&) = default;
};

// The profiles of one class as commands change and list them, and those that
// SETROPTS RACLIST has put aside, which requests are answered by: a change is
// not seen by them before the next SETROPTS RACLIST REFRESH. Whether SETROPTS
// RACLIST carries the IDTPARMS segment is in no source; here it does.
//
// The tables are there (MigrateRacf()). Changes are made within a
// Database::Transaction of the caller. One thread at a time; ends before its
// database. Errors of everything here: kNotAvailable.
class Profiles {
 public:
  explicit Profiles(Database& database, std::string_view class_name = kIdtData);
  Profiles(const Profiles&) = delete;
  Profiles& operator=(const Profiles&) = delete;
  ~Profiles();

  // Runs `work`, which reads: all that it sees is of one moment, whatever other
  // processes write meanwhile.
  Status AtOneMoment(const std::function<Status()>& work) const;

  Result<ClassOptions> Options() const;
  // RACLIST here means no more than the setting: see Refresh().
  Status SetOptions(const ClassOptions& options);
  // Puts the profiles aside as they are now.
  Status Refresh();
  // Forgets those that were put aside.
  Status Unlist();
  // Whether there is a change that Refresh() has not seen.
  Result<bool> HasUnseenChanges() const;

  // By the whole text of the name; a generic one and a discrete one can have
  // the same.
  Result<std::optional<Profile>> Find(const std::string& name,
                                      bool is_generic) const;
  // False where there is one of that name.
  Result<bool> Add(const Profile& profile);
  // In the place of the one of that name.
  Status Put(const Profile& profile);
  // False where there is none.
  Result<bool> Delete(const ProfileName& name);

  // In the order of RACF's lists: discrete ones by their name, generic ones,
  // the most specific first. `visit` answers whether it wants more.
  Status ForEach(const std::function<bool(const Profile&)>& visit) const;

  // Which profiles are looked at: those of commands or those put aside.
  enum class View { kCommands, kRequests };
  // The profiles that cover `resource`, which has no generic characters: the
  // discrete one of its name, then, where `generics` are, the generic ones, the
  // most specific first (z/OS Security Server RACF Security Administrator's
  // Guide, "Generic profile checking of general resources"). Not more than
  // `most`.
  Result<std::vector<Profile>> Covering(View view, const std::string& resource,
                                        bool generics, std::size_t most) const;

 private:
  struct Statements;

  Result<bool> Write(const Profile& profile, bool replace);
  void BindAll(SQLite::Statement& put, const Profile& profile) const;
  void MarkChanged();

  Database* database_;
  std::string class_;
  std::unique_ptr<Statements> statements_;
};

}  // namespace sigtoken

#endif  // SIGNER_RACF_PROFILE_PROFILES_H_
