// CleansedBytes: bytes that may hold a secret on their way through.

#ifndef PKCS11_BASE_CLEANSED_BYTES_H_
#define PKCS11_BASE_CLEANSED_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <vector>

namespace sigtoken {

// Overwrites `size` bytes, in a way that no compiler leaves out.
void Cleanse(void* memory, std::size_t size);

// Overwrites what it gives back. Not locked in memory as a Secret is: for lists
// in which a key's value may stand among others.
template <typename T>
class CleansingAllocator {
 public:
  using value_type = T;

  CleansingAllocator() = default;
  template <typename U>
  explicit CleansingAllocator(const CleansingAllocator<U>& /*other*/) {}

  T* allocate(std::size_t count) {
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(T)) {
      throw std::bad_array_new_length();
    }
    return static_cast<T*>(::operator new(count * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t count) {
    Cleanse(memory, count * sizeof(T));
    ::operator delete(memory);
  }

  friend bool operator==(const CleansingAllocator& /*a*/,
                         const CleansingAllocator& /*b*/) {
    return true;
  }
};

using CleansedBytes =
    std::vector<std::uint8_t, CleansingAllocator<std::uint8_t>>;

}  // namespace sigtoken

#endif  // PKCS11_BASE_CLEANSED_BYTES_H_
