// The image of an IDTA.

#include "tools/saf/include/irrpidta.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "signer/idta/idta.h"
#include "tools/saf/callers_idta.h"

using namespace sigtoken;       // NOLINT: the names below are C's.
using namespace sigtoken::saf;  // NOLINT

namespace {

constexpr int kDone = 0;
constexpr int kRefused = 8;

}  // namespace

extern "C" {

int irrpidta_encode(const IDTA* idta, unsigned char image[IDTA_LENGTH]) {
  if (idta == nullptr || image == nullptr) return kRefused;
  IDTA copy;
  std::memcpy(&copy, idta, sizeof copy);
  std::ranges::copy(EncodeIdta(FieldsOf(copy)), image);
  return kDone;
}

int irrpidta_decode(const unsigned char image[IDTA_LENGTH], void* buffer,
                    IDTA* idta) {
  if (image == nullptr || idta == nullptr) return kRefused;
  const Idta fields =
      DecodeIdta(std::span<const std::uint8_t, kIdtaBytes>(image, kIdtaBytes));
  IDTA copy{};
  std::ranges::copy(fields.id, copy.IDTA_ID);
  copy.IDTA_Version = fields.version;
  copy.IDTA_Length = fields.length;
  copy.IDTA_IDT_Buffer_Ptr = fields.buffer != 0 ? buffer : nullptr;
  copy.IDTA_IDT_Buffer_Len = fields.buffer_len;
  copy.IDTA_IDT_Len = fields.idt_len;
  copy.IDTA_IDT_Type = fields.idt_type;
  copy.IDTA_IDT_Gen_RC = fields.gen_rc;
  copy.IDTA_IDT_Prop_Out = fields.prop_out;
  copy.IDTA_IDT_Prop_In = fields.prop_in;
  std::memcpy(copy.IDTA_Reserved, fields.reserved.data(),
              sizeof copy.IDTA_Reserved);
  std::memcpy(idta, &copy, sizeof copy);
  return kDone;
}

}  // extern "C"
