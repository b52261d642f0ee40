#include "pkcs11/tokens/other_objects.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/tokens/address_book.h"
#include "pkcs11/tokens/address_search.h"
#include "pkcs11/tokens/key_attributes.h"

namespace sigtoken {
namespace {

CK_ULONG NumberIn(const AttributeValues& values, CK_ATTRIBUTE_TYPE type) {
  const auto found = values.find(type);
  CK_ULONG number = CK_UNAVAILABLE_INFORMATION;
  if (found != values.end() && found->second.size() == sizeof number) {
    std::memcpy(&number, found->second.data(), sizeof number);
  }
  return number;
}

// Nothing for an object that is not to be listed.
std::optional<OtherObject> Describe(const AddressBook& book,
                                    const TokenName& name,
                                    AttributeValues values) {
  OtherObject object;
  object.object_class = NumberIn(values, CKA_CLASS);
  const bool is_data = object.object_class == CKO_DATA;
  const auto& label = values[CKA_LABEL];
  object.label.assign(label.begin(), label.end());
  KeyAttributes attributes;
  attributes.label = object.label;
  attributes.id = std::move(values[is_data ? CKA_OBJECT_ID : CKA_ID]);
  attributes.type = NumberIn(values, CKA_KEY_TYPE);
  if (object.object_class == CKO_SECRET_KEY && attributes.IsHmacKey()) {
    return std::nullopt;
  }
  if (book.IsOfAnotherName(attributes)) return std::nullopt;
  object.handle = HandleOfId(name, attributes.id);
  if (!object.handle) {
    const auto found = book.HandleOf(
        ForeignAddress{attributes.id, attributes.label, object.object_class});
    if (found) object.handle = found->handle;
  }
  return object;
}

bool IsBefore(const OtherObject& a, const OtherObject& b) {
  if (a.handle && b.handle) return *a.handle < *b.handle;
  if (a.handle || b.handle) return a.handle.has_value();
  return std::tie(a.object_class, a.label) < std::tie(b.object_class, b.label);
}

Result<std::vector<OtherObject>> ListOnce(Token& token) {
  SIGTOKEN_TRY(token.Login());
  SIGTOKEN_ASSIGN(const auto held, token.Look());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  // Session objects of this process are in sight too.
  SIGTOKEN_ASSIGN(const auto objects,
                  FindObjects(session, Attributes().Flag(CKA_TOKEN, true)));
  // Without a login there is nothing to see.
  SIGTOKEN_TRY(token.CheckShowsAll(session));
  SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token));
  std::vector<OtherObject> list;
  for (const CK_OBJECT_HANDLE object : objects) {
    auto values = ReadAttributes(
        session, object,
        {{CKA_CLASS, CKA_LABEL, CKA_ID, CKA_OBJECT_ID, CKA_KEY_TYPE}});
    // A damaged object is listed by what is known of it.
    if (!values && !IsOfTheObject(values.error())) {
      return std::move(values).error();
    }
    auto described = Describe(book, token.name(),
                              values ? *std::move(values) : AttributeValues());
    if (described) list.push_back(*std::move(described));
  }
  std::sort(list.begin(), list.end(), IsBefore);
  return list;
}

}  // namespace

Result<std::vector<OtherObject>> ListOtherObjects(Token& token) {
  return token.WithRecovery([&] { return ListOnce(token); });
}

}  // namespace sigtoken
