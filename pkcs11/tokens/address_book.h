// AddressBook: which objects of a token have a handle, and which one.

#ifndef PKCS11_TOKENS_ADDRESS_BOOK_H_
#define PKCS11_TOKENS_ADDRESS_BOOK_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/store/object_records.h"
#include "pkcs11/tokens/key_attributes.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// Where a key has its handle from.
enum class Origin {
  kOurs,     // Its CKA_ID is the short form of the handle.
  kBound,    // A [[token.key]] of the configuration.
  kAdopted,  // A row of the state store (key adopt).
};

// Every key of ours carries its address; what others made has one in the
// configuration or in the state store, and in the token nothing is changed. One
// book is good for one look at the token: it was read once.
class AddressBook {
 public:
  // A handle of a key that others made.
  struct Entry {
    ObjectId id;
    ForeignAddress address;
    Origin origin = Origin::kBound;
  };

  // Errors: kNotAvailable when the store cannot be read.
  static Result<AddressBook> Of(const Token& token);

  struct Found {
    Handle handle;
    Origin origin;
  };
  // The handle of an object; nothing for one that has none.
  std::optional<Found> HandleOf(const KeyAttributes& attributes) const;
  // As above, of an object that others made, of whatever class.
  std::optional<Found> HandleOf(const ForeignAddress& address) const;

  // Whether the object carries a handle of another ICSF token that lives in the
  // same PKCS#11 token: it is not to be seen here.
  bool IsOfAnotherName(const KeyAttributes& attributes) const;

  // Null where a key with this handle would be one of ours.
  const Entry* Find(ObjectId id) const;

  // By their numbers.
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  explicit AddressBook(TokenName name) : name_(std::move(name)) {}

  TokenName name_;
  std::vector<Entry> entries_;
};

// The handle that a CKA_ID of ours holds, or the CKA_OBJECT_ID of a data
// object: the short form, if it is of `token`.
std::optional<Handle> HandleOfId(const TokenName& token,
                                 const std::vector<std::uint8_t>& id);

// The search for the key of ours that `id` addresses.
Attributes AddressOf(const TokenName& token, ObjectId id);

// The search for the data object of ours that `id` addresses: these carry their
// address in CKA_OBJECT_ID.
Attributes DataAddressOf(const TokenName& token, ObjectId id);

// The search for an object that others made.
Attributes SearchFor(const ForeignAddress& address);

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_ADDRESS_BOOK_H_
