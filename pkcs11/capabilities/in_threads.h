// Work in several threads that a deadline still holds for.

#ifndef PKCS11_CAPABILITIES_IN_THREADS_H_
#define PKCS11_CAPABILITIES_IN_THREADS_H_

#include <cstddef>
#include <functional>

#include "pkcs11/base/result.h"

namespace sigtoken {

// Runs `work(0)` to `work(count - 1)`, each in a thread of its own, and comes
// back when all have. Where the calling thread is watched (deadline/executor.h)
// it seems meanwhile to be in a call for as long as one of the threads is: one
// that does not come back is noticed, and this function does not come back
// either. Errors: kNotAvailable where a thread cannot be started; those that
// were are waited for.
Status RunInThreads(std::size_t count,
                    const std::function<void(std::size_t)>& work);

}  // namespace sigtoken

#endif  // PKCS11_CAPABILITIES_IN_THREADS_H_
