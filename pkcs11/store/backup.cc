#include "pkcs11/store/backup.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "pkcs11/base/clock.h"
#include "pkcs11/base/file_check.h"
#include "pkcs11/base/printable.h"
#include "pkcs11/store/host_lock.h"
#include "pkcs11/store/store_file.h"

namespace sigtoken {
namespace {

namespace fs = std::filesystem;

// Those of this layer that a backup speaks for. Refused PINs are not among
// them: what a token refused yesterday says nothing of today's file.
constexpr auto kTables = std::to_array<std::string_view>({"tokens", "objects"});

Error BadFile(const fs::path& file, const std::string& why,
              const std::string& cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 "the file " + QuotedPath(file) + " " + why, cure);
}

// A file that is removed again, with what SQLite puts beside it.
class TemporaryFile {
 public:
  explicit TemporaryFile(fs::path path) : path_(std::move(path)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    std::error_code ignored;
    for (const char* ending :
         {"", "-wal", "-shm", "-journal", ".gate", ".lock"}) {
      fs::remove(path_.native() + ending, ignored);
    }
  }

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Error NotMade(const fs::path& file, int number) {
  if (number == EEXIST) {
    return BadFile(file, "is there already", "name a new file");
  }
  return BadFile(file,
                 "could not be made: " +
                     std::error_code(number, std::generic_category()).message(),
                 "name a file in a folder that you may write to");
}

Status MakeNewFile(const fs::path& file) {
  const int descriptor = open(
      file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return NotMade(file, errno);
  close(descriptor);
  return Ok();
}

// Copies all pages. SQLite's exceptions are the caller's.
void Copy(SQLite::Database& from, SQLite::Database& to) {
  SQLite::Backup backup(to, from);
  backup.executeStep(-1);
}

// SQLite fills up a last page that is cut off, which no check finds later.
bool EndsWithinPage(const fs::path& file, int page_bytes) {
  std::error_code failed;
  const std::uintmax_t bytes = fs::file_size(file, failed);
  return failed || bytes % static_cast<std::uintmax_t>(page_bytes) != 0;
}

constexpr char kCure[] = "name a file that 'sigtoken store backup' wrote";

// A copy beside the store, so that the backup itself is only read.
Status CopyBackup(const fs::path& from, const fs::path& to) {
  SIGTOKEN_TRY(MakeNewFile(to));
  try {
    SQLite::Database source(from.string(), SQLite::OPEN_READONLY);
    SQLite::Database target(to.string(), SQLite::OPEN_READWRITE);
    Copy(source, target);
    if (EndsWithinPage(from, source.execAndGet("PRAGMA page_size").getInt())) {
      return BadFile(from, "is not a backup of a state store: it is cut off",
                     kCure);
    }
    const std::string sound =
        target.execAndGet("PRAGMA integrity_check").getString();
    if (sound == "ok" && target.tableExists("schema_versions") &&
        target.tableExists("tokens")) {
      return Ok();
    }
    return BadFile(from, "is not a backup of a state store", kCure);
  } catch (const SQLite::Exception& exception) {
    return BadFile(from,
                   std::string("is not a backup of a state store: ") +
                       Printable(exception.what()),
                   kCure);
  }
}

// The columns of a table, in the order in which both sides name them.
std::string Columns(SQLite::Database& connection, std::string_view table) {
  SQLite::Statement query(
      connection, "SELECT group_concat(name) FROM pragma_table_info(?)");
  query.bind(1, std::string(table));
  query.executeStep();
  return query.getColumn(0).getString();
}

// What makes a token the one that the backup knows: a name may have been given
// to another one since, whose keys are not those of the backup.
constexpr char kToken[] = "name, module_path, init, token_label, token_serial";

std::vector<std::string> UnknownToBackup(SQLite::Database& connection) {
  std::vector<std::string> names;
  SQLite::Statement query(connection, "SELECT name FROM main.tokens WHERE (" +
                                          std::string(kToken) +
                                          ") NOT IN (SELECT " + kToken +
                                          " FROM backup.tokens) ORDER BY name");
  while (query.executeStep()) names.push_back(query.getColumn(0).getString());
  return names;
}

void TakeTable(SQLite::Database& connection, const std::string& name) {
  const std::string columns = Columns(connection, name);
  std::string sql = "INSERT INTO main.";
  sql.append(name).append(" (").append(columns).append(") SELECT ");
  sql.append(columns).append(" FROM backup.").append(name);
  connection.exec(sql);
}

void ReplaceWhole(SQLite::Database& connection, const std::string& table) {
  connection.exec("DELETE FROM main." + table);
  TakeTable(connection, table);
}

void Replace(SQLite::Database& connection) {
  connection.exec("CREATE TEMP TABLE last_numbers AS SELECT * FROM tokens");
  // Deletes their objects too. The backup is a copy of its own.
  connection.exec(
      "DELETE FROM backup.tokens WHERE name IN (SELECT name FROM main.tokens) "
      "AND (" +
      std::string(kToken) + ") NOT IN (SELECT " + kToken +
      " FROM main.tokens)");
  connection.exec(
      "DELETE FROM main.tokens WHERE name IN "
      "(SELECT name FROM backup.tokens)");
  for (const std::string_view table : kTables) {
    TakeTable(connection, std::string(table));
  }
  connection.exec(
      "UPDATE tokens SET last_sequence = max(last_sequence, "
      "coalesce((SELECT last_sequence FROM last_numbers AS before "
      "WHERE before.name = tokens.name), 0))");
  connection.exec("DROP TABLE last_numbers");
}

// The schema "backup" of the store's connection, for as long as this lives.
class Attached {
 public:
  explicit Attached(Database& database) : database_(database) {}
  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;
  ~Attached() {
    // Where it was not attached there is nothing to undo.
    static_cast<void>(database_
                          .Run("let go of a backup",
                               [](SQLite::Database& connection) {
                                 connection.exec("DETACH DATABASE backup");
                               })
                          .has_value());
  }

  Status To(const fs::path& file) const {
    return database_.Run("read a backup", [&](SQLite::Database& connection) {
      SQLite::Statement attach(connection, "ATTACH DATABASE ? AS backup");
      attach.bind(1, file.string());
      attach.exec();
    });
  }

 private:
  Database& database_;
};

// A path beside the store that nothing has yet.
fs::path BesideOf(const fs::path& store, const std::string& ending) {
  const std::string name = store.native() + ending;
  fs::path path = name;
  std::error_code ignored;
  for (int more = 2; fs::exists(fs::symlink_status(path, ignored)); ++more) {
    path = name + "-" + std::to_string(more);
  }
  return path;
}

Error NotRestored(const fs::path& store, const std::string& why) {
  return Unavailable("the damaged state store " + QuotedPath(store) +
                         " could not be replaced: " + Printable(why),
                     "end the programs that have it open, and see whether its "
                     "disk has room and is not read-only");
}

// For who changes it just now (ours).
constexpr int kBusyMilliseconds = 5'000;

// Whether SQLite finds fault with what is in the file.
Result<bool> IsDamaged(const fs::path& store) {
  SIGTOKEN_ASSIGN(const auto held, ForkGuard::HoldToOpen(store));
  try {
    SQLite::Database connection(store.string(), SQLite::OPEN_READWRITE);
    connection.setBusyTimeout(kBusyMilliseconds);
    // What is there stays as it is, its WAL too.
    sqlite3_db_config(connection.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
                      1, nullptr);
    return connection.execAndGet("PRAGMA integrity_check(1)").getString() !=
           "ok";
  } catch (const SQLite::Exception& exception) {
    const int code = exception.getErrorCode();
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) return true;
    return StoreFailed(store, "be looked at", exception.what());
  }
}

// Precondition: no connection of this process has it open.
Status KeepAside(const fs::path& store, bool is_folder, const fs::path& aside) {
  std::error_code failed;
  if (is_folder) {
    fs::rename(store, aside, failed);
    if (failed) return NotRestored(store, failed.message());
    const Status made = MakeNewFile(store);
    return made ? made : Status(NotRestored(store, made.error().message));
  }
  // Its inode is what other processes have open, so that stays.
  fs::copy_file(store, aside, failed);
  const fs::path wal = store.native() + "-wal";
  std::error_code none;
  if (!failed && fs::exists(wal, none)) {
    fs::copy_file(wal, aside.native() + "-wal", failed);
  }
  return failed ? Status(NotRestored(store, failed.message())) : Ok();
}

// All of `copy` in the place of whatever is in the store, in one transaction.
Status Overwrite(const fs::path& store, const fs::path& copy) {
  SIGTOKEN_ASSIGN(const auto held, ForkGuard::HoldToOpen(store));
  try {
    SQLite::Database source(copy.string(), SQLite::OPEN_READONLY);
    SQLite::Database target(store.string(), SQLite::OPEN_READWRITE);
    target.setBusyTimeout(kBusyMilliseconds);
    // What is damaged is not read, but taken for an empty database (sqlite.org,
    // "SQLITE_DBCONFIG_RESET_DATABASE"). Others that have it open share its
    // WAL, which only who has tried to read it before goes on with.
    static_cast<void>(target.tryExec("SELECT count(*) FROM sqlite_schema"));
    const auto take_for_empty = [&](int on) {
      sqlite3_db_config(target.getHandle(), SQLITE_DBCONFIG_RESET_DATABASE, on,
                        nullptr);
    };
    take_for_empty(1);
    const int done = SQLite::Backup(target, source).executeStep(-1);
    take_for_empty(0);
    if (done == SQLITE_DONE) return Ok();
    return NotRestored(store, "it is locked");
  } catch (const SQLite::Exception& exception) {
    return NotRestored(store, exception.what());
  }
}

}  // namespace

Status BackUp(Database& database, const fs::path& file) {
  const TemporaryFile made(file.native() + ".part-" + std::to_string(getpid()));
  SIGTOKEN_TRY(MakeNewFile(made.path()));
  SIGTOKEN_TRY(database.Run("be backed up", [&](SQLite::Database& connection) {
    SQLite::Database target(made.path().string(), SQLite::OPEN_READWRITE);
    Copy(connection, target);
    // A file alone, to be copied to wherever it is to be safe.
    target.exec("PRAGMA journal_mode = DELETE");
  }));
  // The whole file or none, and never in the place of another one.
  if (link(made.path().c_str(), file.c_str()) == 0) return Ok();
  return NotMade(file, errno);
}

Result<std::vector<std::string>> Restore(
    Database& database, const fs::path& file,
    const std::function<Status(Database&)>& migrate,
    std::span<const std::string_view> others) {
  const TemporaryFile copy(database.file().native() + ".restored-" +
                           std::to_string(getpid()));
  SIGTOKEN_TRY(CopyBackup(file, copy.path()));
  std::vector<std::string> whole;
  {
    SIGTOKEN_ASSIGN(const auto older, Database::Open(copy.path()));
    SIGTOKEN_TRY(older->Run("be read", [&](SQLite::Database& connection) {
      for (const std::string_view table : others) {
        const std::string name(table);
        if (connection.tableExists(name)) whole.push_back(name);
      }
    }));
    SIGTOKEN_TRY(migrate(*older));
  }
  const Attached attached(database);
  SIGTOKEN_TRY(attached.To(copy.path()));
  std::vector<std::string> unknown;
  SIGTOKEN_ASSIGN(auto transaction, database.Begin());
  SIGTOKEN_TRY(database.Run("be restored", [&](SQLite::Database& connection) {
    unknown = UnknownToBackup(connection);
    Replace(connection);
    for (const std::string& table : whole) ReplaceWhole(connection, table);
  }));
  SIGTOKEN_TRY(transaction.Commit());
  return unknown;
}

Result<std::optional<fs::path>> RestoreDamaged(
    const fs::path& store, const fs::path& file,
    const std::function<Status(Database&)>& migrate) {
  struct stat found {};
  if (lstat(store.c_str(), &found) != 0) return std::optional<fs::path>();
  const bool is_folder = S_ISDIR(found.st_mode);
  if (!is_folder) {
    SIGTOKEN_TRY(CheckPrivateStat(store, found, FileKind::kRegularFile));
  }
  // Of two that restore at once one finds it damaged.
  const HostLock lock(store.parent_path(), store.filename().string());
  SIGTOKEN_ASSIGN(const auto held, lock.AcquireExclusive());
  SIGTOKEN_ASSIGN(const bool damaged,
                  is_folder ? Result<bool>(true) : IsDamaged(store));
  if (!damaged) return std::optional<fs::path>();
  const TemporaryFile copy(store.native() + ".restored-" +
                           std::to_string(getpid()));
  SIGTOKEN_TRY(CopyBackup(file, copy.path()));
  {
    SIGTOKEN_ASSIGN(const auto backup, Database::Open(copy.path()));
    SIGTOKEN_TRY(migrate(*backup));
    SIGTOKEN_TRY(backup->Run("be read", [](SQLite::Database& connection) {
      connection.exec("DELETE FROM refused_pins");
    }));
  }
  const fs::path aside = BesideOf(store, ".damaged-" + FormatIso8601(Now()));
  Status done = KeepAside(store, is_folder, aside);
  if (done) done = Overwrite(store, copy.path());
  if (done) return std::optional(aside);
  // What was there stays.
  std::error_code ignored;
  if (is_folder && fs::exists(aside, ignored)) {
    fs::remove(store, ignored);
    fs::rename(aside, store, ignored);
  }
  if (!is_folder) {
    for (const char* ending : {"", "-wal"}) {
      fs::remove(aside.native() + ending, ignored);
    }
  }
  return std::move(done).error();
}

}  // namespace sigtoken
