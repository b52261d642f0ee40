#include "keygen/search.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "keygen/adopt.h"
#include "pkcs11/icsf/attribute_types.h"
#include "pkcs11/objects/locate.h"
#include "pkcs11/objects/object_attributes.h"
#include "pkcs11/tokens/address_book.h"
#include "pkcs11/tokens/pending.h"

namespace sigtoken {
namespace {

CK_ULONG NumberIn(const AttributeValues& values, CK_ATTRIBUTE_TYPE type,
                  CK_ULONG otherwise) {
  const auto found = values.find(type);
  CK_ULONG number = otherwise;
  if (found != values.end() && found->second.size() == sizeof number) {
    std::memcpy(&number, found->second.data(), sizeof number);
  }
  return number;
}

// What the module itself looks for: attributes that are never kept elsewhere.
Attributes ForModule(const SearchTemplate& wanted) {
  Attributes attributes;
  for (const CK_ATTRIBUTE_TYPE type : {CKA_CLASS, CKA_LABEL}) {
    const auto found = wanted.values.find(type);
    if (found != wanted.values.end()) attributes.Bytes(type, found->second);
  }
  return attributes;
}

bool Equal(const Secret& secret, const CleansedBytes& value) {
  return secret.size() == value.size() &&
         std::equal(value.begin(), value.end(), secret.data());
}

// One search, under one guard.
class Search {
 public:
  Search(Icsf& icsf, Token& token, Session& session, const AddressBook& book,
         const SearchTemplate& wanted)
      : icsf_(icsf),
        token_(token),
        session_(session),
        book_(book),
        wanted_(wanted) {}

  // Sorts what the module finds into objects with and without a handle.
  Status Find() {
    SIGTOKEN_ASSIGN(const auto objects,
                    FindObjects(session_, ForModule(wanted_)));
    // Without a login there is nothing to see.
    SIGTOKEN_TRY(token_.CheckShowsAll(session_));
    for (const CK_OBJECT_HANDLE object : objects) {
      auto sorted = Sort(object);
      // Another thread may just have ended a session object.
      if (!sorted && ToIcsf(sorted.error()).return_code != 8) return sorted;
    }
    return ForgetCopies();
  }

  Result<std::vector<ObjectId>> Take(std::optional<ObjectId> last,
                                     std::size_t most) {
    std::vector<ObjectId> taken;
    auto next = last ? found_.upper_bound(*last) : found_.begin();
    for (; next != found_.end() && taken.size() < most; ++next) {
      SIGTOKEN_ASSIGN(const bool fits, Fits(next->first, next->second));
      if (fits) taken.push_back(next->first);
    }
    return taken;
  }

  // RSA keys of others that no handle names yet and that are asked for by name.
  Result<std::vector<CK_OBJECT_HANDLE>> Nameless() {
    std::vector<CK_OBJECT_HANDLE> nameless;
    if (!wanted_.values.contains(CKA_LABEL) &&
        !wanted_.values.contains(CKA_ID)) {
      return nameless;
    }
    for (const auto& [object, object_class] : nameless_) {
      SIGTOKEN_ASSIGN(const bool fits,
                      Fits({1, 'T'}, {object, object_class, Origin::kAdopted}));
      if (fits) nameless.push_back(object);
    }
    return nameless;
  }

 private:
  Status Sort(CK_OBJECT_HANDLE object) {
    SIGTOKEN_ASSIGN(const auto first,
                    ReadAttributes(session_, object, {{CKA_CLASS}}));
    const CK_OBJECT_CLASS object_class =
        NumberIn(first, CKA_CLASS, CK_UNAVAILABLE_INFORMATION);
    switch (object_class) {
      case CKO_SECRET_KEY:
        return SortKey(object);
      case CKO_DATA:
        return SortData(object);
      case CKO_PUBLIC_KEY:
      case CKO_PRIVATE_KEY:
        return SortRsaKey(object, object_class);
      default:
        return Ok();
    }
  }

  Status SortKey(CK_OBJECT_HANDLE object) {
    SIGTOKEN_ASSIGN(auto values,
                    ReadAttributes(session_, object, {{CKA_ID, CKA_LABEL}}));
    KeyAttributes attributes;
    attributes.id = std::move(values[CKA_ID]);
    attributes.label.assign(values[CKA_LABEL].begin(), values[CKA_LABEL].end());
    if (const auto found = book_.HandleOf(attributes)) {
      Keep(*found->handle.object(), {object, CKO_SECRET_KEY, found->origin});
    }
    return Ok();
  }

  Status SortData(CK_OBJECT_HANDLE object) {
    SIGTOKEN_ASSIGN(auto values,
                    ReadAttributes(session_, object, {{CKA_OBJECT_ID}}));
    if (const auto handle = HandleOfId(token_.name(), values[CKA_OBJECT_ID])) {
      Keep(*handle->object(), {object, CKO_DATA, Origin::kOurs});
    }
    return Ok();
  }

