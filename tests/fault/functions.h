// The functions of PKCS #11 v2.40, and what the fault module must know of each.

#ifndef TESTS_FAULT_FUNCTIONS_H_
#define TESTS_FAULT_FUNCTIONS_H_

#include <array>
#include <cstddef>
#include <string_view>

namespace sigtoken::fault {

// At which of a function's arguments stands what; -1 where it has none.
struct Shape {
  int arguments = -1;   // void*, of C_Initialize.
  int slot = -1;        // CK_SLOT_ID.
  int slots = -1;       // CK_SLOT_ID*, then their number.
  int slot_out = -1;    // CK_SLOT_ID*.
  int info = -1;        // CK_SESSION_INFO*.
  int token_info = -1;  // CK_TOKEN_INFO*.
  int pin = -1;         // CK_BYTE*, then CK_ULONG.
  int mechanism = -1;   // CK_MECHANISM*.
  int object = -1;      // CK_OBJECT_HANDLE.
  int object2 = -1;
  int made = -1;  // CK_OBJECT_HANDLE*.
  int made2 = -1;
  int found = -1;    // CK_OBJECT_HANDLE*, then room and number.
  int sought = -1;   // CK_ATTRIBUTE* that is read or sought, then its length.
  int made_of = -1;  // CK_ATTRIBUTE* that a key is made of, then its length.
  int mac_out = -1;  // CK_BYTE*, then CK_ULONG*.
  int mac_in = -1;   // CK_BYTE*, then CK_ULONG.
  int random = -1;   // CK_BYTE*, then CK_ULONG.

  constexpr bool HasObject() const { return object >= 0; }
};

// A macro, because a member of CK_FUNCTION_LIST and its name can be had from
// one word in no other way. In the order of CK_FUNCTION_LIST.
#define SIGTOKEN_FAULT_FUNCTIONS(F)                             \
  F(C_Initialize, {.arguments = 0})                             \
  F(C_Finalize, {})                                             \
  F(C_GetInfo, {})                                              \
  F(C_GetFunctionList, {})                                      \
  F(C_GetSlotList, {.slots = 1})                                \
  F(C_GetSlotInfo, {.slot = 0})                                 \
  F(C_GetTokenInfo, {.slot = 0, .token_info = 1})               \
  F(C_GetMechanismList, {.slot = 0})                            \
  F(C_GetMechanismInfo, {.slot = 0})                            \
  F(C_InitToken, {.slot = 0})                                   \
  F(C_InitPIN, {})                                              \
  F(C_SetPIN, {})                                               \
  F(C_OpenSession, {.slot = 0})                                 \
  F(C_CloseSession, {})                                         \
  F(C_CloseAllSessions, {.slot = 0})                            \
  F(C_GetSessionInfo, {.info = 1})                              \
  F(C_GetOperationState, {})                                    \
  F(C_SetOperationState, {.object = 3, .object2 = 4})           \
  F(C_Login, {.pin = 2})                                        \
  F(C_Logout, {})                                               \
  F(C_CreateObject, {.made = 3, .made_of = 1})                  \
  F(C_CopyObject, {.object = 1, .made = 4})                     \
  F(C_DestroyObject, {.object = 1})                             \
  F(C_GetObjectSize, {.object = 1})                             \
  F(C_GetAttributeValue, {.object = 1, .sought = 2})            \
  F(C_SetAttributeValue, {.object = 1})                         \
  F(C_FindObjectsInit, {})                                      \
  F(C_FindObjects, {.found = 1})                                \
  F(C_FindObjectsFinal, {})                                     \
  F(C_EncryptInit, {.mechanism = 1, .object = 2})               \
  F(C_Encrypt, {})                                              \
  F(C_EncryptUpdate, {})                                        \
  F(C_EncryptFinal, {})                                         \
  F(C_DecryptInit, {.mechanism = 1, .object = 2})               \
  F(C_Decrypt, {})                                              \
  F(C_DecryptUpdate, {})                                        \
  F(C_DecryptFinal, {})                                         \
  F(C_DigestInit, {})                                           \
  F(C_Digest, {})                                               \
  F(C_DigestUpdate, {})                                         \
  F(C_DigestKey, {.object = 1})                                 \
  F(C_DigestFinal, {})                                          \
  F(C_SignInit, {.mechanism = 1, .object = 2})                  \
  F(C_Sign, {.mac_out = 3})                                     \
  F(C_SignUpdate, {})                                           \
  F(C_SignFinal, {.mac_out = 1})                                \
  F(C_SignRecoverInit, {.mechanism = 1, .object = 2})           \
  F(C_SignRecover, {})                                          \
  F(C_VerifyInit, {.mechanism = 1, .object = 2})                \
  F(C_Verify, {.mac_in = 3})                                    \
  F(C_VerifyUpdate, {})                                         \
  F(C_VerifyFinal, {.mac_in = 1})                               \
  F(C_VerifyRecoverInit, {.mechanism = 1, .object = 2})         \
  F(C_VerifyRecover, {})                                        \
  F(C_DigestEncryptUpdate, {})                                  \
  F(C_DecryptDigestUpdate, {})                                  \
  F(C_SignEncryptUpdate, {})                                    \
  F(C_DecryptVerifyUpdate, {})                                  \
  F(C_GenerateKey, {.mechanism = 1, .made = 4, .made_of = 2})   \
  F(C_GenerateKeyPair, {.mechanism = 1, .made = 6, .made2 = 7}) \
  F(C_WrapKey, {.mechanism = 1, .object = 2, .object2 = 3})     \
  F(C_UnwrapKey, {.mechanism = 1, .object = 2, .made = 7})      \
  F(C_DeriveKey, {.mechanism = 1, .object = 2, .made = 5})      \
  F(C_SeedRandom, {})                                           \
  F(C_GenerateRandom, {.random = 1})                            \
  F(C_GetFunctionStatus, {})                                    \
  F(C_CancelFunction, {})                                       \
  F(C_WaitForSlotEvent, {.slot_out = 1})

struct Function {
  std::string_view name;
  Shape shape;
};

#define SIGTOKEN_FAULT_ROW(name, ...) Function{#name, Shape __VA_ARGS__},
inline constexpr std::array kFunctions{
    SIGTOKEN_FAULT_FUNCTIONS(SIGTOKEN_FAULT_ROW)};
#undef SIGTOKEN_FAULT_ROW

// kFunctions.size() for a name that no function has.
constexpr std::size_t IndexOf(std::string_view name) {
  std::size_t index = 0;
  while (index < kFunctions.size() && kFunctions[index].name != name) ++index;
  return index;
}

}  // namespace sigtoken::fault

#endif  // TESTS_FAULT_FUNCTIONS_H_
