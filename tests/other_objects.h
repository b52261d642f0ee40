// Data objects and session objects of ours, for one test.

#ifndef TESTS_OTHER_OBJECTS_H_
#define TESTS_OTHER_OBJECTS_H_

#include <span>
#include <string>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/tokens/token.h"
#include "tests/import_key.h"

namespace sigtoken::testing {

// A data object under a handle of the token.
inline CK_OBJECT_HANDLE MakeData(Token& token, ObjectId id) {
  Attributes data;
  data.Number(CKA_CLASS, CKO_DATA)
      .Flag(CKA_TOKEN, IsTokenCategory(id.category))
      .Flag(CKA_PRIVATE, true)
      .Text(CKA_LABEL, "data")
      .Text(CKA_OBJECT_ID, Handle(token.name(), id).FormatShort())
      .Text(CKA_VALUE, "value");
  return Import(token, data);
}

// A session key of that value under a handle of the token, whose value may be
// read or not. It lives as long as the login.
inline CK_OBJECT_HANDLE MakeSessionKey(Token& token, ObjectId id,
                                       std::span<const std::uint8_t> value,
                                       bool readable = false) {
  Attributes key = KeyToImport(Handle(token.name(), id).FormatShort(), value);
  for (const CK_ATTRIBUTE_TYPE type :
       {CKA_TOKEN, CKA_SENSITIVE, CKA_EXTRACTABLE}) {
    key.Remove(type);
  }
  key.Flag(CKA_TOKEN, false)
      .Flag(CKA_SENSITIVE, !readable)
      .Flag(CKA_EXTRACTABLE, readable);
  return Must(token.MakeInLogin(
      [&](Session& session,
          const HostLock::Shared& /*held*/) -> Result<CK_OBJECT_HANDLE> {
        auto list = key.ForCall();
        CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
        EXPECT_EQ(session.functions().C_CreateObject(
                      session.handle(), list.data(), list.size(), &made),
                  CKR_OK);
        return made;
      }));
}

}  // namespace sigtoken::testing

#endif  // TESTS_OTHER_OBJECTS_H_
