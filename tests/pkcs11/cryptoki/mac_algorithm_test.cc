#include "pkcs11/cryptoki/mac_algorithm.h"

#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

// RFC 7518, 3.1 and 3.2; ICSF Application Programmer's Guide, CSFPHMG, rules;
// PKCS #11 v2.40 Mechanisms, 2.9.3, 2.10.3 and 2.11.3.
TEST(MacAlgorithmTest, HasTheThreeOfTheStandardInTheirOrder) {
  struct Row {
    std::string_view name;
    std::string_view keyword;
    CK_MECHANISM_TYPE mechanism;
    std::size_t bytes;
  };
  constexpr Row kRows[] = {
      {"HS256", "SHA-256 ", 0x251, 32},
      {"HS384", "SHA-384 ", 0x261, 48},
      {"HS512", "SHA-512 ", 0x271, 64},
  };
  ASSERT_EQ(MacAlgorithms().size(), std::size(kRows));
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    const MacAlgorithm& algorithm = MacAlgorithms()[i];
    EXPECT_EQ(algorithm.name, kRows[i].name);
    EXPECT_EQ(algorithm.icsf_keyword, kRows[i].keyword);
    EXPECT_EQ(algorithm.mechanism, kRows[i].mechanism);
    EXPECT_EQ(algorithm.mac_bytes, kRows[i].bytes);
    EXPECT_LE(algorithm.mac_bytes, kMaxMacBytes);
  }
}

// ICSF Application Programmer's Guide, CSFPHMG, rules and lengths; PKCS #11
// v2.40 Mechanisms, 2.8.3 (MD5), 2.7.3 to 2.11.3 (SHA) and 2.35 (SSL 3.0).
TEST(MacAlgorithmTest, HasAllOfCsfphmgInTheirOrder) {
  struct Row {
    std::string_view name;
    std::string_view keyword;
    CK_MECHANISM_TYPE mechanism;
    std::size_t bytes;
    bool is_ssl3;
  };
  constexpr Row kRows[] = {
      {"MD5", "MD5     ", 0x211, 16, false},
      {"SHA-1", "SHA-1   ", 0x221, 20, false},
      {"SHA-224", "SHA-224 ", 0x256, 28, false},
      {"HS256", "SHA-256 ", 0x251, 32, false},
      {"HS384", "SHA-384 ", 0x261, 48, false},
      {"HS512", "SHA-512 ", 0x271, 64, false},
      {"SSL3-MD5", "SSL3-MD5", 0x380, 16, true},
      {"SSL3-SHA", "SSL3-SHA", 0x381, 20, true},
  };
  ASSERT_EQ(HmacAlgorithms().size(), std::size(kRows));
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    const MacAlgorithm& algorithm = HmacAlgorithms()[i];
    EXPECT_EQ(algorithm.name, kRows[i].name);
    EXPECT_EQ(algorithm.icsf_keyword, kRows[i].keyword);
    EXPECT_EQ(algorithm.mechanism, kRows[i].mechanism);
    EXPECT_EQ(algorithm.mac_bytes, kRows[i].bytes);
    EXPECT_EQ(algorithm.is_ssl3, kRows[i].is_ssl3);
    EXPECT_LE(algorithm.mac_bytes, kMaxMacBytes);
  }
}

TEST(MacAlgorithmTest, FindsEachOfCsfphmgByItsKeyword) {
  for (const std::string_view keyword :
       {"MD5", "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512", "SSL3-MD5",
        "SSL3-SHA"}) {
    const MacAlgorithm* found = FindHmacAlgorithm(keyword);
    ASSERT_NE(found, nullptr) << keyword;
    EXPECT_EQ(found->icsf_keyword.substr(0, keyword.size()), keyword);
  }
  EXPECT_EQ(FindHmacAlgorithm("SHA-256"), &Hs256());
}

TEST(MacAlgorithmTest, RefusesEveryOtherKeyword) {
  for (const std::string_view keyword :
       {"", " ", "md5", "MD5 ", "MD5     ", "SHA1", "SHA-1 ", "SHA", "SHA-2",
        "SHA-25", "SHA-256 ", "SHA-2560", "sha-256", "SHA3-256", "HS256",
        "SSL3", "SSL3-SHA1", "SSL3-MD", "FIRST"}) {
    EXPECT_EQ(FindHmacAlgorithm(keyword), nullptr) << keyword;
  }
}

TEST(MacAlgorithmTest, FindsEachByItsName) {
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    EXPECT_EQ(FindMacAlgorithm(algorithm.name), &algorithm);
    const auto parsed = ParseMacAlgorithm(algorithm.name);
    ASSERT_THAT(parsed, testing::IsOk());
    EXPECT_EQ(*parsed, &algorithm);
  }
  EXPECT_EQ(&Hs256(), FindMacAlgorithm("HS256"));
}

TEST(MacAlgorithmTest, RefusesEveryOtherName) {
  for (const std::string_view name :
       {"",       "none",  "NONE",    "hs256",    "Hs256",    "HS256 ",
        " HS256", "HS25",  "HS2560",  "HS224",    "HS1",      "RS256",
        "ES256",  "PS512", "EdDSA",   "SHA-256",  "SHA-256 ", "HMAC",
        "MD5",    "SHA-1", "SHA-224", "SSL3-MD5", "SSL3-SHA"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(FindMacAlgorithm(name), nullptr);
    EXPECT_THAT(ParseMacAlgorithm(name), testing::FailsWith(kRuleArrayInvalid));
  }
}

TEST(MacAlgorithmTest, SaysTheUpperCaseNameWhereThatHelps) {
  EXPECT_EQ(testing::CureOf(ParseMacAlgorithm("hs384")),
            "write it in upper case: HS384");
  EXPECT_EQ(testing::MessageOf(ParseMacAlgorithm("none")),
            "'none' is not an algorithm for identity tokens");
  EXPECT_EQ(testing::CureOf(ParseMacAlgorithm("none")),
            "use HS256, HS384 or HS512");
}

TEST(MacAlgorithmTest, AMacBeginsWithZeroBytesOfItsSize) {
  for (const MacAlgorithm& algorithm : MacAlgorithms()) {
    Mac mac(algorithm.mac_bytes);
    ASSERT_EQ(mac.bytes().size(), algorithm.mac_bytes);
    for (const std::uint8_t byte : mac.bytes()) EXPECT_EQ(byte, 0);
    mac.data()[algorithm.mac_bytes - 1] = 7;
    EXPECT_EQ(mac.bytes().back(), 7);
  }
}

}  // namespace
}  // namespace sigtoken
