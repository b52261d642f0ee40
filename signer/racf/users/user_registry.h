// UserRegistry: what RACF knows of users, as far as identity tokens ask for it.

#ifndef SIGNER_RACF_USERS_USER_REGISTRY_H_
#define SIGNER_RACF_USERS_USER_REGISTRY_H_

#include <memory>
#include <optional>
#include <string>

#include "pkcs11/base/result.h"

namespace sigtoken {

struct User {
  std::string id;         // As CheckUserId() accepts it.
  std::string name = {};  // NAME, at most 20 characters; empty: none.
  // Passwords and phrases themselves are nowhere here: RACF's commands say that
  // there is one, and this is what is kept.
  bool has_password = false;
  bool has_phrase = false;
  bool password_expired = false;
  bool phrase_expired = false;
  bool revoked = false;
  bool special = false;  // SPECIAL
  bool uaudit = false;   // UAUDIT
  // How many signatures in a row did not fit.
  int revoke_count = 0;

  // OA63462, "Defining Protected user IDs": NOPASSWORD, NOPHRASE and
  // NOOIDCARD; cards are not kept here.
  bool is_protected() const { return !has_password && !has_phrase; }

  friend bool operator==(const User&, const User&) = default;
};

// What SETROPTS says of users.
struct UserOptions {
  // PASSWORD(REVOKE(n)): how many attempts in a row may fail; the next one
  // revokes the user. Nothing: NOREVOKE.
  std::optional<int> revoke_after = std::nullopt;
  bool audit_user = false;  // AUDIT(USER)
  bool saudit = true;       // SAUDIT

  friend bool operator==(const UserOptions&, const UserOptions&) = default;
};

// What came of a signature that did not fit.
enum class FailureCount {
  kNotCounted,  // The user is not defined, or protected.
  kCounted,
  kCountedRevoked,  // By this very one.
};

enum class Authenticator { kPassword, kPhrase };

// What one request changes of users: all of it once it is committed, and
// nothing where it ends before. Others see nothing of it until then. One
// thread's, and the one that began it ends it.
//
// Errors of everything here: kNotAvailable.
class UserChange {
 public:
  UserChange() = default;
  UserChange(const UserChange&) = delete;
  UserChange& operator=(const UserChange&) = delete;
  virtual ~UserChange() = default;

  // A signature in the user's name did not fit.
  virtual Result<FailureCount> CountFailure(const std::string& id) = 0;

  // The user was authenticated: the attempts that follow are counted from 0
  // (SETROPTS PASSWORD(REVOKE) counts those in a row).
  virtual Status ForgetFailures(const std::string& id) = 0;

  // The user has a new password or phrase, which has not expired. Fine for one
  // who is not defined.
  virtual Status Renew(const std::string& id, Authenticator authenticator) = 0;

  // Kept once it has returned, whatever becomes of the process then, and not at
  // all where it fails. Once, and the last that is asked of it.
  virtual Status Commit() = 0;
};

// Where users come from. The default keeps them in the state store
// (racf/users/stored_users.h); others may ask a directory of theirs. Any number
// of threads.
//
// Errors of everything here: kNotAvailable.
class UserRegistry {
 public:
  UserRegistry() = default;
  UserRegistry(const UserRegistry&) = delete;
  UserRegistry& operator=(const UserRegistry&) = delete;
  virtual ~UserRegistry() = default;

  virtual Result<UserOptions> Options() = 0;

  // Nothing for a user who is not defined.
  virtual Result<std::optional<User>> Find(const std::string& id) = 0;

  // Other changes wait for the end of this one; what its thread asks for here
  // meanwhile is answered as the change has it.
  virtual Result<std::unique_ptr<UserChange>> Begin() = 0;
};

}  // namespace sigtoken

#endif  // SIGNER_RACF_USERS_USER_REGISTRY_H_
