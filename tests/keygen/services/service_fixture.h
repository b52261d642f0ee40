// What the tests of callable services share.

#ifndef TESTS_KEYGEN_SERVICES_SERVICE_FIXTURE_H_
#define TESTS_KEYGEN_SERVICES_SERVICE_FIXTURE_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keygen/services/get_attribute_value.h"
#include "keygen/services/set_attribute_value.h"
#include "keygen/services/token_record_create.h"
#include "keygen/services/token_record_delete.h"
#include "keygen/services/token_record_list.h"
#include "pkcs11/icsf/attribute_types.h"
#include "pkcs11/objects/icsf.h"
#include "tests/embedded_home.h"

namespace sigtoken::testing {

using List = std::vector<ListedAttribute>;

inline constexpr ByteOrder kOrder = ByteOrder::kBigEndian;

inline std::vector<std::uint8_t> BytesOf(std::string_view text) {
  return {text.begin(), text.end()};
}

inline ListedAttribute Text(CK_ATTRIBUTE_TYPE type, std::string_view text) {
  return {static_cast<std::uint32_t>(type), {text.begin(), text.end()}};
}
inline ListedAttribute Flag(CK_ATTRIBUTE_TYPE type, bool flag) {
  return {static_cast<std::uint32_t>(type),
          {static_cast<std::uint8_t>(flag ? 1 : 0)}};
}
inline ListedAttribute Number(CK_ATTRIBUTE_TYPE type, std::uint32_t number) {
  return {static_cast<std::uint32_t>(type), FormatNumber(number, kOrder)};
}

// The list with `changed` in the place of what it has of these types.
inline List With(List list, std::initializer_list<ListedAttribute> changed) {
  for (const ListedAttribute& attribute : changed) {
    std::erase_if(list, [&](const ListedAttribute& each) {
      return each.type == attribute.type;
    });
    list.push_back(attribute);
  }
  return list;
}
inline List Without(List list, CK_ATTRIBUTE_TYPE type) {
  std::erase_if(list,
                [&](const ListedAttribute& each) { return each.type == type; });
  return list;
}

// A key of 64 bytes that is brought in.
inline List KeyToBring(std::string_view value = std::string_view(
                           "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO"
                           "PQRSTUVWXYZ-_")) {
  return {Number(CKA_CLASS, CKO_SECRET_KEY),
          Number(CKA_KEY_TYPE, CKK_GENERIC_SECRET), Flag(CKA_TOKEN, true),
          Text(CKA_VALUE, value)};
}

inline List DataToBring(std::string_view value = "some data") {
  return {Number(CKA_CLASS, CKO_DATA), Flag(CKA_TOKEN, true),
          Text(CKA_LABEL, "a label"), Text(CKA_APPLICATION, "an application"),
          Text(CKA_VALUE, value)};
}

class ServiceTest : public TokenTest {
 protected:
  void SetUp() override {
    TokenTest::SetUp();
    icsf_ = std::make_unique<Icsf>(*directory_);
  }
  void TearDown() override { icsf_.reset(); }

  // As another process would see it: no session, no key is known.
  void Reopen() {
    icsf_.reset();
    TokenTest::Reopen();
    icsf_ = std::make_unique<Icsf>(*directory_);
  }

  Result<Handle> Create(const List& list, const std::string& handle,
                        std::string_view rules = "OBJECT  ") {
    return TokenRecordCreate(
        *icsf_, {handle, rules, FormatAttributeList(list, kOrder), kOrder});
  }
  Result<Handle> Create(const List& list) {
    return Create(list, token_handle_);
  }
  Result<Handle> Copy(const Handle& source, const List& list = {}) {
    return Create(list, source.Format(), "OBJECT  COPY    ");
  }
  Status Delete(const Handle& handle, std::string_view rules = "OBJECT  ") {
    return TokenRecordDelete(*icsf_, {handle.Format(), rules});
  }
  Status Set(const Handle& handle, const List& list) {
    return SetAttributeValue(
        *icsf_,
        {handle.Format(), "", FormatAttributeList(list, kOrder), kOrder});
  }
  Result<CleansedBytes> Get(const Handle& handle, std::size_t room = 32752) {
    return GetAttributeValue(*icsf_, {handle.Format(), "", room, kOrder});
  }
  // All that CSFPGAV says, by type.
  std::map<CK_ATTRIBUTE_TYPE, std::vector<std::uint8_t>> Attributes(
      const Handle& handle) {
    std::map<CK_ATTRIBUTE_TYPE, std::vector<std::uint8_t>> attributes;
    for (const auto& each :
         Must(ParseAttributeList(Must(Get(handle)), kOrder))) {
      attributes[each.type] = {each.value.begin(), each.value.end()};
    }
    return attributes;
  }
  // The short forms of all objects that fit.
  std::vector<std::string> Search(const List& wanted) {
    const auto bytes = FormatAttributeList(wanted, kOrder);
    const auto answer = Must(TokenRecordList(
        *icsf_, {token_handle_, "OBJECT  ", bytes, 44 * 100, 100, kOrder}));
    std::vector<std::string> found;
    for (std::size_t i = 0; i < answer.count; ++i) {
      const std::string text(
          answer.list.begin() + 44 * static_cast<long>(i),
          answer.list.begin() + 44 * static_cast<long>(i + 1));
      found.push_back(Must(Handle::Parse(text)).FormatShort().substr(18));
    }
    return found;
  }

  std::string token_handle_ = Handle(Name(kTokenName)).Format();
  std::unique_ptr<Icsf> icsf_;
};

}  // namespace sigtoken::testing

#endif  // TESTS_KEYGEN_SERVICES_SERVICE_FIXTURE_H_
