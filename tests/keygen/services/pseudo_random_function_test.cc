#include "keygen/services/pseudo_random_function.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "keygen/adopt.h"
#include "keygen/import.h"
#include "keygen/remove.h"
#include "keygen/tls_prf.h"
#include "tests/embedded_home.h"
#include "tests/faulty_token.h"
#include "tests/other_objects.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using testing::IsOk;
using testing::kTokenName;
using testing::MessageOf;
using testing::Must;
using testing::Name;

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kOutputBytes = 40;

Bytes Untouched() { return Bytes(kOutputBytes, 0xEE); }

std::string Padded(std::string text, std::size_t size = Handle::kLength) {
  text.resize(size, ' ');
  return text;
}

Bytes Number(std::size_t number, ByteOrder order) {
  Bytes bytes;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    bytes.push_back(static_cast<std::uint8_t>(number >> shift));
  }
  if (order == ByteOrder::kLittleEndian) {
    std::reverse(bytes.begin(), bytes.end());
  }
  return bytes;
}

Bytes Parms(std::size_t seed_bytes, std::size_t label_bytes,
            std::string_view text, ByteOrder order = ByteOrder::kBigEndian) {
  Bytes list = Number(seed_bytes, order);
  const Bytes label = Number(label_bytes, order);
  list.insert(list.end(), label.begin(), label.end());
  list.insert(list.end(), text.begin(), text.end());
  return list;
}

Bytes GoodParms() { return Parms(4, 5, "seedlabel"); }

// What the key of that value gives for the label "label" and the seed "seed".
Bytes Expected(Bytes value) {
  const Secret secret = Must(Secret::Take(value));
  Bytes output(kOutputBytes);
  Must(TlsPrf(secret, testing::Bytes("labelseed"), output));
  return output;
}

class PseudoRandomFunctionTest : public testing::TokenTest {
 protected:
  void SetUp() override {
    TokenTest::SetUp();
    icsf_ = std::make_unique<Icsf>(*directory_);
  }
  Status Call(std::string_view rule, std::string_view handle,
              const Bytes& parms, Bytes& output,
              ByteOrder order = ByteOrder::kBigEndian) {
    return PseudoRandomFunction(*icsf_, {rule, handle, parms, order}, output);
  }
  // Of a call that must be refused and leave its output alone.
  Error Refused(std::string_view rule, std::string_view handle,
                const Bytes& parms, IcsfCode code) {
    Bytes output = Untouched();
    const Status status = Call(rule, handle, parms, output);
    EXPECT_THAT(status, FailsWith(code));
    EXPECT_EQ(output, Untouched());
    return status ? Error{} : status.error();
  }
  Bytes Derived(ObjectId id) {
    Bytes output = Untouched();
    EXPECT_THAT(Call("TLS-PRF ", HandleOf(id), GoodParms(), output), IsOk());
    return output;
  }
  static std::string HandleOf(ObjectId id) {
    return Handle(Name(kTokenName), id).Format();
  }
  // A key whose value may be read.
  ObjectId Import(Bytes value, bool exportable = true) {
    KeySpec spec;
    spec.exportable = exportable;
    Secret secret = Must(Secret::Take(value));
    return *Must(ImportKey(*token_, spec, secret)).key.handle->object();
  }

  std::unique_ptr<Icsf> icsf_;
};

