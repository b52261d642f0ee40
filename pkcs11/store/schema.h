// The tables of this layer: tokens, objects and refused PINs.

#ifndef PKCS11_STORE_SCHEMA_H_
#define PKCS11_STORE_SCHEMA_H_

#include "pkcs11/base/result.h"
#include "pkcs11/store/database.h"

namespace sigtoken {

// Makes the tables, or brings those of an older version up to date. Called
// once, after Database::Open.
Status MigrateRecords(Database& database);

}  // namespace sigtoken

#endif  // PKCS11_STORE_SCHEMA_H_
