#include "signer/idta/idta.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

constexpr RacfSurface kRacroute = RacfSurface::kRacroute;
constexpr RacfSurface kInitAcee = RacfSurface::kInitAcee;

Idta Good() {
  Idta idta;
  idta.buffer = 0x12345678;
  idta.buffer_len = 2048;
  return idta;
}

// OA63462, table A.
TEST(IdtaTest, Has36BytesBigEndian) {
  Idta idta = Good();
  idta.idt_len = 0x0143;
  idta.gen_rc = 5;
  idta.prop_out = kSafIdtReturn | kIdtAuthDone | kIdtSigned;
  idta.prop_in = kEndUserIdt;
  idta.reserved = {1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(Hex(EncodeIdta(idta)),
            "49445441"  // IDTA
            "0001"      // version
            "0024"      // length
            "12345678"  // pointer
            "00000800"  // length of the buffer
            "00000143"  // length of the token
            "0001"      // type
            "0005"      // generation code
            "E000"      // output properties
            "8000"      // input properties
            "0102030405060708");
}

TEST(IdtaTest, IsReadAsItIsWritten) {
  IdtaImage image;
  for (std::size_t i = 0; i < image.size(); ++i) {
    image[i] = static_cast<std::uint8_t>(0xF0 + i * 7);
  }
  EXPECT_EQ(EncodeIdta(DecodeIdta(image)), image);
}

TEST(IdtaTest, OfWhichNothingIsWrongIsTaken) {
  EXPECT_FALSE(CheckIdta(kRacroute, Good()));
  EXPECT_FALSE(CheckIdta(kInitAcee, Good()));
}

TEST(IdtaTest, MayHaveATokenForRacrouteAlone) {
  Idta idta = Good();
  idta.idt_len = 2048;
  EXPECT_FALSE(CheckIdta(kRacroute, idta));
  EXPECT_EQ(CheckIdta(kInitAcee, idta)->code, kInitAceeTokenGiven);
  idta.idt_len = 2049;
  EXPECT_EQ(CheckIdta(kRacroute, idta)->code, kIdtaIdtLengthNotValid);
}

TEST(IdtaTest, EachFieldHasItsCode) {
  struct Row {
    void (*spoil)(Idta& idta);
    RacfCode init_acee;
    RacfCode racroute;
  };
  const std::vector<Row> rows = {
      {[](Idta& i) { i.id[3] = 'B'; }, {8, 12, 1}, {8, 0x70, 0xA02}},
      // EBCDIC, as it is on z/OS.
      {[](Idta& i) {
         i.id = {'\xC9', '\xC4', '\xE3', '\xC1'};
       },
       {8, 12, 1},
       {8, 0x70, 0xA02}},
      {[](Idta& i) { i.version = 0; }, {8, 12, 2}, {8, 0x70, 0xA03}},
      {[](Idta& i) { i.version = 0x0100; }, {8, 12, 2}, {8, 0x70, 0xA03}},
      {[](Idta& i) { i.length = 35; }, {8, 12, 3}, {8, 0x70, 0xA04}},
      {[](Idta& i) { i.length = 40; }, {8, 12, 3}, {8, 0x70, 0xA04}},
      {[](Idta& i) { i.buffer = 0; }, {8, 12, 4}, {8, 0x70, 0xA05}},
      {[](Idta& i) { i.buffer_len = 1023; }, {8, 12, 5}, {8, 0x70, 1}},
      {[](Idta& i) { i.buffer_len = 0; }, {8, 12, 5}, {8, 0x70, 1}},
      {[](Idta& i) { i.idt_len = 0xFFFFFFFF; }, {8, 12, 6}, {8, 0x70, 0xA06}},
      {[](Idta& i) { i.idt_type = 0; }, {8, 12, 7}, {8, 0x70, 0xA07}},
      {[](Idta& i) { i.idt_type = 0x0100; }, {8, 12, 7}, {8, 0x70, 0xA07}},
      // All at once: the first.
      {[](Idta& i) { i = Idta{{'x'}, 9, 9, 0, 0, 9, 9, 0, 0, 0, {}}; },
       {8, 12, 1},
       {8, 0x70, 0xA02}},
  };
  for (const Row& row : rows) {
    Idta idta = Good();
    row.spoil(idta);
    SCOPED_TRACE(Hex(EncodeIdta(idta)));
    EXPECT_EQ(CheckIdta(kInitAcee, idta)->code, row.init_acee);
    EXPECT_EQ(CheckIdta(kRacroute, idta)->code, row.racroute);
  }
}

TEST(IdtaTest, WhatIsReservedIsNotLookedAt) {
  Idta idta = Good();
  idta.reserved.fill(0xFF);
  idta.prop_in = 0x7FFF;
  idta.prop_out = 0xFFFF;
  idta.gen_rc = 0xFFFF;
  EXPECT_FALSE(CheckIdta(kInitAcee, idta));
  EXPECT_FALSE(idta.end_user());
}

}  // namespace
}  // namespace sigtoken
