// Object records: what the state store knows of a key.

#ifndef PKCS11_STORE_OBJECT_RECORDS_H_
#define PKCS11_STORE_OBJECT_RECORDS_H_

#include <p11-kit/pkcs11.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pkcs11/base/clock.h"
#include "pkcs11/base/result.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/store/database.h"

namespace sigtoken {

// By what an object is found that others made, and whose CKA_ID is theirs: what
// is empty is not looked at, and not both are.
struct ForeignAddress {
  std::vector<std::uint8_t> id;  // CKA_ID
  std::string label;             // CKA_LABEL
  CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;

  friend bool operator==(const ForeignAddress&,
                         const ForeignAddress&) = default;
};

struct ObjectRecord {
  ObjectId id;
  CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
  std::size_t bytes = 0;  // As generated or imported.
  std::string algorithm;  // HS256, HS384, HS512, or empty: none was named.
  // HMAC-SHA-256 over no data, 32 bytes; nothing where the key cannot make it
  // and nobody knew its value.
  std::optional<std::vector<std::uint8_t>> check_mac;
  bool disabled = false;
  Instant created;
  // Nothing for a key that sigtoken made.
  std::optional<ForeignAddress> foreign = std::nullopt;
  // Whether `foreign` is what gives the key its handle (key adopt), and not the
  // configuration.
  bool adopted = false;
  // Whether the key was to have a value that may be read.
  bool exportable = false;
  // Optional protections that the module refused, by name.
  std::vector<std::string> not_kept = {};
  // The attributes that the object is being given: while they are set, two
  // objects of its address are the old one and the new one.
  std::optional<std::vector<std::uint8_t>> pending = std::nullopt;
};

Result<std::optional<ObjectRecord>> FindObjectRecord(Database& database,
                                                     const TokenName& token,
                                                     ObjectId id);

// All objects of a token, by their number.
Result<std::vector<ObjectRecord>> ObjectRecords(Database& database,
                                                const TokenName& token);

// All adopted keys of a token, by their number.
Result<std::vector<ObjectRecord>> AdoptedRecords(Database& database,
                                                 const TokenName& token);

// The caller has begun a transaction for the rest. The token has a record.

// Takes the place of a record of that sequence number.
Status PutObjectRecord(Database& database, const TokenName& token,
                       const ObjectRecord& record);

Status SetDisabled(Database& database, const TokenName& token, ObjectId id,
                   bool disabled);

// Fine where there is no record.
Status SetPending(Database& database, const TokenName& token, ObjectId id,
                  const std::optional<std::vector<std::uint8_t>>& pending);
Status SetExportable(Database& database, const TokenName& token, ObjectId id,
                     bool exportable);
Status SetBytes(Database& database, const TokenName& token, ObjectId id,
                std::size_t bytes);

// Attributes that the module does not keep, by type; the values are as Cryptoki
// has them. They go with the record of the object.
using KeptAttributes = std::map<CK_ATTRIBUTE_TYPE, std::vector<std::uint8_t>>;
Result<KeptAttributes> FindKeptAttributes(Database& database,
                                          const TokenName& token, ObjectId id);
// Takes the place of what was there for each type. The object has a record.
Status PutKeptAttributes(Database& database, const TokenName& token,
                         ObjectId id, const KeptAttributes& attributes);

// Fine where there is none.
Status DeleteObjectRecord(Database& database, const TokenName& token,
                          ObjectId id);

}  // namespace sigtoken

#endif  // PKCS11_STORE_OBJECT_RECORDS_H_
