// Attributes: a Cryptoki template that owns its values.

#ifndef PKCS11_CRYPTOKI_ATTRIBUTES_H_
#define PKCS11_CRYPTOKI_ATTRIBUTES_H_

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sigtoken {

// A list of attributes. Three adders, because the width of a value is part of
// its meaning: a CK_BBOOL that was handed over as a number reads as its first
// byte on one machine and its last on another.
class Attributes {
 public:
  Attributes& Flag(CK_ATTRIBUTE_TYPE type, bool value);
  Attributes& Number(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
  Attributes& Bytes(CK_ATTRIBUTE_TYPE type,
                    std::span<const std::uint8_t> value);
  Attributes& Text(CK_ATTRIBUTE_TYPE type, std::string_view value);

  // Takes attribute `type` out. Returns whether it was there.
  bool Remove(CK_ATTRIBUTE_TYPE type);

  // For one Cryptoki call: good until this list changes.
  std::vector<CK_ATTRIBUTE> ForCall() const;

 private:
  struct Entry {
    CK_ATTRIBUTE_TYPE type;
    std::vector<std::uint8_t> value;
  };

  std::vector<Entry> entries_;
};

}  // namespace sigtoken

#endif  // PKCS11_CRYPTOKI_ATTRIBUTES_H_
