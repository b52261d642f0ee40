// One attribute of an object, as a test expects it.

#ifndef TESTS_PKCS11_READ_ATTRIBUTE_H_
#define TESTS_PKCS11_READ_ATTRIBUTE_H_

#include <gtest/gtest.h>

#include <cstring>

#include "pkcs11/cryptoki/objects.h"

namespace sigtoken::testing {

template <typename T>
Result<T> ReadFixed(Session& session, CK_OBJECT_HANDLE object,
                    CK_ATTRIBUTE_TYPE type) {
  SIGTOKEN_ASSIGN(const auto bytes, ReadBytes(session, object, type));
  T value{};
  EXPECT_EQ(bytes.size(), sizeof value);
  if (bytes.size() == sizeof value) {
    std::memcpy(&value, bytes.data(), sizeof value);
  }
  return value;
}

inline Result<CK_ULONG> ReadNumber(Session& session, CK_OBJECT_HANDLE object,
                                   CK_ATTRIBUTE_TYPE type) {
  return ReadFixed<CK_ULONG>(session, object, type);
}

inline Result<bool> ReadFlag(Session& session, CK_OBJECT_HANDLE object,
                             CK_ATTRIBUTE_TYPE type) {
  SIGTOKEN_ASSIGN(const auto value, ReadFixed<CK_BBOOL>(session, object, type));
  return value != CK_FALSE;
}

}  // namespace sigtoken::testing

#endif  // TESTS_PKCS11_READ_ATTRIBUTE_H_
