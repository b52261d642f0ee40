// HandleDealer: object handles as openCryptoki deals them.

#ifndef TESTS_FAULT_HANDLE_DEALER_H_
#define TESTS_FAULT_HANDLE_DEALER_H_

#include <p11-kit/pkcs11.h>

#include <mutex>
#include <vector>

#include "tests/fault/call.h"

namespace sigtoken::fault {

// The application sees the numbers 1, 2, 3... in place of the wrapped module's
// handles. The number of an object that was destroyed is dealt again at once,
// and after C_Logout and C_Finalize all are: a stale handle then names another
// object, and works. Thread safe.
class HandleDealer {
 public:
  static HandleDealer& Instance();

  // The wrapped module's handles in place of the application's.
  void BeforeCall(const Call& call);
  // The application's handles in place of the wrapped module's.
  // `call.answer` has a value.
  void AfterCall(const Call& call);

 private:
  CK_OBJECT_HANDLE Deal(CK_OBJECT_HANDLE object);

  std::mutex mutex_;
  std::vector<CK_OBJECT_HANDLE> objects_;  // By the number dealt, less 1.
};

}  // namespace sigtoken::fault

#endif  // TESTS_FAULT_HANDLE_DEALER_H_
