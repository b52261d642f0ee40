// Contract: where modules differ, each as the table of differences says.

#include <array>
#include <string>
#include <vector>

#include "pkcs11/cryptoki/mac.h"
#include "pkcs11/cryptoki/objects.h"
#include "tests/import_key.h"
#include "tests/modules/contract.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr std::string_view kData = "data";

class DifferencesTest : public ContractTest {
 protected:
  // Runs `work(session, key, mac)` with a key of 64 bytes and the right MAC by
  // HS256 of kData.
  template <typename Work>
  void WithMac(const Work& work) const {
    InToken([&](Token& token) {
      const std::vector<std::uint8_t> value(64, 0x3C);
      const CK_OBJECT_HANDLE key = ImportKey(token, {1, 'T'}, value);
      auto mac = OpenSslMac(Hs256(), value, Bytes(kData));
      mac.resize(kMaxMacBytes);
      Change(token, [&](Session& session) {
        work(session, key, mac);
        return 0;
      });
    });
  }

  static CK_RV RawVerify(Session& session, CK_OBJECT_HANDLE key,
                         std::vector<std::uint8_t> mac, CK_ULONG mac_bytes) {
    auto& functions = session.functions();
    CK_MECHANISM mechanism{CKM_SHA256_HMAC, nullptr, 0};
    EXPECT_EQ(functions.C_VerifyInit(session.handle(), &mechanism, key),
              CKR_OK);
    std::vector<std::uint8_t> data(kData.begin(), kData.end());
    return functions.C_Verify(session.handle(), data.data(), data.size(),
                              mac.data(), mac_bytes);
  }

  CK_OBJECT_HANDLE FirstKey(Session& session) const {
    Attributes wanted;
    wanted.Number(CKA_CLASS, CKO_SECRET_KEY);
    const auto found = Must(FindObjects(session, wanted));
    EXPECT_EQ(found.size(), 1U);
    return found.front();
  }

  std::string Serial(const ModuleFixture& module) const {
    const auto listed =
        module.programs().Sigtoken({"--json", "token", "list"}).json();
    return listed["tokens"][0]["token_info"]["serial"];
  }
};

TEST_P(DifferencesTest, TheShortestKeyThatSigns) {
  InToken([](Token& token) {
    std::size_t row = 0;
    for (const MacAlgorithm& algorithm : MacAlgorithms()) {
      SCOPED_TRACE(std::string(algorithm.name));
      const std::size_t least = traits().least_bytes[row++];
      for (const std::size_t bytes : {least, least - 1}) {
        if (bytes == 0) continue;
        const auto key =
            Import(token, KeyToImport("", std::vector<std::uint8_t>(bytes, 7)));
        Change(token, [&](Session& session) {
          const auto mac = SignMac(session, key, algorithm, Bytes(kData));
          EXPECT_EQ(mac.has_value(), bytes == least);
          if (!mac) {
            EXPECT_EQ(mac.error().rv, CKR_KEY_SIZE_RANGE);
          }
          return 0;
        });
      }
    }
  });
}

TEST_P(DifferencesTest, AKeyOf32BytesWithHs512) {
  Generate({"--alg", "HS256"});
  const Words sign = {"sign", "--key", Handle(1), "--alg", "HS512"};
  if (traits().least_bytes[2] <= 32) {
    EXPECT_EQ(Verify(1, "HS512", Sign(1, "HS512", "data"), "data"), 0);
    return;
  }
  ExpectRefusal(sign, kKeyFunctionNotPermitted, "data");
  EXPECT_THAT(
      Run(sign, "data").err,
      HasSubstr("This module needs " + std::to_string(traits().least_bytes[2]) +
                " bytes or more for HS512"));
}

TEST_P(DifferencesTest, AllowedMechanisms) {
  const json made = Generate();
  EXPECT_EQ(made["not_kept"], traits().keeps_allowed_mechanisms
                                  ? json::array()
                                  : json{"CKA_ALLOWED_MECHANISMS"});
  InToken([this](Token& token) {
    Change(token, [&](Session& session) {
      const auto key = FirstKey(session);
      const auto read = ReadBytes(session, key, CKA_ALLOWED_MECHANISMS);
      if (read) {
        EXPECT_EQ(read->size(), 6 * sizeof(CK_MECHANISM_TYPE));
      }
      EXPECT_EQ(read ? CKR_OK : read.error().rv,
                traits().read_allowed_mechanisms);
      // All modules have it, for keys of another type, as they say where they
      // get so far.
      CK_MECHANISM other{CKM_AES_CMAC, nullptr, 0};
      const CK_RV rv =
          session.functions().C_SignInit(session.handle(), &other, key);
      EXPECT_NE(rv, CKR_OK);
      EXPECT_EQ(rv == CKR_MECHANISM_INVALID, traits().keeps_allowed_mechanisms);
      return 0;
    });
  });
}

