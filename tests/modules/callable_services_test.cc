// Contract: CSFPHMG, CSFPHMV and CSFPOWH on each module.

#include <openssl/evp.h>

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/cryptoki/objects.h"
#include "signer/mac/hmac.h"
#include "signer/mac/one_way_hash.h"
#include "tests/import_key.h"
#include "tests/modules/contract.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/rsa_keys.h"

namespace sigtoken::testing {
namespace {

using Octets = std::vector<std::uint8_t>;

class CallableServicesTest : public ContractTest {
 protected:
  static bool IsMissing(const MacAlgorithm& algorithm) {
    const std::string all = " " + std::string(traits().missing_macs) + " ";
    return all.find(" " + std::string(algorithm.name) + " ") !=
           std::string::npos;
  }
  // Runs `work` with the token as ICSF has it, in a child.
  void InIcsf(const std::function<void(Icsf&, Token&)>& work) const {
    EXPECT_TRUE(RunForked([&] {
      const auto directory = Must(Directory::Open(module_->configuration()));
      Icsf icsf(*directory);
      work(icsf, *Must(directory->FindToken(Name(kBound))));
    }));
  }
  static std::string Text(std::uint32_t number) {
    return sigtoken::Handle(Name(kBound), {number, 'T'}).Format();
  }
  static Result<std::optional<Mac>> MacOf(Icsf& icsf, const std::string& rules,
                                          std::string_view text,
                                          std::uint32_t number) {
    std::array<std::uint8_t, kChainDataBytes> chain{};
    return GenerateHmac(icsf, {rules, Bytes(text), chain, Text(number)}, 64);
  }
  static Result<bool> IsMac(Icsf& icsf, const std::string& rules,
                            std::string_view text, std::uint32_t number,
                            const Octets& mac) {
    std::array<std::uint8_t, kChainDataBytes> chain{};
    return VerifyHmac(icsf, {rules, Bytes(text), chain, Text(number)}, mac);
  }

  // RFC 6101, 5.2.3.1: hash(secret + pad 2 + hash(secret + pad 1 + text)).
  static Octets Ssl3Mac(const MacAlgorithm& algorithm, const Octets& secret,
                        std::string_view text) {
    const bool md5 = algorithm.mac_bytes == 16;
    const auto hash = [&](std::uint8_t pad, std::span<const std::uint8_t> on) {
      Octets all = secret;
      all.insert(all.end(), md5 ? 48 : 40, pad);
      all.insert(all.end(), on.begin(), on.end());
      Octets result(algorithm.mac_bytes);
      EXPECT_EQ(EVP_Q_digest(nullptr, md5 ? "MD5" : "SHA1", nullptr, all.data(),
                             all.size(), result.data(), nullptr),
                1);
      return result;
    };
    return hash(0x5C, hash(0x36, Bytes(text)));
  }

