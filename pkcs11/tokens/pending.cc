#include "pkcs11/tokens/pending.h"

#include <sodium.h>

#include <utility>

#include "pkcs11/icsf/attribute_list.h"
#include "pkcs11/store/object_records.h"

namespace sigtoken {
namespace {

std::vector<std::uint8_t> HashOf(const std::vector<std::uint8_t>& value) {
  std::vector<std::uint8_t> hash(crypto_hash_sha256_BYTES);
  crypto_hash_sha256(hash.data(), value.data(), value.size());
  return hash;
}

}  // namespace

std::vector<std::uint8_t> FormatPending(const AttributeValues& changed) {
  std::vector<ListedAttribute> listed;
  for (const auto& [type, value] : changed) {
    const auto& shown = type == CKA_VALUE ? HashOf(value) : value;
    listed.push_back(
        {static_cast<std::uint32_t>(type), {shown.begin(), shown.end()}});
  }
  const auto list = FormatAttributeList(listed, ByteOrder::kBigEndian);
  return {list.begin(), list.end()};
}

Result<bool> HasPending(Session& session, CK_OBJECT_HANDLE object,
                        const std::vector<std::uint8_t>& pending) {
  SIGTOKEN_ASSIGN(const auto wanted,
                  ParseAttributeList(pending, ByteOrder::kBigEndian));
  for (const ListedAttribute& attribute : wanted) {
    SIGTOKEN_ASSIGN(auto values,
                    ReadAttributes(session, object, {{attribute.type}}));
    const auto found = values.find(attribute.type);
    if (found == values.end()) return false;
    const auto& now =
        attribute.type == CKA_VALUE ? HashOf(found->second) : found->second;
    const std::vector<std::uint8_t> value(attribute.value.begin(),
                                          attribute.value.end());
    if (now != value) return false;
  }
  return true;
}

Result<std::vector<CK_OBJECT_HANDLE>> WithoutCopies(
    const Token& token, Session& session, ObjectId id,
    std::vector<CK_OBJECT_HANDLE> objects) {
  if (objects.size() < 2) return objects;
  SIGTOKEN_ASSIGN(const auto record,
                  FindObjectRecord(token.database(), token.name(), id));
  if (!record || !record->pending) return objects;
  std::vector<CK_OBJECT_HANDLE> originals;
  for (const CK_OBJECT_HANDLE object : objects) {
    SIGTOKEN_ASSIGN(const bool copy,
                    HasPending(session, object, *record->pending));
    if (!copy) originals.push_back(object);
  }
  // A module may have died before it changed the copy, which is the same object
  // then; and a change may change nothing. Any of them will do.
  if (originals.empty()) originals = std::move(objects);
  originals.resize(1);
  return originals;
}

}  // namespace sigtoken
