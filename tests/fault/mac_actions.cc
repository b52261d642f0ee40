#include "tests/fault/mac_actions.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <utility>

namespace sigtoken::fault {
namespace {

// Of SHA-512, the longest.
constexpr CK_ULONG kRoom = 64;
constexpr CK_BYTE kFill = 0xEE;

// The length of the MAC that each session is to make or to verify.
class MacLengths {
 public:
  static MacLengths& OfSigners() {
    // Never destroyed: modules are called by destructors of globals too.
    static auto* const lengths = new MacLengths;
    return *lengths;
  }
  static MacLengths& OfVerifiers() {
    static auto* const lengths = new MacLengths;
    return *lengths;
  }

  void Set(CK_SESSION_HANDLE session, CK_ULONG bytes) {
    const std::lock_guard lock(mutex_);
    of_session_[session] = bytes;
  }
  // 0 where nobody knows.
  CK_ULONG Of(CK_SESSION_HANDLE session) {
    const std::lock_guard lock(mutex_);
    return of_session_[session];
  }

 private:
  std::mutex mutex_;
  std::map<CK_SESSION_HANDLE, CK_ULONG> of_session_;
};

CK_ULONG MacBytes(const CK_MECHANISM* mechanism) {
  constexpr std::array<std::pair<CK_MECHANISM_TYPE, CK_ULONG>, 5> kSizes{
      {{CKM_SHA_1_HMAC, 20},
       {CKM_SHA224_HMAC, 28},
       {CKM_SHA256_HMAC, 32},
       {CKM_SHA384_HMAC, 48},
       {CKM_SHA512_HMAC, 64}}};
  if (mechanism == nullptr) return 0;
  for (const auto& [type, bytes] : kSizes) {
    if (type == mechanism->mechanism) return bytes;
  }
  return 0;
}

}  // namespace

void Corrupt(const Rule& /*rule*/, Call& call) {
  if (call.answer != CKR_OK || call.mac_out == nullptr) return;
  if (*call.mac_out_bytes != 0) call.mac_out[0] ^= 1;
}

void HideWrongMac(const Rule& /*rule*/, Call& call) {
  if (call.answer == CKR_SIGNATURE_INVALID) call.answer = CKR_DEVICE_ERROR;
}

void IgnoreMacLength(const Rule& /*rule*/, Call& call) {
  const CK_ULONG bytes = MacLengths::OfVerifiers().Of(call.session);
  if (bytes == 0) return;
  call.own_mac.assign(*call.mac_in, *call.mac_in + *call.mac_in_bytes);
  call.own_mac.resize(bytes);
  *call.mac_in = call.own_mac.data();
  *call.mac_in_bytes = bytes;
}

void AskForRoom(const Rule& /*rule*/, Call& call) {
  if (call.mac_out == nullptr || *call.mac_out_bytes >= kRoom) return;
  *call.mac_out_bytes = kRoom;
  call.answer = CKR_BUFFER_TOO_SMALL;
}

void Overrun(const Rule& /*rule*/, Call& call) {
  if (call.answer != CKR_OK || call.mac_out == nullptr) return;
  std::fill(call.mac_out + *call.mac_out_bytes, call.mac_out + kRoom, kFill);
}

void AnswerMac(const Rule& /*rule*/, Call& call) {
  auto& lengths = MacLengths::OfSigners();
  call.answer = CKR_OK;
  if (call.mac_out_bytes == nullptr) {
    lengths.Set(call.session, MacBytes(call.mechanism));
    return;
  }
  const CK_ULONG bytes = lengths.Of(call.session);
  if (call.mac_out != nullptr) {
    if (*call.mac_out_bytes < bytes) call.answer = CKR_BUFFER_TOO_SMALL;
    std::fill_n(call.mac_out, std::min(*call.mac_out_bytes, bytes), kFill);
  }
  *call.mac_out_bytes = bytes;
}

void RememberMacLength(const Call& call) {
  if (!call.Is(IndexOf("C_VerifyInit"))) return;
  MacLengths::OfVerifiers().Set(call.session, MacBytes(call.mechanism));
}

}  // namespace sigtoken::fault
