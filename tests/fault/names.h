// Names of PKCS #11 that a script may use.

#ifndef TESTS_FAULT_NAMES_H_
#define TESTS_FAULT_NAMES_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace sigtoken::fault {

// CKA_SIGN and the like. Nothing for a name that is unknown here.
std::optional<std::uint64_t> FindAttribute(std::string_view name);

// The flag of CK_TOKEN_INFO; nothing for a name that is unknown here.
std::optional<std::uint64_t> FindTokenFlag(std::string_view name);

}  // namespace sigtoken::fault

#endif  // TESTS_FAULT_NAMES_H_
