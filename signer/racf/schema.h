// The tables of this layer: classes, their profiles, and users.

#ifndef SIGNER_RACF_SCHEMA_H_
#define SIGNER_RACF_SCHEMA_H_

#include <array>
#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/store/database.h"

namespace sigtoken {

// For the restore of a backup, which puts them back as they were.
inline constexpr std::array<std::string_view, 5> kRacfTables = {
    "racf_classes", "racf_profiles", "racf_raclisted", "racf_users",
    "racf_user_options"};

// Makes the tables, or brings those of an older version up to date. Called
// once, after Database::Open.
Status MigrateRacf(Database& database);

}  // namespace sigtoken

#endif  // SIGNER_RACF_SCHEMA_H_
