#include "signer/mac/one_way_hash.h"

#include <openssl/err.h>

#include <algorithm>
#include <string>

#include "pkcs11/cryptoki/objects.h"
#include "tests/pkcs11/result_matchers.h"
#include "tests/program.h"
#include "tests/rsa_keys.h"
#include "tests/signer/mac/services.h"

namespace sigtoken {
namespace {

using testing::AnyRsaPair;
using testing::Bytes;
using testing::ChainBytes;
using testing::FailsWith;
using testing::GiveHandle;
using testing::kZeros;
using testing::Must;
using testing::Octets;
using testing::RsaPair;
using testing::Rules;
using testing::Unwritten;

struct Method {
  const char* keyword;
  const char* openssl;
};
constexpr Method kMethods[] = {{"SHA-1", "SHA1"},
                               {"SHA-224", "SHA224"},
                               {"SHA-256", "SHA256"},
                               {"SHA-384", "SHA384"},
                               {"SHA-512", "SHA512"}};

Octets HashOf(const char* digest, std::string_view text) {
  Octets hash(64);
  std::size_t size = 0;
  EXPECT_EQ(EVP_Q_digest(nullptr, digest, nullptr, text.data(), text.size(),
                         hash.data(), &size),
            1);
  hash.resize(size);
  return hash;
}

// Objects 1 (private) and 2 (public) are one pair.
class OneWayHashTest : public testing::ServicesTest {
 protected:
  OneWayHashTest() {
    Import(1, AnyRsaPair().PrivateKey("1"), CKO_PRIVATE_KEY);
    Import(2, AnyRsaPair().PublicKey("2"), CKO_PUBLIC_KEY);
  }

