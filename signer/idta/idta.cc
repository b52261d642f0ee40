#include "signer/idta/idta.h"

#include <algorithm>

namespace sigtoken {
namespace {

// Offsets of OA63462, table A.
constexpr std::size_t kId = 0;
constexpr std::size_t kVersion = 4;
constexpr std::size_t kLength = 6;
constexpr std::size_t kBufferPtr = 8;
constexpr std::size_t kBufferLen = 12;
constexpr std::size_t kIdtLen = 16;
constexpr std::size_t kIdtType = 20;
constexpr std::size_t kGenRc = 22;
constexpr std::size_t kPropOut = 24;
constexpr std::size_t kPropIn = 26;
constexpr std::size_t kReserved = 28;

template <typename Number>
void Put(IdtaImage& image, std::size_t at, Number number) {
  for (std::size_t i = sizeof number; i > 0; --i) {
    image[at + i - 1] = static_cast<std::uint8_t>(number);
    number = static_cast<Number>(number >> 8);
  }
}

template <typename Number>
void Get(std::span<const std::uint8_t, kIdtaBytes> image, std::size_t at,
         Number& number) {
  number = 0;
  for (const std::uint8_t byte : image.subspan(at, sizeof number)) {
    number = static_cast<Number>(number << 8 | byte);
  }
}

struct Check {
  RacfCode init_acee;
  RacfCode racroute;
  // Whether the field is wrong.
  bool (*is_wrong)(const Idta& idta, bool may_have_token);
  const char* why;
  const char* cure;
  // Where RACROUTE's are others.
  const char* racroute_why = nullptr;
  const char* racroute_cure = nullptr;
};

constexpr auto kChecks = std::to_array<Check>({
    {kInitAceeEyecatcher, kIdtaEyecatcher,
     [](const Idta& idta, bool) {
       return idta.id != std::array{'I', 'D', 'T', 'A'};
     },
     "IDTA_ID is not the eyecatcher IDTA", "set it to IDTA, in ASCII"},
    {kInitAceeVersion, kIdtaVersionNotValid,
     [](const Idta& idta, bool) { return idta.version != kIdtaVersion; },
     "IDTA_Version is not 1", "set it to 1"},
    {kInitAceeLength, kIdtaLengthNotValid,
     [](const Idta& idta, bool) { return idta.length != kIdtaBytes; },
     "IDTA_Length is not 36",
     "set it to 36, whatever the size of the struct is"},
    {kInitAceePointer, kIdtaPointerNotValid,
     [](const Idta& idta, bool) { return idta.buffer == 0; },
     "IDTA_IDT_Buffer_Ptr is zero", "point it at a buffer of 1,024 bytes"},
    {kInitAceeBufferTooSmall, kBufferTooSmall,
     [](const Idta& idta, bool) {
       return idta.buffer_len < kMinIdtBufferBytes;
     },
     "IDTA_IDT_Buffer_Len is below 1,024",
     "give a buffer of the length that IDTA_IDT_Len says now, and reset that"},
    {kInitAceeTokenGiven, kIdtaIdtLengthNotValid,
     [](const Idta& idta, bool may_have_token) {
       return may_have_token ? idta.idt_len > idta.buffer_len
                             : idta.idt_len != 0;
     },
     "initACEE takes no input token: IDTA_IDT_Len is not zero",
     "set it to zero and leave the token out, or use RACROUTE",
     "IDTA_IDT_Len is greater than IDTA_IDT_Buffer_Len",
     "set it to the length of the token in the buffer, or to zero"},
    {kInitAceeType, kIdtaTypeNotValid,
     [](const Idta& idta, bool) { return idta.idt_type != kIdtTypeJwt; },
     "IDTA_IDT_Type is not X'0001', a JWT", "set it to 1"},
});

}  // namespace

IdtaImage EncodeIdta(const Idta& idta) {
  IdtaImage image{};
  std::copy(idta.id.begin(), idta.id.end(), image.begin() + kId);
  Put(image, kVersion, idta.version);
  Put(image, kLength, idta.length);
  Put(image, kBufferPtr, idta.buffer);
  Put(image, kBufferLen, idta.buffer_len);
  Put(image, kIdtLen, idta.idt_len);
  Put(image, kIdtType, idta.idt_type);
  Put(image, kGenRc, idta.gen_rc);
  Put(image, kPropOut, idta.prop_out);
  Put(image, kPropIn, idta.prop_in);
  std::copy(idta.reserved.begin(), idta.reserved.end(),
            image.begin() + kReserved);
  return image;
}

Idta DecodeIdta(std::span<const std::uint8_t, kIdtaBytes> image) {
  Idta idta;
  const auto id = image.subspan(kId, idta.id.size());
  std::transform(id.begin(), id.end(), idta.id.begin(),
                 [](std::uint8_t byte) { return static_cast<char>(byte); });
  Get(image, kVersion, idta.version);
  Get(image, kLength, idta.length);
  Get(image, kBufferPtr, idta.buffer);
  Get(image, kBufferLen, idta.buffer_len);
  Get(image, kIdtLen, idta.idt_len);
  Get(image, kIdtType, idta.idt_type);
  Get(image, kGenRc, idta.gen_rc);
  Get(image, kPropOut, idta.prop_out);
  Get(image, kPropIn, idta.prop_in);
  std::ranges::copy(image.subspan(kReserved), idta.reserved.begin());
  return idta;
}

std::optional<IdtaFinding> CheckIdta(RacfSurface surface, const Idta& idta) {
  const bool racroute = surface == RacfSurface::kRacroute;
  for (const Check& check : kChecks) {
    if (!check.is_wrong(idta, racroute)) continue;
    const bool own = racroute && check.racroute_why != nullptr;
    return IdtaFinding{racroute ? check.racroute : check.init_acee,
                       own ? check.racroute_why : check.why,
                       own ? check.racroute_cure : check.cure};
  }
  return std::nullopt;
}

}  // namespace sigtoken
