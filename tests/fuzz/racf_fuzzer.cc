// Can the text of RACF commands break their reader, or leave a store that its
// own export does not make again?

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "signer/racf/command/commands.h"
#include "signer/racf/schema.h"

namespace sigtoken {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

// A store in memory's file system; empty again for each input.
Database& Store(const char* name) {
  const std::filesystem::path file =
      std::filesystem::path("/dev/shm") /
      ("sigtoken-fuzz-" + std::to_string(getpid()) + "-" + name);
  auto database = Database::Open(file);
  Require(database.has_value());
  Require(MigrateRacf(**database).has_value());
  // Open already, so the files may go.
  for (const char* suffix : {"", "-wal", "-shm", ".gate", ".lock"}) {
    std::filesystem::remove(file.string() + suffix);
  }
  return *database->release();
}

void Run(Database& database, std::string_view text) {
  const auto commands = SplitCommands(text);
  Require(commands.has_value());
  Require(RunCommands(database, *commands).has_value());
}

void Clear(Database& database) {
  Run(database,
      "SETROPTS NORACLIST(IDTDATA) NOGENERIC(IDTDATA) "
      "NOGENCMD(IDTDATA) NOCLASSACT(IDTDATA) PASSWORD(NOREVOKE) NOAUDIT(USER) "
      "SAUDIT");
  Profiles profiles(database);
  std::vector<ProfileName> names;
  Require(profiles
              .ForEach([&](const Profile& profile) {
                names.push_back(profile.name);
                return true;
              })
              .has_value());
  for (const ProfileName& name : names) {
    Require(profiles.Delete(name).has_value());
  }
  StoredUsers users(database);
  std::vector<std::string> ids;
  Require(users
              .ForEach([&](const User& user) {
                ids.push_back(user.id);
                return true;
              })
              .has_value());
  for (const std::string& id : ids) Require(users.Delete(id).has_value());
}

}  // namespace
}  // namespace sigtoken

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace sigtoken;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto commands = SplitCommands(text);
  if (!commands) return 0;
  for (const CommandText& command : *commands) {
    static_cast<void>(ParseOperands(command.text).has_value());
  }
  static Database& store = Store("one");
  static Database& other = Store("other");
  Clear(store);
  if (!RunCommands(store, *commands)) return 0;
  const auto exported = ExportCommands(store);
  Require(exported.has_value());
  Clear(other);
  Run(other, *exported);
  const auto again = ExportCommands(other);
  Require(again.has_value());
  // The comment on what RACLIST has not seen is of the first alone.
  Require(exported->ends_with(*again));
  return 0;
}
