// IDTA: the Identity Token Area, in which callers hand tokens over and get
// them.

#ifndef SIGNER_IDTA_IDTA_H_
#define SIGNER_IDTA_IDTA_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "signer/racf/codes.h"

namespace sigtoken {

inline constexpr std::size_t kIdtaBytes = 36;
inline constexpr std::uint32_t kMinIdtBufferBytes = 1024;
inline constexpr std::uint16_t kIdtaVersion = 1;
inline constexpr std::uint16_t kIdtTypeJwt = 1;

// IDTA_IDT_Prop_Out, IDTA_IDT_Prop_In: bit 1 is the highest of a halfword.
inline constexpr std::uint16_t kSafIdtReturn = 0x8000;
inline constexpr std::uint16_t kIdtAuthDone = 0x4000;
inline constexpr std::uint16_t kIdtSigned = 0x2000;
inline constexpr std::uint16_t kEndUserIdt = 0x8000;

// The fields of OA63462, table A (macro IRRPIDTA), in their order. Nothing is
// right of itself: see CheckIdta().
struct Idta {
  std::array<char, 4> id = {'I', 'D', 'T', 'A'};
  std::uint16_t version = kIdtaVersion;
  std::uint16_t length = kIdtaBytes;
  // IDTA_IDT_Buffer_Ptr: no more than whether it is zero.
  std::uint32_t buffer = 0;
  std::uint32_t buffer_len = 0;
  std::uint32_t idt_len = 0;
  std::uint16_t idt_type = kIdtTypeJwt;
  std::uint16_t gen_rc = 0;
  std::uint16_t prop_out = 0;
  std::uint16_t prop_in = 0;
  std::array<std::uint8_t, 8> reserved = {};

  bool end_user() const { return (prop_in & kEndUserIdt) != 0; }

  friend bool operator==(const Idta&, const Idta&) = default;
};

// The 36 bytes as they are in storage on z/OS, big-endian; texts in ASCII.
using IdtaImage = std::array<std::uint8_t, kIdtaBytes>;
IdtaImage EncodeIdta(const Idta& idta);
Idta DecodeIdta(std::span<const std::uint8_t, kIdtaBytes> image);

// The first field that is not as OA63462, table A, wants it, as the code of the
// service: initACEE's 8/12/1 to 8/12/7, RACROUTE's 8/70/1 for the length of the
// buffer and codes of ours for the rest. `why` says which.
struct IdtaFinding {
  RacfCode code;
  const char* why;
  const char* cure;
};
// In the order of the codes. Whether reserved bits are zero is not looked at:
// no text says that they must be.
std::optional<IdtaFinding> CheckIdta(RacfSurface surface, const Idta& idta);

}  // namespace sigtoken

#endif  // SIGNER_IDTA_IDTA_H_