TEST_P(DifferencesTest, KeysThatMayLeave) {
  const Words exportable = {"key", "generate", "--token", kBound,
                            "--exportable"};
  if (traits().lets_keys_out) {
    Json(exportable);
    EXPECT_EQ(KeyNumber(1)["attributes"]["CKA_EXTRACTABLE"], true);
    return;
  }
  ExpectRefusal(exportable, kAttributeValueInvalid);
  EXPECT_THAT(Run(exportable).err, HasSubstr("leave --exportable out"));
  EXPECT_EQ(Keys(), json::array());
  // A refusal spends no number.
  EXPECT_EQ(Generate()["sequence"], "00000001");
}

// On either kind of module such a key signs no more: nobody knows which one was
// meant, or the one that was meant is gone.
TEST_P(DifferencesTest, AnotherKeyWithTheSameId) {
  Generate();
  const std::vector<std::uint8_t> value(64, 0xA5);
  ImportValue(1, value);
  InToken([](Token& token) {
    EXPECT_EQ(CountObjects(token), traits().duplicate_id_overwrites ? 1U : 2U);
  });
  ExpectRefusal(
      {"sign", "--key", Handle(1), "--alg", "HS256"},
      traits().duplicate_id_overwrites ? kObjectNotFound : kHandleInvalid);
  EXPECT_EQ(Generate()["sequence"], "00000002");
}

TEST_P(DifferencesTest, SerialNumbers) {
  const std::string first = Serial(*module_);
  std::string second;
  {
    const auto other = traits().make();
    second = Serial(*other);
  }
  EXPECT_EQ(first != second, traits().unique_serial);
  if (!traits().unique_serial) {
    EXPECT_EQ(first, "0000000000000000");
  }
}

TEST_P(DifferencesTest, AWrongMacInCVerify) {
  WithMac([](Session& session, CK_OBJECT_HANDLE key,
             std::vector<std::uint8_t> mac) {
    EXPECT_EQ(RawVerify(session, key, mac, 32), CKR_OK);
    mac[31] ^= 1;
    EXPECT_EQ(RawVerify(session, key, mac, 32), traits().wrong_mac);
  });
}

TEST_P(DifferencesTest, ALongerMacInCVerify) {
  WithMac([](Session& session, CK_OBJECT_HANDLE key,
             const std::vector<std::uint8_t>& mac) {
    EXPECT_EQ(RawVerify(session, key, mac, 40),
              traits().looks_at_mac_length ? CKR_SIGNATURE_LEN_RANGE : CKR_OK);
  });
}

TEST_P(DifferencesTest, ABufferTooShortForTheMac) {
  WithMac([](Session& session, CK_OBJECT_HANDLE key,
             const std::vector<std::uint8_t>&) {
    auto& functions = session.functions();
    CK_MECHANISM mechanism{CKM_SHA256_HMAC, nullptr, 0};
    ASSERT_EQ(functions.C_SignInit(session.handle(), &mechanism, key), CKR_OK);
    std::array<CK_BYTE, kMaxMacBytes> mac{};
    CK_ULONG length = 16;
    CK_BYTE data = 0;
    EXPECT_EQ(functions.C_Sign(session.handle(), &data, 1, mac.data(), &length),
              traits().short_buffer);
  });
}

TEST_P(DifferencesTest, InitialisationStrings) {
  struct Row {
    std::string init;
    CK_RV rv;
  };
  const std::string with = module_->init().empty()
                               ? "configdir='sql:/nonexistent'"
                               : module_->init();
  for (const Row& row :
       {Row{"", traits().without_init}, Row{with, traits().with_init}}) {
    module_->Configure(ModuleFixture::kPin, row.init);
    if (row.rv == CKR_OK) {
      EXPECT_EQ(Keys(), json::array());
      continue;
    }
    const Outcome outcome = Run({"--json", "key", "list"});
    if (module_->isolated()) {
      // p11-kit would not hand it on.
      EXPECT_EQ(outcome.status, 8);
      EXPECT_THAT(outcome.err, HasSubstr("cannot be 'isolated'"));
      continue;
    }
    EXPECT_EQ(outcome.status, 12);
    EXPECT_EQ(
        outcome.json()["error"]["cryptoki"],
        (json{{"function", "C_Initialize"}, {"rv", "CKR_ARGUMENTS_BAD"}}));
    EXPECT_THAT(outcome.err, HasSubstr("'init'"));
  }
}

INSTANTIATE_TEST_SUITE_P(Contract, DifferencesTest, EachModule(), ModuleName);

}  // namespace
}  // namespace sigtoken::testing
