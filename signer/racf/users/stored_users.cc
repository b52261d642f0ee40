#include "signer/racf/users/stored_users.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <utility>

#include "signer/racf/user_id.h"

namespace sigtoken {
namespace {

// RACF keeps the count in one byte. That it stays there is ours: what RACF does
// with the 256th attempt is in no source.
constexpr int kMaxCount = 255;

constexpr char kSelect[] =
    "SELECT id, name, has_password, has_phrase, password_expired, "
    "phrase_expired, revoked, special, uaudit, revoke_count FROM racf_users ";

// Columns as in kSelect. A user ID that this program did not write is left out.
std::optional<User> ReadRow(SQLite::Statement& row) {
  User user;
  user.id = row.getColumn(0).getString();
  if (!IsUserId(user.id)) return std::nullopt;
  user.name = row.getColumn(1).getString();
  user.has_password = row.getColumn(2).getInt() != 0;
  user.has_phrase = row.getColumn(3).getInt() != 0;
  user.password_expired = row.getColumn(4).getInt() != 0;
  user.phrase_expired = row.getColumn(5).getInt() != 0;
  user.revoked = row.getColumn(6).getInt() != 0;
  user.special = row.getColumn(7).getInt() != 0;
  user.uaudit = row.getColumn(8).getInt() != 0;
  user.revoke_count = std::clamp(row.getColumn(9).getInt(), 0, kMaxCount);
  return user;
}

// Whether a row was written. `how`: what becomes of one of the same ID.
bool Write(SQLite::Database& connection, const User& user,
           const std::string& how) {
  SQLite::Statement put(connection, "INSERT " + how +
                                        " INTO racf_users VALUES "
                                        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  put.bind(1, user.id);
  put.bind(2, user.name);
  put.bind(3, user.has_password ? 1 : 0);
  put.bind(4, user.has_phrase ? 1 : 0);
  put.bind(5, user.password_expired ? 1 : 0);
  put.bind(6, user.phrase_expired ? 1 : 0);
  put.bind(7, user.revoked ? 1 : 0);
  put.bind(8, user.special ? 1 : 0);
  put.bind(9, user.uaudit ? 1 : 0);
  put.bind(10, user.revoke_count);
  return put.exec() > 0;
}

class StoredChange : public UserChange {
 public:
  StoredChange(StoredUsers& users, Database::Transaction transaction)
      : users_(&users), transaction_(std::move(transaction)) {}

  Result<FailureCount> CountFailure(const std::string& id) override {
    SIGTOKEN_ASSIGN(auto user, users_->Find(id));
    if (!user || user->is_protected()) return FailureCount::kNotCounted;
    SIGTOKEN_ASSIGN(const UserOptions options, users_->Options());
    user->revoke_count = std::min(user->revoke_count + 1, kMaxCount);
    // z/OS Security Server RACF Command Language Reference, SETROPTS, REVOKE:
    // "the number of consecutive incorrect attempts that RACF allows before it
    // revokes the user ID on the next incorrect attempt".
    const bool too_many =
        options.revoke_after && user->revoke_count > *options.revoke_after;
    const bool revokes = too_many && !user->revoked;
    user->revoked = user->revoked || revokes;
    SIGTOKEN_TRY(users_->Put(*user));
    return revokes ? FailureCount::kCountedRevoked : FailureCount::kCounted;
  }

  Status ForgetFailures(const std::string& id) override {
    SIGTOKEN_ASSIGN(auto user, users_->Find(id));
    if (!user) return Ok();
    user->revoke_count = 0;
    return users_->Put(*user);
  }

  Status Renew(const std::string& id, Authenticator authenticator) override {
    SIGTOKEN_ASSIGN(auto user, users_->Find(id));
    if (!user) return Ok();
    // A new one takes the place of one that is there: who has none, above all a
    // protected user, gets it from an administrator alone. Ours.
    if (authenticator == Authenticator::kPassword) {
      user->password_expired = false;
    } else {
      user->phrase_expired = false;
    }
    return users_->Put(*user);
  }

  Status Commit() override { return transaction_.Commit(); }

 private:
  StoredUsers* users_;
  Database::Transaction transaction_;
};

}  // namespace

Result<UserOptions> StoredUsers::Options() {
  UserOptions options;
  SIGTOKEN_TRY(database_->Run(
      "read the options of users", [&](SQLite::Database& connection) {
        SQLite::Statement query(connection,
                                "SELECT revoke_after, audit_user, saudit FROM "
                                "racf_user_options");
        if (!query.executeStep()) return;
        if (!query.getColumn(0).isNull()) {
          options.revoke_after = query.getColumn(0).getInt();
        }
        options.audit_user = query.getColumn(1).getInt() != 0;
        options.saudit = query.getColumn(2).getInt() != 0;
      }));
  return options;
}

Status StoredUsers::SetOptions(const UserOptions& options) {
  return database_->Run(
      "write the options of users", [&](SQLite::Database& connection) {
        SQLite::Statement put(
            connection,
            "INSERT OR REPLACE INTO racf_user_options VALUES (1, ?, ?, ?)");
        if (options.revoke_after) put.bind(1, *options.revoke_after);
        put.bind(2, options.audit_user ? 1 : 0);
        put.bind(3, options.saudit ? 1 : 0);
        put.exec();
      });
}

Result<std::optional<User>> StoredUsers::Find(const std::string& id) {
  std::optional<User> found;
  SIGTOKEN_TRY(database_->Run("read a user", [&](SQLite::Database& connection) {
    SQLite::Statement query(connection, std::string(kSelect) + "WHERE id = ?");
    query.bind(1, id);
    if (query.executeStep()) found = ReadRow(query);
  }));
  return found;
}

Result<std::unique_ptr<UserChange>> StoredUsers::Begin() {
  // From before anything is read: who else counts waits for its end.
  SIGTOKEN_ASSIGN(auto transaction, database_->Begin());
  return std::unique_ptr<UserChange>(
      std::make_unique<StoredChange>(*this, std::move(transaction)));
}

Result<bool> StoredUsers::Add(const User& user) {
  bool added = false;
  SIGTOKEN_TRY(
      database_->Run("write a user", [&](SQLite::Database& connection) {
        added = Write(connection, user, "OR IGNORE");
      }));
  return added;
}

Status StoredUsers::Put(const User& user) {
  return database_->Run("write a user", [&](SQLite::Database& connection) {
    Write(connection, user, "OR REPLACE");
  });
}

Result<bool> StoredUsers::Delete(const std::string& id) {
  bool deleted = false;
  SIGTOKEN_TRY(
      database_->Run("delete a user", [&](SQLite::Database& connection) {
        SQLite::Statement remove(connection,
                                 "DELETE FROM racf_users WHERE id = ?");
        remove.bind(1, id);
        deleted = remove.exec() > 0;
      }));
  return deleted;
}

Status StoredUsers::ForEach(const std::function<bool(const User&)>& visit) {
  return database_->Run("read users", [&](SQLite::Database& connection) {
    SQLite::Statement query(connection, std::string(kSelect) + "ORDER BY id");
    while (query.executeStep()) {
      const auto user = ReadRow(query);
      if (user && !visit(*user)) break;
    }
  });
}

}  // namespace sigtoken