  Outcome Pkcs11Tool(Words words) const {
    const Words login = {"--module",         module_->module_for_tools(),
                         "--token-label",    ModuleFixture::kLabel,
                         "--login",          "--pin",
                         ModuleFixture::kPin};
    words.insert(words.begin(), login.begin(), login.end());
    return programs_.Run(SIGTOKEN_PKCS11_TOOL, words);
  }
};

TEST_P(CallableServicesTest, HaveTheMacsOfTheModuleAndRefuseTheOthers) {
  Octets value;
  for (std::uint8_t i = 0; i < 64; ++i) value.push_back(i);
  ImportValue(1, value);
  ImportValue(2, value, Use::kVerifyOnly);
  InIcsf([&](Icsf& icsf, Token& /*token*/) {
    for (const MacAlgorithm& algorithm : HmacAlgorithms()) {
      SCOPED_TRACE(std::string(algorithm.name));
      const std::string rules(algorithm.icsf_keyword);
      const auto made = MacOf(icsf, rules, "data", 1);
      if (IsMissing(algorithm)) {
        EXPECT_THAT(made, FailsWith(kServiceNotAvailable));
        for (const std::uint32_t number : {1U, 2U}) {
          EXPECT_THAT(IsMac(icsf, rules, "data", number, Octets(64)),
                      FailsWith(kServiceNotAvailable));
        }
        continue;
      }
      ASSERT_THAT(made, IsOk());
      ASSERT_TRUE(made->has_value());
      const Octets mac((*made)->bytes().begin(), (*made)->bytes().end());
      EXPECT_EQ(mac, algorithm.is_ssl3
                         ? Ssl3Mac(algorithm, value, "data")
                         : OpenSslMac(algorithm, value, Bytes("data")));
      for (const std::uint32_t number : {1U, 2U}) {
        EXPECT_TRUE(Must(IsMac(icsf, rules, "data", number, mac)));
        EXPECT_FALSE(Must(IsMac(icsf, rules, "datA", number, mac)));
        Octets wrong = mac;
        wrong.back() ^= 1;
        EXPECT_FALSE(Must(IsMac(icsf, rules, "data", number, wrong)));
      }
    }
  });
}

// CKA_ALLOWED_MECHANISMS lets a key of ours do all that ICSF's keys do.
TEST_P(CallableServicesTest, AGeneratedKeyMakesEveryHmac) {
  Generate({"--bytes", "64"});
  InIcsf([&](Icsf& icsf, Token& /*token*/) {
    for (const MacAlgorithm& algorithm : HmacAlgorithms()) {
      if (algorithm.is_ssl3 || IsMissing(algorithm)) continue;
      EXPECT_THAT(MacOf(icsf, std::string(algorithm.icsf_keyword), "data", 1),
                  IsOk())
          << algorithm.name;
    }
  });
}

TEST_P(CallableServicesTest, SignWithRsaKeysThatPkcs11ToolMade) {
  const Outcome made =
      Pkcs11Tool({"--keypairgen", "--key-type", "rsa:2048", "--label", "rsa",
                  "--id", "0A", "--usage-sign"});
  ASSERT_EQ(made.status, 0) << made.err;
  // The token gets its record with the first key.
  Generate();
  InIcsf([&](Icsf& icsf, Token& token) {
    GiveHandle(token, {20, 'T'}, "rsa", CKO_PRIVATE_KEY);
    GiveHandle(token, {21, 'T'}, "rsa", CKO_PUBLIC_KEY);
    const RsaPair pair = Change(token, [](Session& session) {
      Attributes wanted;
      wanted.Number(CKA_CLASS, CKO_PUBLIC_KEY).Text(CKA_LABEL, "rsa");
      const auto found = Must(FindObjects(session, wanted));
      return RsaPair(
          Must(ReadBytes(session, found.at(0), CKA_MODULUS)),
          Must(ReadBytes(session, found.at(0), CKA_PUBLIC_EXPONENT)));
    });
    const auto call = [&](const std::string& rules, std::uint32_t number,
                          const Octets& hash) {
      std::array<std::uint8_t, kChainDataBytes> chain{};
      return OneWayHash(icsf,
                        {rules, Bytes("data"), chain, Text(number), hash});
    };
    for (const char* keyword :
         {"SHA-1   ", "SHA-224 ", "SHA-256 ", "SHA-384 ", "SHA-512 "}) {
      const std::string rules(keyword);
      const Octets signature =
          Must(call(rules + "SIGN-RSA", 20, Octets(256))).hash;
      EXPECT_EQ(signature.size(), 256U);
      EXPECT_TRUE(Must(call(rules + "VER-RSA ", 21, signature)).verified);
      EXPECT_FALSE(Must(call(rules + "VER-RSA ", 21, Octets(256))).verified);
      if (rules == "SHA-256 ") {
        EXPECT_TRUE(pair.Verifies("SHA256", Bytes("data"), signature));
      }
    }
    EXPECT_THAT(call("SHA-256 SIGN-RSA", 21, Octets(256)),
                FailsWith(kKeyTypeInconsistent));
    EXPECT_THAT(call("SHA-256 VER-RSA ", 20, Octets(256)),
                FailsWith(kKeyTypeInconsistent));
    EXPECT_THAT(call("SHA-256 SIGN-RSA", 1, Octets(256)),
                FailsWith(kKeyTypeInconsistent));
  });
}

INSTANTIATE_TEST_SUITE_P(Contract, CallableServicesTest, EachModule(),
                         ModuleName);

}  // namespace
}  // namespace sigtoken::testing
