// UnavailableUsers: in the place of users who cannot be asked for.

#ifndef SIGNER_RACF_USERS_UNAVAILABLE_USERS_H_
#define SIGNER_RACF_USERS_UNAVAILABLE_USERS_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "signer/racf/users/user_registry.h"

namespace sigtoken {

// Every question has one answer, the error. So nobody comes in: nobody could
// say who is revoked.
class UnavailableUsers : public UserRegistry {
 public:
  // `error` is kNotAvailable.
  explicit UnavailableUsers(Error error) : error_(std::move(error)) {}

  Result<UserOptions> Options() override { return error_; }
  Result<std::optional<User>> Find(const std::string& /*id*/) override {
    return error_;
  }
  Result<std::unique_ptr<UserChange>> Begin() override { return error_; }

 private:
  const Error error_;
};

}  // namespace sigtoken

#endif  // SIGNER_RACF_USERS_UNAVAILABLE_USERS_H_
