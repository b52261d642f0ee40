#include "pkcs11/capabilities/raw_calls.h"

#include <algorithm>
#include <array>
#include <string>

#include "pkcs11/cryptoki/call.h"

namespace sigtoken {
namespace {

// The longest MAC, and as much again for a module that writes on.
constexpr std::size_t kRoom = 2 * kMaxMacBytes;
// No MAC is likely to have it everywhere.
constexpr std::uint8_t kFill = 0xEE;

Result<CK_SLOT_ID> SlotOf(Session& session) {
  CK_SESSION_INFO info{};
  SIGTOKEN_TRY(
      Check(Call("C_GetSessionInfo", session.functions().C_GetSessionInfo,
                 session.handle(), &info),
            "look at a session"));
  return info.slotID;
}

}  // namespace

Status ChangeAttributes(Session& session, CK_OBJECT_HANDLE object,
                        const Attributes& changed) {
  auto list = changed.ForCall();
  return Check(
      Call("C_SetAttributeValue", session.functions().C_SetAttributeValue,
           session.handle(), object, list.data(), list.size()),
      "change an object");
}

Result<std::vector<CK_MECHANISM_TYPE>> ListedMechanisms(Session& session) {
  auto& functions = session.functions();
  SIGTOKEN_ASSIGN(const CK_SLOT_ID slot, SlotOf(session));
  const std::string doing = "list the token's mechanisms";
  CK_ULONG count = 0;
  SIGTOKEN_TRY(
      Check(Call("C_GetMechanismList", functions.C_GetMechanismList, slot,
                 static_cast<CK_MECHANISM_TYPE*>(nullptr), &count),
            doing));
  // p11-kit's client reads one place behind those that it is told of (0.24.1,
  // seen by AddressSanitizer).
  std::vector<CK_MECHANISM_TYPE> list(count + 1);
  SIGTOKEN_TRY(Check(Call("C_GetMechanismList", functions.C_GetMechanismList,
                          slot, list.data(), &count),
                     doing));
  list.resize(std::min<std::size_t>(count, list.size() - 1));
  return list;
}

Result<CK_ULONG> ListedKeySize(Session& session, CK_MECHANISM_TYPE mechanism) {
  auto& functions = session.functions();
  SIGTOKEN_ASSIGN(const CK_SLOT_ID slot, SlotOf(session));
  CK_MECHANISM_INFO info{};
  SIGTOKEN_TRY(Check(Call("C_GetMechanismInfo", functions.C_GetMechanismInfo,
                          slot, mechanism, &info),
                     "look at a mechanism"));
  return info.ulMinKeySize;
}

Result<ShortSign> SignIntoShortBuffer(Session& session, CK_OBJECT_HANDLE key,
                                      const MacAlgorithm& algorithm,
                                      std::size_t room) {
  auto& functions = session.functions();
  CK_MECHANISM mechanism{algorithm.mechanism, nullptr, 0};
  SIGTOKEN_TRY(Check(Call("C_SignInit", functions.C_SignInit, session.handle(),
                          &mechanism, key),
                     "begin to sign"));
  std::array<std::uint8_t, kRoom> buffer{};
  buffer.fill(kFill);
  CK_BYTE data = 0;
  CK_ULONG length = room;
  const CK_RV rv = Call("C_Sign", functions.C_Sign, session.handle(), &data,
                        sizeof data, buffer.data(), &length);
  const bool overran = std::any_of(
      buffer.begin() + static_cast<std::ptrdiff_t>(room), buffer.end(),
      [](std::uint8_t byte) { return byte != kFill; });
  return ShortSign{rv, length, overran};
}

Result<CK_RV> VerifyOfLength(Session& session, CK_OBJECT_HANDLE key,
                             const MacAlgorithm& algorithm,
                             std::span<const std::uint8_t> data,
                             std::span<const std::uint8_t> mac,
                             std::size_t bytes) {
  auto& functions = session.functions();
  CK_MECHANISM mechanism{algorithm.mechanism, nullptr, 0};
  SIGTOKEN_TRY(Check(Call("C_VerifyInit", functions.C_VerifyInit,
                          session.handle(), &mechanism, key),
                     "begin to verify"));
  std::array<std::uint8_t, kRoom> buffer{};
  std::copy(mac.begin(), mac.end(), buffer.begin());
  return Call("C_Verify", functions.C_Verify, session.handle(),
              const_cast<CK_BYTE*>(data.data()), data.size(), buffer.data(),
              bytes)
      .rv;
}

}  // namespace sigtoken
