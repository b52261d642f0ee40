#include "tools/saf/include/irrpidta.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>

namespace sigtoken::testing {
namespace {

using Image = std::array<unsigned char, IDTA_LENGTH>;

// Each byte of a field differs.
IDTA SomeIdta(void* buffer) {
  IDTA idta{};
  std::memcpy(idta.IDTA_ID, IDTA_EYECATCHER, sizeof idta.IDTA_ID);
  idta.IDTA_Version = 0x0102;
  idta.IDTA_Length = IDTA_LENGTH;
  idta.IDTA_IDT_Buffer_Ptr = buffer;
  idta.IDTA_IDT_Buffer_Len = 0x11121314;
  idta.IDTA_IDT_Len = 0x21222324;
  idta.IDTA_IDT_Type = 0x3132;
  idta.IDTA_IDT_Gen_RC = 0x4142;
  idta.IDTA_IDT_Prop_Out = 0x5152;
  idta.IDTA_IDT_Prop_In = 0x6162;
  std::memcpy(idta.IDTA_Reserved, "reserved", sizeof idta.IDTA_Reserved);
  return idta;
}

std::string Hex(const Image& image) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string hex;
  for (const unsigned char byte : image) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 0xF];
  }
  return hex;
}

constexpr const char* kImage =
    "49445441"  // IDTA
    "0102"
    "0024"
    "00000001"  // Not NULL.
    "11121314"
    "21222324"
    "3132"
    "4142"
    "5152"
    "6162"
    "7265736572766564";

TEST(IrrpidtaTest, TheImageIsTheThirtySixBytesOfZos) {
  char buffer = 0;
  const IDTA idta = SomeIdta(&buffer);
  Image image{};
  EXPECT_EQ(irrpidta_encode(&idta, image.data()), 0);
  EXPECT_EQ(Hex(image), kImage);
}

TEST(IrrpidtaTest, NoBufferIsZeroInTheImage) {
  const IDTA idta = SomeIdta(nullptr);
  Image image{};
  EXPECT_EQ(irrpidta_encode(&idta, image.data()), 0);
  EXPECT_EQ(Hex(image).substr(16, 8), "00000000");
}

TEST(IrrpidtaTest, DecodeGivesBackWhatWasEncoded) {
  char buffer = 0;
  const IDTA idta = SomeIdta(&buffer);
  Image image{};
  EXPECT_EQ(irrpidta_encode(&idta, image.data()), 0);
  char other = 0;
  IDTA decoded{};
  EXPECT_EQ(irrpidta_decode(image.data(), &other, &decoded), 0);
  EXPECT_EQ(decoded.IDTA_IDT_Buffer_Ptr, &other);
  decoded.IDTA_IDT_Buffer_Ptr = &buffer;
  EXPECT_EQ(std::memcmp(&decoded, &idta, sizeof idta), 0);
}

TEST(IrrpidtaTest, WithoutAPointerInTheImageThereIsNoBuffer) {
  const IDTA idta = SomeIdta(nullptr);
  Image image{};
  EXPECT_EQ(irrpidta_encode(&idta, image.data()), 0);
  char buffer = 0;
  IDTA decoded{};
  EXPECT_EQ(irrpidta_decode(image.data(), &buffer, &decoded), 0);
  EXPECT_EQ(decoded.IDTA_IDT_Buffer_Ptr, nullptr);
}

// It would be a wild one: an address of z/OS.
TEST(IrrpidtaTest, APointerOfElsewhereIsNotTaken) {
  Image image{};
  image[8] = 0x7F;
  char buffer = 0;
  IDTA decoded{};
  EXPECT_EQ(irrpidta_decode(image.data(), &buffer, &decoded), 0);
  EXPECT_EQ(decoded.IDTA_IDT_Buffer_Ptr, &buffer);
}

TEST(IrrpidtaTest, NullIsEightAndNothingIsWritten) {
  const IDTA idta = SomeIdta(nullptr);
  Image image;
  image.fill('?');
  const Image before = image;
  IDTA decoded = idta;
  EXPECT_EQ(irrpidta_encode(nullptr, image.data()), 8);
  EXPECT_EQ(irrpidta_encode(&idta, nullptr), 8);
  EXPECT_EQ(irrpidta_decode(nullptr, nullptr, &decoded), 8);
  EXPECT_EQ(irrpidta_decode(image.data(), nullptr, nullptr), 8);
  EXPECT_EQ(image, before);
  EXPECT_EQ(std::memcmp(&decoded, &idta, sizeof idta), 0);
}

TEST(IrrpidtaTest, NoFieldIsPadded) {
  // Else bytes of nobody would go from program to program.
  EXPECT_EQ(sizeof(IDTA), 32 + sizeof(void*));
}

// On any address, and the sanitizers look at it.
TEST(IrrpidtaTest, NothingNeedBeAligned) {
  const IDTA idta = SomeIdta(nullptr);
  alignas(IDTA) std::array<char, sizeof(IDTA) + 1> room{};
  IDTA* odd = reinterpret_cast<IDTA*>(room.data() + 1);
  std::memcpy(static_cast<void*>(odd), &idta, sizeof idta);
  Image image{};
  EXPECT_EQ(irrpidta_encode(odd, image.data()), 0);
  EXPECT_EQ(Hex(image).substr(0, 12), std::string(kImage).substr(0, 12));
  EXPECT_EQ(irrpidta_decode(image.data(), nullptr, odd), 0);
  EXPECT_EQ(std::memcmp(static_cast<void*>(odd), &idta, sizeof idta), 0);
}

}  // namespace
}  // namespace sigtoken::testing
