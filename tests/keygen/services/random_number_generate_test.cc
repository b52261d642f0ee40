#include "keygen/services/random_number_generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <set>
#include <string_view>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/faulty_token.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::Must;

using Bytes = std::vector<std::uint8_t>;

class RandomNumberGenerateTest : public testing::TokenTest {
 protected:
  Status Call(std::string_view form, Bytes& output) {
    Icsf icsf(*directory_);
    return RandomNumberGenerate(icsf, form, output);
  }
};

TEST_F(RandomNumberGenerateTest, GivesEachLengthThereIs) {
  for (const std::size_t size : {1U, 8U, 4097U, 8192U}) {
    Bytes output(size, 0xEE);
    EXPECT_THAT(Call("RANDOM  ", output), IsOk());
    EXPECT_TRUE(size < 8 || output != Bytes(size, 0xEE)) << size;
  }
}

TEST_F(RandomNumberGenerateTest, TheFormIsTheParityOfEachByte) {
  Bytes odd(8192);
  ASSERT_THAT(Call("ODD     ", odd), IsOk());
  Bytes even(8192);
  ASSERT_THAT(Call("EVEN    ", even), IsOk());
  Bytes random(8192);
  ASSERT_THAT(Call("RANDOM  ", random), IsOk());
  const auto is_odd = [](std::uint8_t byte) {
    return std::popcount(byte) % 2 != 0;
  };
  EXPECT_TRUE(std::all_of(odd.begin(), odd.end(), is_odd));
  EXPECT_TRUE(std::none_of(even.begin(), even.end(), is_odd));
  const auto mixed = std::count_if(random.begin(), random.end(), is_odd);
  EXPECT_GT(mixed, 3000);
  EXPECT_LT(mixed, 5192);
  // The other seven bits are as they come.
  for (const Bytes& bytes : {odd, even}) {
    EXPECT_EQ(std::set<std::uint8_t>(bytes.begin(), bytes.end()).size(), 128U);
  }
}

TEST_F(RandomNumberGenerateTest, RefusesWhatItCannotDo) {
  struct Row {
    std::string_view form;
    std::size_t bytes;
    IcsfCode code;
  };
  for (const Row& row :
       {Row{"", 8, kRuleArrayInvalid}, Row{"RANDOM", 8, kRuleArrayInvalid},
        Row{"random  ", 8, kRuleArrayInvalid},
        Row{"        ", 8, kRuleArrayInvalid},
        Row{"ODD     EVEN    ", 8, kRuleArrayInvalid},
        Row{"PRNG    ", 8, kRuleArrayInvalid},
        Row{"RANDOM  ", 0, kLengthInvalid},
        Row{"RANDOM  ", 8193, kLengthInvalid},
        Row{"ODD     ", 1'000'000, kLengthInvalid}}) {
    Bytes output(row.bytes, 0xEE);
    EXPECT_THAT(Call(row.form, output), FailsWith(row.code)) << row.form;
    EXPECT_EQ(output, Bytes(row.bytes, 0xEE));
  }
}

class RandomNumberGenerateFaultTest : public testing::FaultyTokenTest {};

TEST_F(RandomNumberGenerateFaultTest, AfterAnErrorTheOutputIsAsItWas) {
  Icsf icsf(*directory_);
  struct Row {
    const char* script;
    IcsfCode code;
  };
  token();
  for (const Row& row :
       {Row{"C_GenerateRandom 2- return CKR_DEVICE_ERROR", kNotAvailable},
        Row{"C_GenerateRandom * return CKR_OK", kNotAvailable},
        Row{"C_GenerateRandom * return CKR_RANDOM_NO_RNG",
            kServiceNotAvailable},
        Row{"C_OpenSession * return CKR_DEVICE_ERROR", kNotAvailable}}) {
    fault_.Script(row.script);
    Bytes output(8192, 0xEE);
    EXPECT_THAT(RandomNumberGenerate(icsf, "ODD     ", output),
                FailsWith(row.code))
        << row.script;
    EXPECT_EQ(output, Bytes(8192, 0xEE));
  }
}

}  // namespace
}  // namespace sigtoken
