// Call: one call of a Cryptoki function, as the actions of a script see it.

#ifndef TESTS_FAULT_CALL_H_
#define TESTS_FAULT_CALL_H_

#include <p11-kit/pkcs11.h>

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "tests/fault/functions.h"

namespace sigtoken::fault {

// The pointers lead to the arguments themselves, which may be changed before
// the wrapped module gets them; null where the function has no such argument.
struct Call {
  std::size_t function = 0;
  CK_FUNCTION_LIST* wrapped = nullptr;

  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  void* arguments = nullptr;
  CK_SLOT_ID* slot = nullptr;
  CK_SLOT_ID* slot_out = nullptr;
  CK_SLOT_ID* slots = nullptr;
  CK_ULONG* slot_count = nullptr;
  CK_SESSION_INFO* info = nullptr;
  CK_TOKEN_INFO* token_info = nullptr;
  CK_BYTE** pin = nullptr;
  CK_ULONG* pin_bytes = nullptr;
  CK_MECHANISM* mechanism = nullptr;
  std::array<CK_OBJECT_HANDLE*, 2> objects{};
  std::array<CK_OBJECT_HANDLE*, 2> made{};
  CK_OBJECT_HANDLE* found = nullptr;
  CK_ULONG* found_count = nullptr;
  CK_ATTRIBUTE** attributes = nullptr;
  CK_ULONG* attribute_count = nullptr;
  CK_BYTE* mac_out = nullptr;
  CK_ULONG* mac_out_bytes = nullptr;
  CK_BYTE** mac_in = nullptr;
  CK_ULONG* mac_in_bytes = nullptr;
  CK_BYTE* random = nullptr;
  CK_ULONG* random_bytes = nullptr;

  // What the application will get; as long as it has no value, the wrapped
  // module has not been called and will be.
  std::optional<CK_RV> answer;

  // Where arguments lead to that an action has put into the place of others.
  std::vector<CK_ATTRIBUTE> own_attributes;
  std::vector<CK_BYTE> own_mac;
  std::vector<CK_BYTE> own_pin;

  const Function& description() const { return kFunctions.at(function); }
  bool Is(std::size_t other) const { return function == other; }
};

}  // namespace sigtoken::fault

#endif  // TESTS_FAULT_CALL_H_
