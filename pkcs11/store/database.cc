#include "pkcs11/store/database.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <utility>

#include "pkcs11/base/printable.h"
#include "pkcs11/store/host_lock.h"
#include "pkcs11/store/store_file.h"

namespace sigtoken {
namespace {

// How long one process waits for another's transaction. Inside one lies a key
// generation of a module, which on a network HSM takes up to seconds.
constexpr int kBusyMilliseconds = 30'000;

Error Failed(const std::filesystem::path& file, std::string_view doing,
             const SQLite::Exception& exception) {
  constexpr int kPrimary = 0xFF;  // sqlite.org, "Result and Error Codes".
  const int code = exception.getErrorCode() & kPrimary;
  const bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
  return damaged ? StoreDamaged(file, doing, exception.what())
                 : StoreFailed(file, doing, exception.what());
}

// Counts a change for its lifetime.
class Counted {
 public:
  explicit Counted(int& count) : count_(count) { ++count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --count_; }

 private:
  int& count_;
};

bool IsWal(SQLite::Database& connection) {
  return connection.execAndGet("PRAGMA journal_mode").getString() == "wal";
}

// The file stays in WAL mode once it is. SQLite does not wait for others that
// switch at the same moment but fails, so one does it at a time.
Status SwitchToWal(SQLite::Database& connection,
                   const std::filesystem::path& file) {
  if (IsWal(connection)) return Ok();
  const HostLock lock(file.parent_path(), file.filename().string());
  SIGTOKEN_ASSIGN(const auto held, lock.AcquireExclusive());
  if (!IsWal(connection)) connection.exec("PRAGMA journal_mode = WAL");
  return Ok();
}

}  // namespace

Database::Database(std::filesystem::path file,
                   std::unique_ptr<SQLite::Database> connection)
    : file_(std::move(file)),
      fork_generation_(ForkGuard::Generation()),
      connection_(std::move(connection)) {}

Database::~Database() {
  if (IsOfParent()) {
    // What fork() has not closed is not to be touched.
    static_cast<void>(connection_.release());
    return;
  }
  const auto held = ForkGuard::HoldToClose();
  ForkGuard::Remove(held, *this);
  connection_.reset();
}

bool Database::IsOfParent() const {
  return fork_generation_ != ForkGuard::Generation();
}

Status Database::CheckProcess() const {
  if (!IsOfParent()) return Ok();
  return Unavailable(
      "this process is a child of the one that opened the state "
      "store " +
          Quoted(file_.string()),
      "open sigtoken after fork(), in each process for itself");
}

Result<std::unique_ptr<Database>> Database::Open(
    const std::filesystem::path& file) {
  SIGTOKEN_TRY(MakeStoreFile(file));
  SIGTOKEN_ASSIGN(const auto held, ForkGuard::HoldToOpen(file));
  try {
    auto connection = std::make_unique<SQLite::Database>(
        file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_FULLMUTEX);
    connection->setBusyTimeout(kBusyMilliseconds);
    SIGTOKEN_TRY(SwitchToWal(*connection, file));
    // A number that was handed out must not come back after a power cut.
    connection->exec("PRAGMA synchronous = FULL");
    connection->exec("PRAGMA foreign_keys = ON");
    std::unique_ptr<Database> database(
        new Database(file, std::move(connection)));
    ForkGuard::Add(held, *database);
    return database;
  } catch (const SQLite::Exception& exception) {
    return Failed(file, "be opened", exception);
  }
}

Result<std::unique_ptr<Database>> Database::OpenInMemory() {
  // sqlite.org, "In-Memory Databases".
  const std::filesystem::path none = ":memory:";
  SIGTOKEN_ASSIGN(const auto held, ForkGuard::HoldToOpen(none));
  try {
    auto connection = std::make_unique<SQLite::Database>(
        none.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_FULLMUTEX);
    connection->exec("PRAGMA foreign_keys = ON");
    std::unique_ptr<Database> database(
        new Database(none, std::move(connection)));
    ForkGuard::Add(held, *database);
    return database;
  } catch (const SQLite::Exception& exception) {
    return Failed(none, "be opened", exception);
  }
}

Result<Database::Transaction> Database::Begin() {
  // Before the mutex, which a child can never lock.
  SIGTOKEN_TRY(CheckProcess());
  auto use = std::make_unique<ForkGuard::Use>();
  std::unique_lock lock(mutex_);
  try {
    return Transaction(
        *this, std::move(use), std::move(lock),
        std::make_unique<SQLite::Transaction>(
            *connection_, SQLite::TransactionBehavior::IMMEDIATE));
  } catch (const SQLite::Exception& exception) {
    return Failed(file_, "begin a change", exception);
  }
}

Result<int> Database::VersionOf(const std::string& layer) {
  int version = 0;
  SIGTOKEN_TRY(Run("read its version", [&](SQLite::Database& connection) {
    if (!connection.tableExists("schema_versions")) return;
    SQLite::Statement query(
        connection, "SELECT version FROM schema_versions WHERE layer = ?");
    query.bind(1, layer);
    if (query.executeStep()) version = query.getColumn(0).getInt();
  }));
  return version;
}

Status Database::Migrate(std::string_view layer,
                         std::span<const std::string_view> migrations) {
  const std::string name(layer);
  const int wanted = static_cast<int>(migrations.size());
  // Who only reads need not wait for those who write.
  SIGTOKEN_ASSIGN(int version, VersionOf(name));
  if (version == wanted) return Ok();
  SIGTOKEN_ASSIGN(Transaction transaction, Begin());
  SIGTOKEN_ASSIGN(version, VersionOf(name));
  if (version > wanted) {
    return StoreFailed(file_, "be used",
                       "it was written by a newer sigtoken (" + name +
                           " version " + std::to_string(version) +
                           ", this one knows " + std::to_string(wanted) + ")");
  }
  if (version == wanted) return Ok();
  SIGTOKEN_TRY(Run("be brought up to date", [&](SQLite::Database& connection) {
    connection.exec(
        "CREATE TABLE IF NOT EXISTS schema_versions "
        "(layer TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT");
    for (const auto& sql :
         migrations.subspan(static_cast<std::size_t>(version))) {
      connection.exec(std::string(sql));
    }
    SQLite::Statement insert(
        connection, "INSERT OR REPLACE INTO schema_versions VALUES (?, ?)");
    insert.bind(1, name);
    insert.bind(2, wanted);
    insert.exec();
  }));
  return transaction.Commit();
}

Status Database::Run(std::string_view doing,
                     const std::function<void(SQLite::Database&)>& work) {
  SIGTOKEN_TRY(CheckProcess());
  const ForkGuard::Use use;
  const std::lock_guard lock(mutex_);
  const Counted change(changes_);
  try {
    work(*connection_);
    return Ok();
  } catch (const SQLite::Exception& exception) {
    return Failed(file_, doing, exception);
  }
}

Database::Transaction::Transaction(
    Database& database, std::unique_ptr<ForkGuard::Use> use,
    std::unique_lock<std::recursive_mutex> lock,
    std::unique_ptr<SQLite::Transaction> transaction)
    : database_(&database),
      use_(std::move(use)),
      lock_(std::move(lock)),
      transaction_(std::move(transaction)) {
  ++database_->changes_;
}

Database::Transaction::Transaction(Transaction&&) noexcept = default;

Database::Transaction::~Transaction() {
  if (!transaction_) return;  // Moved from.
  if (database_->IsOfParent()) {
    // Its connection is not to be touched, and its mutex is locked by a thread
    // of the parent's.
    static_cast<void>(transaction_.release());
    static_cast<void>(lock_.release());
    return;
  }
  // SQLite::Transaction rolls back unless it was committed.
  transaction_.reset();
  --database_->changes_;
}

Status Database::Transaction::Commit() {
  return database_->Run("commit a change",
                        [this](SQLite::Database&) { transaction_->commit(); });
}

}  // namespace sigtoken