TEST_F(PseudoRandomFunctionTest, PrngFillsTheOutputFromTheTokenOfTheHandle) {
  for (const std::string& handle :
       {Padded(kTokenName), Padded(kTokenName, 40) + "T   ",
        Padded(kTokenName, 32) + std::string(12, '\0'), Padded(""),
        std::string(32, ' ') + std::string(12, 'x'),
        Padded("SYSTOK-SESSION-ONLY")}) {
    Bytes first = Untouched();
    ASSERT_THAT(Call("PRNG    ", handle, {}, first), IsOk()) << handle;
    Bytes second = Untouched();
    ASSERT_THAT(Call("PRNG    ", handle, {}, second), IsOk());
    EXPECT_NE(first, Untouched());
    EXPECT_NE(first, second);
  }
  Bytes large(100'000);
  ASSERT_THAT(Call("PRNG    ", Padded(kTokenName), {}, large), IsOk());
  EXPECT_FALSE(std::all_of(large.end() - 16, large.end(),
                           [](std::uint8_t byte) { return byte == 0; }));
}

TEST_F(PseudoRandomFunctionTest, PrngRefusesWhatItCannotDo) {
  struct Row {
    std::string rule;
    std::string handle;
    Bytes parms;
    IcsfCode code;
  };
  const std::string token = Padded(kTokenName);
  for (const Row& row : std::vector<Row>{
           {"", token, {}, kRuleArrayInvalid},
           {"PRNG", token, {}, kRuleArrayInvalid},
           {"prng    ", token, {}, kRuleArrayInvalid},
           {"PRNG    PRNG    ", token, {}, kRuleArrayInvalid},
           {"PRNG    TLS-PRF ", token, {}, kRuleArrayInvalid},
           {"RANDOM  ", token, {}, kRuleArrayInvalid},
           {"PRNG    ", token, {0}, kLengthInvalid},
           {"PRNG    ", token, GoodParms(), kLengthInvalid},
           {"PRNG    ", "", {}, kHandleInvalid},
           {"PRNG    ", std::string(43, ' '), {}, kHandleInvalid},
           {"PRNG    ", std::string(45, ' '), {}, kHandleInvalid},
           {"PRNG    ", std::string(44, '\0'), {}, kHandleInvalid},
           {"PRNG    ", Padded("lower"), {}, kHandleInvalid},
           {"PRNG    ", Padded("SYSTOK-SESSION"), {}, kHandleInvalid},
           {"PRNG    ", Padded("NONE"), {}, kTokenNotFound}}) {
    Refused(row.rule, row.handle, row.parms, row.code);
  }
}

TEST_F(PseudoRandomFunctionTest, AnOutputHasOneByteToSixtyFourMebibytes) {
  for (const char* rule : {"PRNG    ", "TLS-PRF "}) {
    Bytes none;
    EXPECT_THAT(Call(rule, Padded(kTokenName), {}, none),
                FailsWith(kLengthInvalid));
    Bytes huge((64U << 20U) + 1);
    const Status refused = Call(rule, Padded(kTokenName), {}, huge);
    EXPECT_THAT(refused, FailsWith(kLengthInvalid));
    EXPECT_EQ(CureOf(refused), "ask for 1 to 67108864 bytes");
  }
  Bytes one(1);
  EXPECT_THAT(Call("PRNG    ", Padded(kTokenName), {}, one), IsOk());
}

TEST_F(PseudoRandomFunctionTest, TlsPrfIsThatOfTheKeysValue) {
  const Bytes value(48, 0x0B);
  const ObjectId id = Import(value);
  EXPECT_EQ(Derived(id), Expected(value));
  Bytes output = Untouched();
  ASSERT_THAT(Call("TLS-PRF ", HandleOf(id),
                   Parms(4, 5, "seedlabel", ByteOrder::kLittleEndian), output,
                   ByteOrder::kLittleEndian),
              IsOk());
  EXPECT_EQ(output, Expected(value));
}

// SoftHSM2 holds it with zeros behind it, which are none of its value.
TEST_F(PseudoRandomFunctionTest, AShortKeyIsTakenAtItsTrueLength) {
  const Bytes value = {1, 2, 3, 4, 5};
  EXPECT_EQ(Derived(Import(value)), Expected(value));
}

TEST_F(PseudoRandomFunctionTest, SessionKeysAreKeysToo) {
  Bytes padded(64);
  padded[0] = 7;
  testing::MakeSessionKey(*token_, {1, 'S'}, padded, true);
  EXPECT_EQ(Derived({1, 'S'}), Expected(padded));
  icsf_->sessions().Put(Handle(Name(kTokenName), {1, 'S'}), {1, {}});
  EXPECT_EQ(Derived({1, 'S'}), Expected({7}));
}

TEST_F(PseudoRandomFunctionTest, LabelAndSeedMayEachBeEmptyButNotBoth) {
  const ObjectId id = Import(Bytes(20, 1));
  Bytes first = Untouched();
  EXPECT_THAT(Call("TLS-PRF ", HandleOf(id), Parms(9, 0, "labelseed"), first),
              IsOk());
  Bytes second = Untouched();
  EXPECT_THAT(Call("TLS-PRF ", HandleOf(id), Parms(0, 9, "labelseed"), second),
              IsOk());
  EXPECT_EQ(first, second);
  Bytes longest = Untouched();
  EXPECT_THAT(Call("TLS-PRF ", HandleOf(id),
                   Parms(1000, 24, std::string(1024, 'x')), longest),
              IsOk());
}

TEST_F(PseudoRandomFunctionTest, TlsPrfRefusesAParameterListOfOtherLengths) {
  const std::string handle = HandleOf(Import(Bytes(20, 1)));
  for (const Bytes& parms :
       std::vector<Bytes>{{},
                          {0},
                          Bytes(7),
                          Bytes(8),
                          Parms(0, 0, "x"),
                          Parms(4, 5, "seedlabe"),
                          Parms(4, 5, "seedlabel!"),
                          Parms(9, 5, "seedlabel"),
                          Parms(0, 8, "seedlabel"),
                          Parms(0xFFFFFFFF, 10, "seedlabel"),
                          Parms(10, 0xFFFFFFFF, "seedlabel"),
                          Parms(0xFFFFFFFF, 0xFFFFFFFF, "seedlabel"),
                          Parms(1024, 1, std::string(1025, 'x')),
                          Parms(4, 5, "seedlabel", ByteOrder::kLittleEndian)}) {
    Refused("TLS-PRF ", handle, parms, kLengthInvalid);
  }
}

TEST_F(PseudoRandomFunctionTest, TlsPrfRefusesOtherObjects) {
  const ObjectId sensitive = Import(Bytes(64, 1), false);
  const ObjectId disabled = Import(Bytes(64, 2));
  Must(DisableKey(*token_, disabled, true));
  testing::MakeData(*token_, {0x50, 'T'});
  Attributes aes = testing::KeyToImport("theirs", Bytes(32, 3));
  aes.Remove(CKA_KEY_TYPE);
  testing::Import(*token_, aes.Number(CKA_KEY_TYPE, CKK_AES));
  testing::MakeSessionKey(*token_, {1, 'S'}, Bytes(64, 4));
  icsf_->sessions().Put(Handle(Name(kTokenName), {2, 'S'}), {});
  struct Row {
    std::string handle;
    IcsfCode code;
  };
  for (const Row& row : std::vector<Row>{
           {HandleOf(sensitive), kKeyUnextractable},
           {HandleOf({1, 'S'}), kKeyUnextractable},
           {HandleOf({2, 'S'}), kSessionObjectGone},
           {HandleOf({3, 'S'}), kObjectNotFound},
           {HandleOf(disabled), kObjectDisabled},
           {HandleOf({0x50, 'T'}), kKeyTypeInconsistent},
           {HandleOf({0x51, 'T'}), kObjectNotFound},
           {HandleOf({sensitive.sequence, 'Y'}), kObjectNotFound},
           {HandleOf({1, 'U'}), kHandleInvalid},
           {HandleOf({1, 'Z'}), kHandleInvalid},
           {Padded(kTokenName), kHandleInvalid},
           {Padded(""), kHandleInvalid},
           {"", kHandleInvalid},
           {Padded("NONE", 32) + "00000001T   ", kTokenNotFound}}) {
    SCOPED_TRACE(row.handle);
    Refused("TLS-PRF ", row.handle, GoodParms(), row.code);
  }
  const Error error =
      Refused("TLS-PRF ", HandleOf(sensitive), GoodParms(), kKeyUnextractable);
  EXPECT_EQ(error.message,
            "the value of the key IDTTKN.JWT.SECRET:00000001T stays in the "
            "token, where no module computes TLS-PRF: it is CKA_SENSITIVE");
}

class PseudoRandomFunctionFaultTest : public testing::FaultyTokenTest {
 protected:
  Status Prng(Bytes& output) {
    Icsf icsf(*directory_);
    return PseudoRandomFunction(icsf, {"PRNG    ", Padded(kName), {}}, output);
  }
};

TEST_F(PseudoRandomFunctionFaultTest, AfterAnErrorNoPieceIsInTheOutput) {
  struct Row {
    const char* script;
    IcsfCode code;
  };
  token();
  for (const Row& row :
       {Row{"C_GenerateRandom 2- return CKR_DEVICE_ERROR", kNotAvailable},
        Row{"C_GenerateRandom 2- return CKR_OK", kNotAvailable},
        Row{"C_GenerateRandom 2- return CKR_RANDOM_NO_RNG",
            kServiceNotAvailable}}) {
    fault_.Script(row.script);
    Bytes output(10'000, 0xEE);
    EXPECT_THAT(Prng(output), FailsWith(row.code)) << row.script;
    EXPECT_EQ(output, Bytes(10'000, 0xEE));
  }
}

// With bound tokens alone, a handle of blanks means the first one's device.
TEST_F(PseudoRandomFunctionFaultTest, BlanksNameTheFirstDevice) {
  Icsf icsf(*directory_);
  const std::size_t before = fault_.Calls("C_GenerateRandom");
  Bytes output = Untouched();
  EXPECT_THAT(PseudoRandomFunction(icsf, {"PRNG    ", Padded(""), {}}, output),
              IsOk());
  EXPECT_EQ(fault_.Calls("C_GenerateRandom"), before + 1);
}

}  // namespace
}  // namespace sigtoken
