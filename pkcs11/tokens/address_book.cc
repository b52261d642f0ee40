#include "pkcs11/tokens/address_book.h"

#include <algorithm>
#include <string>

namespace sigtoken {
namespace {

Attributes SecretKeys() {
  Attributes wanted;
  wanted.Number(CKA_CLASS, CKO_SECRET_KEY);
  return wanted;
}

// The address in a CKA_ID, of whatever token.
std::optional<Handle> HandleIn(const std::vector<std::uint8_t>& id) {
  const std::string text(id.begin(), id.end());
  auto handle = Handle::ParseShort(text);
  // Only the form that we write: 1T is not 00000001T there.
  if (!handle || handle->FormatShort() != text) return std::nullopt;
  return *std::move(handle);
}

// Whether an entry's address is that of the object with all of `object`.
bool Fits(const ForeignAddress& address, const ForeignAddress& object) {
  return address.object_class == object.object_class &&
         (address.id.empty() || address.id == object.id) &&
         (address.label.empty() || address.label == object.label);
}

}  // namespace

std::optional<Handle> HandleOfId(const TokenName& token,
                                 const std::vector<std::uint8_t>& id) {
  auto handle = HandleIn(id);
  if (handle && handle->token_name() != token) handle.reset();
  return handle;
}

Attributes AddressOf(const TokenName& token, ObjectId id) {
  return SecretKeys().Text(CKA_ID, Handle(token, id).FormatShort());
}

Attributes DataAddressOf(const TokenName& token, ObjectId id) {
  Attributes wanted;
  wanted.Number(CKA_CLASS, CKO_DATA)
      .Text(CKA_OBJECT_ID, Handle(token, id).FormatShort());
  return wanted;
}

Attributes SearchFor(const ForeignAddress& address) {
  Attributes wanted;
  wanted.Number(CKA_CLASS, address.object_class);
  if (!address.id.empty()) wanted.Bytes(CKA_ID, address.id);
  if (!address.label.empty()) wanted.Text(CKA_LABEL, address.label);
  return wanted;
}

Result<AddressBook> AddressBook::Of(const Token& token) {
  AddressBook book(token.name());
  for (const BoundKey& bound : token.bound_keys()) {
    book.entries_.push_back(
        {bound.object,
         {bound.uri.id().value_or(std::vector<std::uint8_t>()),
          bound.uri.object_label().value_or(""),
          bound.uri.type().value_or(CKO_SECRET_KEY)},
         Origin::kBound});
  }
  SIGTOKEN_ASSIGN(const auto records,
                  AdoptedRecords(token.database(), token.name()));
  for (const ObjectRecord& record : records) {
    // The configuration takes a handle over.
    if (book.Find(record.id) != nullptr || !record.foreign) continue;
    book.entries_.push_back({record.id, *record.foreign, Origin::kAdopted});
  }
  std::sort(book.entries_.begin(), book.entries_.end(),
            [](const Entry& a, const Entry& b) { return a.id < b.id; });
  return book;
}

std::optional<AddressBook::Found> AddressBook::HandleOf(
    const KeyAttributes& attributes) const {
  if (const auto handle = HandleOfId(name_, attributes.id)) {
    return Found{*handle, Origin::kOurs};
  }
  return HandleOf(
      ForeignAddress{attributes.id, attributes.label, CKO_SECRET_KEY});
}

std::optional<AddressBook::Found> AddressBook::HandleOf(
    const ForeignAddress& address) const {
  for (const Entry& entry : entries_) {
    if (Fits(entry.address, address)) {
      return Found{Handle(name_, entry.id), entry.origin};
    }
  }
  return std::nullopt;
}

bool AddressBook::IsOfAnotherName(const KeyAttributes& attributes) const {
  const auto handle = HandleIn(attributes.id);
  return handle && handle->token_name() != name_ && !HandleOf(attributes);
}

const AddressBook::Entry* AddressBook::Find(ObjectId id) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(),
                   [&](const Entry& entry) { return entry.id == id; });
  return found == entries_.end() ? nullptr : &*found;
}

}  // namespace sigtoken
