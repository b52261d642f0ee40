// ForkGuard: no connection to a state store is carried across fork().

#ifndef PKCS11_STORE_FORK_GUARD_H_
#define PKCS11_STORE_FORK_GUARD_H_

#include <filesystem>
#include <mutex>

#include "pkcs11/base/result.h"

namespace sigtoken {

class Database;

// SQLite keeps account of its locks in the process, for each file, and fork()
// copies the account and not the locks: a connection that a child opened beside
// an inherited one would hold no lock at all, and another process could take
// the WAL away under it (sqlite.org, "How To Corrupt An SQLite Database File",
// section 2.6).
//
// So fork() waits until no thread is inside SQLite, and the child closes what
// it has inherited before it does anything else. It has none of the parent's
// locks to lose then, and gets none that would make it the last user of the
// file. A connection in the middle of a change is not closed, for its rollback
// would be written to memory that the parent shares: it is left alone, and that
// file cannot be opened in that child.
class ForkGuard {
 public:
  using Lock = std::unique_lock<std::mutex>;

  // Before anything else of this process takes part in fork() that may wait for
  // users of the store: what is registered later is asked first. Errors:
  // kNotAvailable.
  static Status Register();

  // While it is held, fork() waits. Errors: kNotAvailable where this process is
  // a child that may not use the file.
  static Result<Lock> HoldToOpen(const std::filesystem::path& file);
  // Precondition: this process has opened it.
  static Lock HoldToClose();

  // The caller holds the lock, from before the connection is there until it is
  // closed.
  static void Add(const Lock& held, Database& database);
  static void Remove(const Lock& held, Database& database);

  // One use of a connection by this thread, from before its mutex is locked. A
  // thread that uses none yet lets a fork() that waits go first, which would
  // never find all of them free otherwise.
  class Use {
   public:
    Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use();
  };

  // Counted up in every child.
  static unsigned Generation();

 private:
  static bool TryLockAll();
  static void UnlockAll();
  static void BeforeFork();
  static void InParent();
  static void InChild();
};

}  // namespace sigtoken

#endif  // PKCS11_STORE_FORK_GUARD_H_
