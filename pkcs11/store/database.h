// Database: the state store's SQLite file.

#ifndef PKCS11_STORE_DATABASE_H_
#define PKCS11_STORE_DATABASE_H_

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/store/fork_guard.h"

namespace SQLite {
class Database;
class Transaction;
}  // namespace SQLite

namespace sigtoken {

// The state store: what ICSF knows of tokens and objects and a PKCS#11 module
// does not keep. It holds no secret. One connection, shared by the threads of a
// process; any number of processes. A forked child opens the store for itself:
// what it has inherited answers kNotAvailable there (store/fork_guard.h).
//
// Every change is made in a Transaction. Errors of everything here:
// kNotAvailable, with SQLite's words.
class Database {
 public:
  // Opens the file, makes it (mode 0600) if it is not there, and brings its
  // tables to this program's version. A file of a newer version is refused.
  static Result<std::unique_ptr<Database>> Open(
      const std::filesystem::path& file);

  // A store that is in no file, and ends with this object.
  static Result<std::unique_ptr<Database>> OpenInMemory();

  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  const std::filesystem::path& file() const { return file_; }

  // BEGIN IMMEDIATE: no other process writes until it ends. Rolled back unless
  // committed. Other threads of this process wait for its end. In a forked
  // child it is nothing: the change is the parent's.
  class Transaction {
   public:
    Transaction(Transaction&&) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    Status Commit();

   private:
    friend class Database;
    Transaction(Database& database, std::unique_ptr<ForkGuard::Use> use,
                std::unique_lock<std::recursive_mutex> lock,
                std::unique_ptr<SQLite::Transaction> transaction);

    Database* database_;
    std::unique_ptr<ForkGuard::Use> use_;
    std::unique_lock<std::recursive_mutex> lock_;
    std::unique_ptr<SQLite::Transaction> transaction_;
  };
  Result<Transaction> Begin();

  // Brings the tables of one layer to the version that has all `migrations`
  // (SQL texts, in order; a shipped one never changes).
  Status Migrate(std::string_view layer,
                 std::span<const std::string_view> migrations);

  // Runs `work` on the connection and makes its SQLite exceptions an Error.
  // `doing` completes "could not ...".
  Status Run(std::string_view doing,
             const std::function<void(SQLite::Database&)>& work);

 private:
  friend class ForkGuard;
  Database(std::filesystem::path file,
           std::unique_ptr<SQLite::Database> connection);

  Result<int> VersionOf(const std::string& layer);
  bool IsOfParent() const;
  Status CheckProcess() const;

  std::filesystem::path file_;
  unsigned fork_generation_;
  std::recursive_mutex mutex_;
  std::unique_ptr<SQLite::Database> connection_;
  // How many transactions and calls of Run() have begun and not ended: those
  // of one thread, within each other. Of mutex_ too.
  int changes_ = 0;
};

}  // namespace sigtoken

#endif  // PKCS11_STORE_DATABASE_H_
