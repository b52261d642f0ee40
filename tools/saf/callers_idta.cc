#include "tools/saf/callers_idta.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "signer/idta/write_back.h"

namespace sigtoken::saf {
namespace {

template <typename Number>
void WriteField(IDTA* to, std::size_t offset, Number value) {
  std::memcpy(reinterpret_cast<char*>(to) + offset, &value, sizeof value);
}

}  // namespace

Idta FieldsOf(const IDTA& idta) {
  Idta fields;
  std::ranges::copy(idta.IDTA_ID, fields.id.begin());
  fields.version = idta.IDTA_Version;
  fields.length = idta.IDTA_Length;
  fields.buffer = idta.IDTA_IDT_Buffer_Ptr == nullptr ? 0 : 1;
  fields.buffer_len = idta.IDTA_IDT_Buffer_Len;
  fields.idt_len = idta.IDTA_IDT_Len;
  fields.idt_type = idta.IDTA_IDT_Type;
  fields.gen_rc = idta.IDTA_IDT_Gen_RC;
  fields.prop_out = idta.IDTA_IDT_Prop_Out;
  fields.prop_in = idta.IDTA_IDT_Prop_In;
  std::memcpy(fields.reserved.data(), idta.IDTA_Reserved,
              fields.reserved.size());
  return fields;
}

CallersIdta::CallersIdta(IDTA* theirs) : theirs_(theirs) {
  std::memcpy(&read_, theirs_, sizeof read_);
}

std::string_view CallersIdta::Token() const {
  if (read_.IDTA_IDT_Buffer_Ptr == nullptr ||
      read_.IDTA_IDT_Len > read_.IDTA_IDT_Buffer_Len) {
    return {};
  }
  return {static_cast<const char*>(read_.IDTA_IDT_Buffer_Ptr),
          read_.IDTA_IDT_Len};
}

void CallersIdta::WriteToken(std::string_view token) const {
  std::ranges::copy(token, static_cast<char*>(read_.IDTA_IDT_Buffer_Ptr));
}

void CallersIdta::WriteBack(const Idta& idta) const {
  WriteField(theirs_, offsetof(IDTA, IDTA_IDT_Len), idta.idt_len);
  WriteField(theirs_, offsetof(IDTA, IDTA_IDT_Gen_RC), idta.gen_rc);
  WriteField(theirs_, offsetof(IDTA, IDTA_IDT_Prop_Out), idta.prop_out);
}

void ClearOutputs(IDTA* theirs) {
  if (theirs == nullptr) return;
  const CallersIdta given(theirs);
  Idta idta = given.fields();
  sigtoken::ClearOutputs(idta);
  given.WriteBack(idta);
}

}  // namespace sigtoken::saf
