#include "pkcs11/objects/locate.h"

#include "pkcs11/tokens/address_search.h"
#include "pkcs11/tokens/object_index.h"

namespace sigtoken {

Result<Located> Locate(Token& token, const HostLock::Shared& /*held*/,
                       Session& session, ObjectId id) {
  SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token));
  if (const auto* entry = book.Find(id);
      entry != nullptr && entry->address.object_class != CKO_SECRET_KEY) {
    SIGTOKEN_ASSIGN(
        const CK_OBJECT_HANDLE object,
        FindOne(token, session, SearchFor(entry->address),
                Handle(token.name(), id).FormatShort(),
                "only one object may carry an address: give the others other "
                "labels with the tool that made them"));
    return Located{object, entry->address.object_class, entry->origin};
  }
  SIGTOKEN_ASSIGN(const auto data, FindDataObjects(session, token.name(), id));
  if (!data.empty()) {
    SIGTOKEN_ASSIGN(const CK_OBJECT_HANDLE object,
                    FindOne(token, session, DataAddressOf(token.name(), id),
                            Handle(token.name(), id).FormatShort(),
                            "only one object may carry an address: delete the "
                            "others with the tool that made them",
                            id));
    return Located{object, CKO_DATA, Origin::kOurs};
  }
  SIGTOKEN_ASSIGN(const CK_OBJECT_HANDLE object,
                  FindObject(token, session, id));
  const auto* entry = book.Find(id);
  return Located{object, CKO_SECRET_KEY,
                 entry != nullptr ? entry->origin : Origin::kOurs};
}

}  // namespace sigtoken
