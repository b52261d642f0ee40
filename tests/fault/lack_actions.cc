#include "tests/fault/lack_actions.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <iterator>

namespace sigtoken::fault {
namespace {

// Of SHA-512, the longest MAC.
constexpr CK_ULONG kRoom = 64;
constexpr CK_BYTE kFill = 0x5A;
constexpr std::size_t kLongest = 4096;

// Since the process began; opened and closed while a rule counts them.
std::atomic<std::int64_t> open_sessions{0};

}  // namespace

void RefuseSession(const Rule& rule, Call& call) {
  if (!call.Is(IndexOf("C_OpenSession"))) return;
  if (open_sessions >= static_cast<std::int64_t>(rule.number)) {
    call.answer = CKR_SESSION_COUNT;
  }
}

void CountSession(const Rule& /*rule*/, Call& call) {
  if (call.answer != CKR_OK) return;
  open_sessions += call.Is(IndexOf("C_OpenSession")) ? 1 : -1;
}

void MakeSameKey(const Rule& /*rule*/, Call& call) {
  static std::array<CK_BYTE, kLongest> value = [] {
    std::array<CK_BYTE, kLongest> filled{};
    filled.fill(kFill);
    return filled;
  }();
  call.own_attributes.clear();
  if (call.Is(IndexOf("C_CreateObject"))) {
    call.own_attributes.assign(*call.attributes,
                               *call.attributes + *call.attribute_count);
    for (CK_ATTRIBUTE& each : call.own_attributes) {
      if (each.type == CKA_VALUE && each.ulValueLen <= value.size()) {
        each.pValue = value.data();
      }
    }
    *call.attributes = call.own_attributes.data();
    return;
  }
  std::copy_if(
      *call.attributes, *call.attributes + *call.attribute_count,
      std::back_inserter(call.own_attributes),
      [](const CK_ATTRIBUTE& each) { return each.type != CKA_VALUE_LEN; });
  call.own_attributes.push_back({CKA_VALUE, value.data(), kRoom});
  call.answer =
      call.wrapped->C_CreateObject(call.session, call.own_attributes.data(),
                                   call.own_attributes.size(), call.made[0]);
}

void DrawTheSame(const Rule& /*rule*/, Call& call) {
  if (call.answer == CKR_OK) {
    std::fill_n(call.random, *call.random_bytes, kFill);
  }
}

void IgnoreRoom(const Rule& /*rule*/, Call& call) {
  if (call.mac_out != nullptr) *call.mac_out_bytes = kRoom;
}

}  // namespace sigtoken::fault
