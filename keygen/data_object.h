// Make a data object: ICSF's CSFPTRC with CKA_CLASS CKO_DATA.

#ifndef KEYGEN_DATA_OBJECT_H_
#define KEYGEN_DATA_OBJECT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/objects/icsf.h"
#include "pkcs11/store/object_records.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// What to make. All of it but `kept` lies in the token.
struct DataSpec {
  char category = 'T';     // T, or S for one that ends with the process.
  bool is_private = true;  // CKA_PRIVATE
  std::vector<std::uint8_t> label;
  std::vector<std::uint8_t> application;
  std::vector<std::uint8_t> value;
  KeptAttributes kept = {};  // What the module does not keep.
};

// The attributes of a data object with the handle `handle`, which it carries in
// CKA_OBJECT_ID.
Attributes DataAttributes(const DataSpec& spec, const Handle& handle);

// Makes it under the token's next sequence number. It counts as made only after
// it was found again exactly once with all its attributes; else it is destroyed
// again.
//
// Errors: kAttributeValueInvalid, as the module gave it, from one that has no
// data objects (NSS); kAttributeReadOnly in the omnipresent token; as the
// module or the store gave it.
Result<Handle> MakeDataObject(Icsf& icsf, Token& token, const DataSpec& spec);

// Destroys one in the token; its sequence number does not come back. Errors:
// kObjectNotFound; kNotAvailable where it is there still.
Status DeleteDataObject(Token& token, ObjectId id);

}  // namespace sigtoken

#endif  // KEYGEN_DATA_OBJECT_H_
