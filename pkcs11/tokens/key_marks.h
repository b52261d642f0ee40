// KeyMarks: by what an object is known again.

#ifndef PKCS11_TOKENS_KEY_MARKS_H_
#define PKCS11_TOKENS_KEY_MARKS_H_

#include <cstdint>
#include <vector>

#include "pkcs11/cryptoki/session.h"
#include "pkcs11/tokens/object_index.h"

namespace sigtoken {

// A key of ours is known by its address, which is all that stays when it is
// changed. Else by CKA_ID and CKA_LABEL, since others give keys of theirs one
// CKA_ID and tell them apart by CKA_LABEL, or the other way round.
class KeyMarks {
 public:
  KeyMarks() = default;
  explicit KeyMarks(const FoundKey& found);

  // Whether `object` is that key still. An object that has neither attribute is
  // not known again, and passes. Errors: CKR_OBJECT_HANDLE_INVALID where it is
  // another one; as C_GetAttributeValue gave them.
  Status Check(Session& session, CK_OBJECT_HANDLE object) const;

 private:
  struct Mark {
    CK_ATTRIBUTE_TYPE type;
    std::vector<std::uint8_t> value;
  };
  std::vector<Mark> marks_;
};

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_KEY_MARKS_H_
