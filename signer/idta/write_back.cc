#include "signer/idta/write_back.h"

#include <algorithm>

namespace sigtoken {

void ClearOutputs(Idta& idta) {
  const Idta right;
  if (idta.id != right.id || idta.version != right.version ||
      idta.length != right.length) {
    return;
  }
  idta.gen_rc = 0;
  idta.prop_out = 0;
}

GenerateResult RefuseIdta(const IdtaFinding& finding, Idta& idta) {
  if (finding.code == kInitAceeBufferTooSmall ||
      finding.code == kBufferTooSmall) {
    idta.idt_len = kMinIdtBufferBytes;
  }
  return GenerateRefused(
      finding.code,
      Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, finding.why, finding.cure));
}

void WriteBack(const GenerateResult& result, Idta& idta) {
  idta.gen_rc = static_cast<std::uint16_t>(result.idt_gen_rc);
  idta.prop_out = 0;
  if (result.needed_bytes) {
    idta.idt_len = static_cast<std::uint32_t>(
        std::max<std::size_t>(*result.needed_bytes, kMinIdtBufferBytes));
  }
  if (!result.returned) return;
  idta.idt_len = static_cast<std::uint32_t>(result.token.size());
  idta.prop_out = kSafIdtReturn;
  if (result.auth_done) idta.prop_out |= kIdtAuthDone;
  if (result.is_signed) idta.prop_out |= kIdtSigned;
}

}  // namespace sigtoken
