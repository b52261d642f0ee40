#include "tests/fault/handle_dealer.h"

#include <algorithm>

namespace sigtoken::fault {

HandleDealer& HandleDealer::Instance() {
  // Never destroyed: modules are called by destructors of globals too.
  static auto* const dealer = new HandleDealer;
  return *dealer;
}

CK_OBJECT_HANDLE HandleDealer::Deal(CK_OBJECT_HANDLE object) {
  auto place = std::find(objects_.begin(), objects_.end(), object);
  if (place == objects_.end()) {
    place = std::find(objects_.begin(), objects_.end(), CK_INVALID_HANDLE);
  }
  if (place == objects_.end()) place = objects_.insert(place, object);
  *place = object;
  return static_cast<CK_OBJECT_HANDLE>(place - objects_.begin()) + 1;
}

void HandleDealer::BeforeCall(const Call& call) {
  const std::lock_guard lock(mutex_);
  for (CK_OBJECT_HANDLE* object : call.objects) {
    if (object == nullptr) continue;
    *object = *object != CK_INVALID_HANDLE && *object <= objects_.size()
                  ? objects_[*object - 1]
                  : CK_INVALID_HANDLE;
  }
}

void HandleDealer::AfterCall(const Call& call) {
  if (call.answer != CKR_OK) return;
  const std::lock_guard lock(mutex_);
  for (CK_OBJECT_HANDLE* object : call.made) {
    if (object != nullptr) *object = Deal(*object);
  }
  if (call.found != nullptr && call.found_count != nullptr) {
    for (CK_ULONG i = 0; i < *call.found_count; ++i) {
      call.found[i] = Deal(call.found[i]);
    }
  }
  if (call.Is(IndexOf("C_DestroyObject"))) {
    std::replace(objects_.begin(), objects_.end(), *call.objects[0],
                 CK_OBJECT_HANDLE{CK_INVALID_HANDLE});
  }
  if (call.Is(IndexOf("C_Logout")) || call.Is(IndexOf("C_Finalize"))) {
    objects_.clear();
  }
}

}  // namespace sigtoken::fault