  void Import(std::uint32_t number, const Attributes& object,
              CK_OBJECT_CLASS object_class, bool disabled = false) {
    testing::Import(token(), object);
    GiveHandle(token(), {number, 'T'}, std::to_string(number), object_class,
               disabled);
  }
  static Attributes With(Attributes object, CK_ATTRIBUTE_TYPE type,
                         bool value) {
    object.Remove(type);
    return std::move(object.Flag(type, value));
  }
  static Attributes With(Attributes object, CK_ATTRIBUTE_TYPE type,
                         const Octets& value) {
    object.Remove(type);
    return std::move(object.Bytes(type, value));
  }
  Octets Signed(std::string_view text) {
    return AnyRsaPair().Sign("SHA256", Bytes(text));
  }
};

TEST_F(OneWayHashTest, HashesAsOpenSslDoes) {
  for (const Method& method : kMethods) {
    for (const std::string& text :
         {std::string(), std::string("data"), std::string(100'000, 'x')}) {
      const Octets right = HashOf(method.openssl, text);
      for (const std::string& rules :
           {Rules({method.keyword}), Rules({method.keyword, "HASH"}),
            Rules({"ONLY", "HASH", method.keyword})}) {
        chain_ = Unwritten();
        // The handle is not looked at.
        const auto answer =
            Must(Hash(rules, text, "no handle", Octets(right.size())));
        EXPECT_EQ(answer.hash, right);
        EXPECT_EQ(chain_, kZeros);
      }
      Must(Hash(Rules({method.keyword, "FIRST"}), text.substr(0, 1)));
      EXPECT_EQ(std::string(chain_.begin(), chain_.begin() + 19),
                "SYSTOK-SESSION-ONLY");
      if (!text.empty()) {
        EXPECT_TRUE(
            Must(Hash(Rules({method.keyword, "MIDDLE"}), text.substr(1)))
                .hash.empty());
      }
      EXPECT_EQ(Must(Hash(Rules({method.keyword, "LAST"}), "")).hash, right);
    }
  }
  EXPECT_EQ(icsf_->states().size(), 0U);
}

TEST_F(OneWayHashTest, BadRulesAreRefused) {
  for (const std::string& rules :
       {std::string(), std::string("SHA-256"), Rules({"HASH"}), Rules({"MD5"}),
        Rules({"SHA-256", "SHA-1"}), Rules({"SHA-256", "HASH", "HASH"}),
        Rules({"SHA-256", "HASH", "SIGN-RSA"}), Rules({"SHA-256", "SIGN-EC"}),
        Rules({"SHA-256", "VER-RSA", "FIRST", "LAST"}), Rules({"sha-256"})}) {
    EXPECT_THAT(Hash(rules, "data", Text(1)), FailsWith(kRuleArrayInvalid))
        << rules;
  }
  EXPECT_EQ(chain_, Unwritten());
}

TEST_F(OneWayHashTest, SignsAndVerifiesAsOpenSslDoes) {
  for (const Method& method : kMethods) {
    SCOPED_TRACE(method.keyword);
    const Octets right = AnyRsaPair().Sign(method.openssl, Bytes("data"));
    const auto rules = [&](const char* operation, const char* step) {
      return Rules({method.keyword, operation, step});
    };
    EXPECT_EQ(Must(Hash(rules("SIGN-RSA", "ONLY"), "data", Text(1))).hash,
              right);
    EXPECT_TRUE(
        Must(Hash(rules("VER-RSA", "ONLY"), "data", Text(2), right)).verified);
    Must(Hash(rules("SIGN-RSA", "FIRST"), "da", Text(1)));
    Must(Hash(rules("SIGN-RSA", "MIDDLE"), "t", Text(1)));
    EXPECT_EQ(Must(Hash(rules("SIGN-RSA", "LAST"), "a", Text(1))).hash, right);
    Must(Hash(rules("VER-RSA", "FIRST"), "da", Text(2)));
    Must(Hash(rules("VER-RSA", "MIDDLE"), "ta", Text(2)));
    EXPECT_TRUE(
        Must(Hash(rules("VER-RSA", "LAST"), "", Text(2), right)).verified);
  }
}

TEST_F(OneWayHashTest, WrongSignaturesAreNotVerified) {
  const Octets right = Signed("data");
  ERR_clear_error();
  std::vector<Octets> wrong = {{},
                               Octets(right.begin(), right.end() - 1),
                               Octets(right.size()),
                               Octets(right.size(), 0xFF),
                               AnyRsaPair().Sign("SHA1", Bytes("data")),
                               RsaPair(2048).Sign("SHA256", Bytes("data")),
                               RsaPair(1024).Sign("SHA256", Bytes("data"))};
  wrong.push_back(right);
  wrong.back().push_back(0);
  wrong.push_back(right);
  wrong.back().insert(wrong.back().begin(), 0);
  for (const std::size_t at : {std::size_t{0}, right.size() - 1}) {
    wrong.push_back(right);
    wrong.back()[at] ^= 1;
  }
  for (const Octets& signature : wrong) {
    chain_ = Unwritten();
    EXPECT_FALSE(
        Must(Hash(Rules({"SHA-256", "VER-RSA"}), "data", Text(2), signature))
            .verified)
        << signature.size();
    EXPECT_EQ(chain_, kZeros);
  }
  EXPECT_FALSE(Must(Hash(Rules({"SHA-256", "VER-RSA"}), "datA", Text(2), right))
                   .verified);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST_F(OneWayHashTest, KeysThatDoNotFitAreRefusedOnFirstToo) {
  const RsaPair& pair = AnyRsaPair();
  Import(3, With(pair.PrivateKey("3"), CKA_SIGN, false), CKO_PRIVATE_KEY);
  Import(4, With(pair.PublicKey("4"), CKA_VERIFY, false), CKO_PUBLIC_KEY);
  Import(5, With(pair.PrivateKey("5"), CKA_ALWAYS_AUTHENTICATE, true),
         CKO_PRIVATE_KEY);
  Import(6, pair.PrivateKey("6"), CKO_PRIVATE_KEY, true);
  Import(7, pair.PublicKey("7"), CKO_PUBLIC_KEY, true);
  testing::ImportKey(token(), {8, 'T'}, Octets(64, 1));
  // Two objects, one address.
  Import(9, pair.PublicKey("9"), CKO_PUBLIC_KEY);
  testing::Import(token(), pair.PublicKey("9"));
  GiveHandle(token(), {10, 'T'}, "nobody", CKO_PRIVATE_KEY);
  Octets even = pair.modulus();
  even.back() ^= 1;
  Import(11, With(pair.PublicKey("11"), CKA_MODULUS, even), CKO_PUBLIC_KEY);
  Import(12, With(pair.PublicKey("12"), CKA_PUBLIC_EXPONENT, Octets{2}),
         CKO_PUBLIC_KEY);
  Import(13, With(pair.PublicKey("13"), CKA_PUBLIC_EXPONENT, Octets{0, 1}),
         CKO_PUBLIC_KEY);
  Import(14, With(pair.PublicKey("14"), CKA_MODULUS, Octets(127, 0xFF)),
         CKO_PUBLIC_KEY);
  Import(15, With(pair.PublicKey("15"), CKA_MODULUS, Octets(2049, 0xFF)),
         CKO_PUBLIC_KEY);
  Import(16, With(pair.PublicKey("16"), CKA_PUBLIC_EXPONENT, Octets(9, 0xFF)),
         CKO_PUBLIC_KEY);
  struct Row {
    std::string handle;
    IcsfCode sign;
    IcsfCode verify;
  };
  for (const Row& row :
       {Row{Text(1), kIcsfDone, kKeyTypeInconsistent},
        Row{Text(2), kKeyTypeInconsistent, kIcsfDone},
        Row{Text(3), kKeyFunctionNotPermitted, kKeyTypeInconsistent},
        Row{Text(4), kKeyTypeInconsistent, kKeyFunctionNotPermitted},
        Row{Text(5), kNotAuthorized, kKeyTypeInconsistent},
        Row{Text(6), kObjectDisabled, kKeyTypeInconsistent},
        Row{Text(7), kKeyTypeInconsistent, kObjectDisabled},
        Row{Text(8), kKeyTypeInconsistent, kKeyTypeInconsistent},
        Row{Text(9), kHandleInvalid, kHandleInvalid},
        Row{Text(10), kObjectNotFound, kObjectNotFound},
        Row{Text(11), kKeyTypeInconsistent, kKeyTypeInconsistent},
        Row{Text(12), kKeyTypeInconsistent, kKeyTypeInconsistent},
        Row{Text(13), kKeyTypeInconsistent, kKeyTypeInconsistent},
        Row{Text(14), kKeyTypeInconsistent, kKeyTypeInconsistent},
        Row{Text(15), kKeyTypeInconsistent, kKeyTypeInconsistent},
        Row{Text(16), kKeyTypeInconsistent, kKeyTypeInconsistent},
        Row{Text(17), kObjectNotFound, kObjectNotFound},
        Row{Text(1, 'Y'), kObjectNotFound, kObjectNotFound},
        Row{Text(1, 'U'), kHandleInvalid, kHandleInvalid},
        Row{Handle(testing::Name(kName)).Format(), kHandleInvalid,
            kHandleInvalid},
        Row{"", kHandleInvalid, kHandleInvalid},
        Row{Handle(testing::Name("NO.SUCH"), {1, 'T'}).Format(), kTokenNotFound,
            kTokenNotFound}}) {
    for (const char* step : {"FIRST", "ONLY"}) {
      SCOPED_TRACE(row.handle + step);
      chain_ = Unwritten();
      const auto made =
          Hash(Rules({"SHA-256", "SIGN-RSA", step}), "data", row.handle);
      EXPECT_EQ(made ? kIcsfDone : ToIcsf(made.error()), row.sign);
      EXPECT_EQ(chain_ == Unwritten(), row.sign != kIcsfDone);
      chain_ = Unwritten();
      const auto verified = Hash(Rules({"SHA-256", "VER-RSA", step}), "data",
                                 row.handle, Octets(256));
      EXPECT_EQ(verified ? kIcsfDone : ToIcsf(verified.error()), row.verify);
      EXPECT_EQ(chain_ == Unwritten(), row.verify != kIcsfDone);
    }
  }
}

TEST_F(OneWayHashTest, TooLittleRoomIsSaidAndTheChainGoesOn) {
  struct Row {
    const char* operation;
    std::size_t needed;
    Octets right;
  };
  for (const Row& row : {Row{"HASH", 32, HashOf("SHA256", "data")},
                         Row{"SIGN-RSA", 256, Signed("data")}}) {
    for (const std::size_t room : {std::size_t{0}, row.needed - 1}) {
      chain_ = Unwritten();
      const auto only = Hash(Rules({"SHA-256", row.operation}), "data", Text(1),
                             Octets(room));
      EXPECT_THAT(only, FailsWith(kOutputTooShort));
      EXPECT_EQ(only.error().needed_bytes, row.needed);
      EXPECT_EQ(chain_, Unwritten());
      Must(Hash(Rules({"SHA-256", row.operation, "FIRST"}), "da", Text(1), {}));
      const auto rules = Rules({"SHA-256", row.operation, "LAST"});
      const auto last = Hash(rules, "lost", Text(1), Octets(room));
      EXPECT_THAT(last, FailsWith(kOutputTooShort));
      EXPECT_EQ(last.error().needed_bytes, row.needed);
      EXPECT_EQ(Must(Hash(rules, "ta", Text(1), Octets(row.needed))).hash,
                row.right);
    }
  }
}

TEST_F(OneWayHashTest, OtherTermsAreRefusedAndTheChainGoesOn) {
  Must(Hash(Rules({"SHA-256", "SIGN-RSA", "FIRST"}), "da", Text(1)));
  const ChainBytes before = chain_;
  for (const char* step : {"MIDDLE", "LAST"}) {
    EXPECT_THAT(Hash(Rules({"SHA-1", "SIGN-RSA", step}), "x", Text(1)),
                FailsWith(kRuleArrayInvalid));
    EXPECT_THAT(Hash(Rules({"SHA-256", "VER-RSA", step}), "x", Text(1)),
                FailsWith(kRuleArrayInvalid));
    EXPECT_THAT(Hash(Rules({"SHA-256", step}), "x", Text(1)),
                FailsWith(kRuleArrayInvalid));
    EXPECT_THAT(Hash(Rules({"SHA-256", "SIGN-RSA", step}), "x", Text(2)),
                FailsWith(kHandleInvalid));
    EXPECT_THAT(Generate(Rules({"SHA-256", step}), "x", Text(1)),
                FailsWith(kSessionObjectGone));
  }
  EXPECT_EQ(chain_, before);
  EXPECT_EQ(
      Must(Hash(Rules({"SHA-256", "SIGN-RSA", "LAST"}), "ta", Text(1))).hash,
      Signed("data"));
  EXPECT_THAT(Hash(Rules({"SHA-256", "SIGN-RSA", "LAST"}), "ta", Text(1)),
              FailsWith(kSessionObjectGone));
}

TEST_F(OneWayHashTest, AChainWhoseKeyIsGoneEndsAndOneWhoseDeviceIsStays) {
  const auto rules = [](const char* step) {
    return Rules({"SHA-256", "SIGN-RSA", step});
  };
  Must(Hash(rules("FIRST"), "da", Text(1)));
  fault_.Script("C_Sign * return CKR_DEVICE_REMOVED");
  EXPECT_THAT(Hash(rules("LAST"), "lost", Text(1)), FailsWith(kNotAvailable));
  fault_.Script("");
  EXPECT_EQ(icsf_->states().size(), 1U);
  Attributes wanted;
  wanted.Number(CKA_CLASS, CKO_PRIVATE_KEY).Text(CKA_LABEL, "1");
  const auto found = testing::Change(token(), [&](Session& session) {
    return Must(FindObjects(session, wanted));
  });
  testing::Destroy(token(), found.at(0));
  Must(Hash(rules("MIDDLE"), "t", Text(1)));
  EXPECT_THAT(Hash(rules("LAST"), "a", Text(1)), FailsWith(kObjectNotFound));
  EXPECT_EQ(icsf_->states().size(), 0U);
}

TEST_F(OneWayHashTest, ASessionThatIsLostIsOpenedAnew) {
  fault_.Script("C_Sign 1 return CKR_SESSION_HANDLE_INVALID");
  EXPECT_EQ(Must(Hash(Rules({"SHA-256", "SIGN-RSA"}), "data", Text(1))).hash,
            Signed("data"));
}

TEST_F(OneWayHashTest, KeysThatPkcs11ToolMadeWork) {
  testing::Programs programs(configuration_.home.string());
  programs.SetEnvironment("SOFTHSM2_CONF", hsm_.conf());
  const auto made = programs.Run(
      SIGTOKEN_PKCS11_TOOL,
      {"--module", SIGTOKEN_SOFTHSM2_MODULE, "--token-label", "faulty",
       "--login", "--pin", testing::PrivateSoftHsm2::kPin, "--keypairgen",
       "--key-type", "rsa:2048", "--label", "theirs"});
  ASSERT_EQ(made.status, 0) << made.err;
  GiveHandle(token(), {20, 'T'}, "theirs", CKO_PRIVATE_KEY);
  GiveHandle(token(), {21, 'T'}, "theirs", CKO_PUBLIC_KEY);
  const Octets signature =
      Must(Hash(Rules({"SHA-256", "SIGN-RSA"}), "data", Text(20))).hash;
  EXPECT_TRUE(
      Must(Hash(Rules({"SHA-256", "VER-RSA"}), "data", Text(21), signature))
          .verified);
  Attributes wanted;
  wanted.Number(CKA_CLASS, CKO_PUBLIC_KEY).Text(CKA_LABEL, "theirs");
  testing::Change(token(), [&](Session& session) {
    const auto found = Must(FindObjects(session, wanted));
    const RsaPair key(
        Must(ReadBytes(session, found.at(0), CKA_MODULUS)),
        Must(ReadBytes(session, found.at(0), CKA_PUBLIC_EXPONENT)));
    EXPECT_TRUE(key.Verifies("SHA256", Bytes("data"), signature));
    return 0;
  });
}

}  // namespace
}  // namespace sigtoken
