#include "pkcs11/base/cleansed_bytes.h"

#include <sodium.h>

namespace sigtoken {

void Cleanse(void* memory, std::size_t size) { sodium_memzero(memory, size); }

}  // namespace sigtoken