  Status SortRsaKey(CK_OBJECT_HANDLE object, CK_OBJECT_CLASS object_class) {
    SIGTOKEN_ASSIGN(
        auto values,
        ReadAttributes(session_, object, {{CKA_ID, CKA_LABEL, CKA_KEY_TYPE}}));
    const ForeignAddress address{
        std::move(values[CKA_ID]),
        {values[CKA_LABEL].begin(), values[CKA_LABEL].end()},
        object_class};
    if (const auto found = book_.HandleOf(address)) {
      Keep(*found->handle.object(), {object, object_class, found->origin});
    } else if (NumberIn(values, CKA_KEY_TYPE, CKK_GENERIC_SECRET) == CKK_RSA) {
      nameless_[object] = object_class;
    }
    return Ok();
  }

  void Keep(ObjectId id, const Located& located) {
    if (!found_.try_emplace(id, located).second) twice_.insert(id);
  }

  // Of those that the module shows twice, the one that is no unfinished copy:
  // it may be the other one that has what the module was asked for.
  Status ForgetCopies() {
    for (const ObjectId id : twice_) {
      const Attributes address = found_[id].object_class == CKO_DATA
                                     ? DataAddressOf(token_.name(), id)
                                     : AddressOf(token_.name(), id);
      SIGTOKEN_ASSIGN(auto objects, FindObjects(session_, address));
      SIGTOKEN_ASSIGN(objects,
                      WithoutCopies(token_, session_, id, std::move(objects)));
      if (!objects.empty()) found_[id].object = objects.front();
    }
    return Ok();
  }

  Result<bool> Fits(ObjectId id, const Located& located) {
    if (wanted_.values.empty() && !wanted_.key_value) return true;
    const Handle handle(token_.name(), id);
    ObjectAttributes attributes;
    if (wanted_.key_value) {
      SIGTOKEN_ASSIGN(attributes, ReadObjectAttributes(icsf_, token_, session_,
                                                       handle, located));
      const auto data = attributes.values.find(CKA_VALUE);
      const bool same =
          data != attributes.values.end()
              ? std::equal(data->second.begin(), data->second.end(),
                           wanted_.key_value->begin(), wanted_.key_value->end())
              : attributes.key_value &&
                    Equal(*attributes.key_value, *wanted_.key_value);
      if (!same) return false;
    } else {
      SIGTOKEN_ASSIGN(attributes, ReadSearchAttributes(icsf_, token_, session_,
                                                       handle, located));
    }
    return std::all_of(wanted_.values.begin(), wanted_.values.end(),
                       [&](const auto& entry) {
                         const auto found = attributes.values.find(entry.first);
                         return found != attributes.values.end() &&
                                found->second == entry.second;
                       });
  }

  Icsf& icsf_;
  Token& token_;
  Session& session_;
  const AddressBook& book_;
  const SearchTemplate& wanted_;
  std::map<ObjectId, Located> found_;
  std::set<ObjectId> twice_;
  std::map<CK_OBJECT_HANDLE, CK_OBJECT_CLASS> nameless_;
};

Status AdoptAll(Token& token, const std::vector<CK_OBJECT_HANDLE>& objects) {
  SIGTOKEN_ASSIGN(const auto held, token.Change());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadOnly));
  for (const CK_OBJECT_HANDLE object : objects) {
    const auto adopted = AdoptRsaKey(token, held, session, object);
    // One of several that cannot be told apart stays without a handle.
    if (!adopted && ToIcsf(adopted.error()) != kHandleInvalid) {
      return adopted.error();
    }
  }
  return Ok();
}

Result<std::vector<ObjectId>> SearchOnce(Icsf& icsf, Token& token,
                                         const SearchTemplate& wanted,
                                         std::optional<ObjectId> last,
                                         std::size_t most) {
  SIGTOKEN_TRY(token.Login());
  for (bool adopted = false;; adopted = true) {
    std::vector<CK_OBJECT_HANDLE> nameless;
    {
      SIGTOKEN_ASSIGN(const auto held, token.Look());
      SIGTOKEN_ASSIGN(Session session,
                      token.OpenSession(held, Access::kReadOnly));
      SIGTOKEN_ASSIGN(const AddressBook book, AddressBook::Of(token));
      Search search(icsf, token, session, book, wanted);
      SIGTOKEN_TRY(search.Find());
      SIGTOKEN_ASSIGN(nameless, search.Nameless());
      if (nameless.empty() || adopted) return search.Take(last, most);
    }
    SIGTOKEN_TRY(AdoptAll(token, nameless));
  }
}

}  // namespace

Result<SearchTemplate> ReadSearchTemplate(std::span<const std::uint8_t> list,
                                          ByteOrder order) {
  SIGTOKEN_ASSIGN(auto listed, ParseAttributeList(list, order));
  SearchTemplate wanted;
  for (ListedAttribute& attribute : listed) {
    if (attribute.type == CKA_VALUE) {
      wanted.key_value = std::move(attribute.value);
      continue;
    }
    SIGTOKEN_ASSIGN(wanted.values[attribute.type],
                    ToCryptoki(attribute, order));
  }
  return wanted;
}

Result<std::vector<ObjectId>> SearchObjects(Icsf& icsf, Token& token,
                                            const SearchTemplate& wanted,
                                            std::optional<ObjectId> last,
                                            std::size_t most) {
  return token.WithRecovery(
      [&] { return SearchOnce(icsf, token, wanted, last, most); });
}

}  // namespace sigtoken
