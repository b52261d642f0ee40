// StoredUsers: the users of the state store.

#ifndef SIGNER_RACF_USERS_STORED_USERS_H_
#define SIGNER_RACF_USERS_STORED_USERS_H_

#include <functional>
#include <memory>
#include <string>

#include "pkcs11/store/database.h"
#include "signer/racf/users/user_registry.h"

namespace sigtoken {

// The tables are there (MigrateRacf()). The database outlives it.
class StoredUsers : public UserRegistry {
 public:
  explicit StoredUsers(Database& database) : database_(&database) {}

  Result<UserOptions> Options() override;
  Result<std::optional<User>> Find(const std::string& id) override;
  // A transaction of the database. It outlives neither that nor this.
  Result<std::unique_ptr<UserChange>> Begin() override;

  // What commands change: within a transaction of the caller.

  Status SetOptions(const UserOptions& options);
  // False where there is one of that ID.
  Result<bool> Add(const User& user);
  // In the place of the one of that ID.
  Status Put(const User& user);
  // False where there is none.
  Result<bool> Delete(const std::string& id);
  // In ASCII order. `visit` answers whether it wants more.
  Status ForEach(const std::function<bool(const User&)>& visit);

 private:
  Database* database_;
};

}  // namespace sigtoken

#endif  // SIGNER_RACF_USERS_STORED_USERS_H_
