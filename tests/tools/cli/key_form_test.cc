#include "tools/cli/key_form.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/pkcs11/result_matchers.h"

namespace sigtoken::cli {
namespace {

using sigtoken::testing::CureOf;
using sigtoken::testing::FailsWith;
using sigtoken::testing::MessageOf;

constexpr KeyForm kForms[] = {KeyForm::kRaw, KeyForm::kHex, KeyForm::kBase64,
                              KeyForm::kJwk};

Secret SecretOf(const std::string& text) {
  std::string copy = text;
  return *Secret::Take(
      {reinterpret_cast<std::uint8_t*>(copy.data()), copy.size()});
}

std::string TextOf(const Secret& secret) {
  return {secret.data(), secret.data() + secret.size()};
}

Result<Secret> Decode(const std::string& text, KeyForm form) {
  return DecodeKey(SecretOf(text), form);
}

struct Row {
  std::string text;
  std::string key;
};

void ExpectKeys(KeyForm form, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const auto key = Decode(row.text, form);
    ASSERT_EQ(MessageOf(key), "");
    EXPECT_EQ(TextOf(*key), row.key);
  }
}

// The whole message and cure are compared: so no text of a key is in them.
void ExpectRefused(KeyForm form, const std::vector<std::string>& texts,
                   const std::string& message) {
  for (const std::string& text : texts) {
    SCOPED_TRACE(text.substr(0, 80));
    const auto key = Decode(text, form);
    EXPECT_THAT(key, FailsWith(kAttributeValueInvalid));
    EXPECT_EQ(MessageOf(key), message);
    EXPECT_EQ(CureOf(key), "check --format, and that the text is whole");
  }
}

std::string Jwk(const std::string& k) {
  return R"({"kty":"oct","k":")" + k + "\"}";
}

const std::string kMebibyte(std::size_t{1024} * 1024, 'g');

TEST(KeyFormTest, HasFourNames) {
  EXPECT_EQ(*ParseKeyForm("raw"), KeyForm::kRaw);
  EXPECT_EQ(*ParseKeyForm("hex"), KeyForm::kHex);
  EXPECT_EQ(*ParseKeyForm("base64"), KeyForm::kBase64);
  EXPECT_EQ(*ParseKeyForm("jwk"), KeyForm::kJwk);
}

TEST(KeyFormTest, RefusesOtherNames) {
  for (const char* name : {"", " ", "RAW", "Hex", "base64url", "base 64",
                           "jwks", "pem", "raw\n", "hex,raw"}) {
    SCOPED_TRACE(name);
    EXPECT_THAT(ParseKeyForm(name), FailsWith(kRuleArrayInvalid));
  }
  EXPECT_EQ(MessageOf(ParseKeyForm("pe\nm")),
            "'pe\\x0Am' is not a form of keys");
  EXPECT_EQ(CureOf(ParseKeyForm("pem")), "use raw, hex, base64 or jwk");
}

TEST(KeyFormTest, OnlyOfRawKeysDoesEachByteCount) {
  EXPECT_EQ(SecretFormOf(KeyForm::kRaw), SecretForm::kBytes);
  EXPECT_EQ(SecretFormOf(KeyForm::kHex), SecretForm::kText);
  EXPECT_EQ(SecretFormOf(KeyForm::kBase64), SecretForm::kText);
  EXPECT_EQ(SecretFormOf(KeyForm::kJwk), SecretForm::kText);
}

TEST(KeyFormTest, RawBytesAreTheKey) {
  const std::string all("a\0b\n\r\n", 6);
  ExpectKeys(KeyForm::kRaw, {{"", ""}, {"\n", "\n"}, {all, all}});
}

TEST(KeyFormTest, HexadecimalIsReadInEitherCase) {
  ExpectKeys(KeyForm::kHex, {{"", ""},
                             {"00", std::string(1, '\0')},
                             {"c0ffee", "\xC0\xFF\xEE"},
                             {"C0fFeE", "\xC0\xFF\xEE"},
                             {"536563726574313233", "Secret123"}});
}

TEST(KeyFormTest, RefusesWhatIsNotHexadecimal) {
  ExpectRefused(
      KeyForm::kHex,
      {"c", "c0ffe", "c0 ff ee17", " c0ffee17", "c0ffee17 ", "c0:ff:ee:17",
       "c0ffeg", "gg", "0xc0ffee17", "c0ffee17\n", "c0ff\nee17", "c0ffee17\r\n",
       std::string("c0ffee17\0", 9), std::string("c0ff\0\0ee17", 10),
       "c0ffee1\xEF\xBC\x91", "-c0ffee17", kMebibyte},
      "the key is not hexadecimal: two digits a byte, and nothing "
      "in between");
}

// RFC 4648, 10.
TEST(KeyFormTest, Base64IsReadWithPaddingAndWithout) {
  ExpectKeys(KeyForm::kBase64, {{"", ""},
                                {"Zg==", "f"},
                                {"Zg", "f"},
                                {"Zm8=", "fo"},
                                {"Zm8", "fo"},
                                {"Zm9v", "foo"},
                                {"Zm9vYmFy", "foobar"},
                                {"+/+/", "\xFB\xFF\xBF"}});
}

TEST(KeyFormTest, RefusesWhatIsNotBase64) {
  ExpectRefused(KeyForm::kBase64, {"-_-_",       "Zm9vYg=",
                                   "Zm9vYg===",  "Zm8==",
                                   "Zm9v=",      "=",
                                   "====",       "Z",
                                   "Zm9vY",      "Zh==",
                                   "Zh",         "Zm9=",
                                   "Zm9",        "Zm9v\nYmFy",
                                   "Zm9vYmFy\n", "Zm9vYmFy\r\n",
                                   " Zm9vYmFy",  "Zm9v YmFy",
                                   "Zg==Zg==",   std::string("Zm9v\0", 5),
                                   "Zm9v*mFy",   kMebibyte + "="},
                "the key is not base64 (RFC 4648, 4)");
}

TEST(KeyFormTest, AJwkIsReadWhateverElseItHas) {
  ExpectKeys(KeyForm::kJwk,
             {{Jwk("Zm9vYmE"), "fooba"},
              {Jwk("-_-_"), "\xFB\xFF\xBF"},
              {Jwk(""), ""},
              {R"({"k":"Zg","kty":"oct"})", "f"},
              {" {\t\"kty\" : \"oct\" ,\r\n \"k\" : \"Zg\" }\n ", "f"},
              {R"({"kty":"oct","alg":"HS256","k":"Zg","use":"sig",)"
               R"("key_ops":["sign",{"k":"AA"}],"kid":"a\"b","n":1e3})",
               "f"}});
}

// RFC 7517, 4: names are unique. RFC 7518, 6.4.1: k is base64url without
// padding.
TEST(KeyFormTest, RefusesWhatIsNoJwkOfASecretKey) {
  ExpectRefused(KeyForm::kJwk,
                {"",
                 " ",
                 "Zm9v",
                 "\"Zm9v\"",
                 "null",
                 "17",
                 "{}",
                 "[]",
                 "{",
                 R"({"kty":"oct"})",
                 R"({"k":"Zm9v"})",
                 R"({"kty":"RSA","k":"Zm9v"})",
                 R"({"kty":"OCT","k":"Zm9v"})",
                 R"({"kty":"oct ","k":"Zm9v"})",
                 R"({"kty":17,"k":"Zm9v"})",
                 R"({"KTY":"oct","K":"Zm9v"})",
                 R"({"kty":"oct","k":"Zm9v","k":"Zm9v"})",
                 R"({"kty":"oct","k":"Zm9v","k":"YmFy"})",
                 R"({"kty":"oct","kty":"oct","k":"Zm9v"})",
                 R"({"kty":"oct","k":17})",
                 R"({"kty":"oct","k":null})",
                 R"({"kty":"oct","k":true})",
                 R"({"kty":"oct","k":["Zm9v"]})",
                 R"({"kty":"oct","k":{"k":"Zm9v"}})",
                 R"({"kty":"oct","key":{"k":"Zm9v"}})",
                 Jwk("Zg=="),
                 Jwk("Zg="),
                 Jwk("+/+/"),
                 Jwk("Zh"),
                 Jwk("Z"),
                 Jwk("Zm9v "),
                 Jwk(" Zm9v"),
                 Jwk("Zm9v\\n"),
                 Jwk("\\u005am9v"),
                 Jwk("Zm\\/9v"),
                 Jwk("Zm9v\n"),
                 Jwk(std::string("Zm9v\0", 5)),
                 Jwk("Zm9v\xFF"),
                 R"({"kty":"o\u0063t","k":"Zm9v"})",
                 Jwk("Zm9v") + "x",
                 Jwk("Zm9v") + "}",
                 Jwk("Zm9v") + " {}",
                 Jwk("Zm9v") + Jwk("Zm9v"),
                 "x" + Jwk("Zm9v"),
                 "[" + Jwk("Zm9v") + "]",
                 R"({"keys":[)" + Jwk("Zm9v") + "]}",
                 R"({"kty":"oct","k":"Zm9v",})",
                 R"({"kty":"oct","k":"Zm9v")",
                 R"({"kty":"oct","k":"Zm9v)",
                 R"({"kty":"oct" "k":"Zm9v"})",
                 R"({'kty':'oct','k':'Zm9v'})",
                 Jwk(kMebibyte + "="),
                 std::string(20'000, '['),
                 R"({"kty":"oct","a":)" + std::string(20'000, '[')},
                R"(the key is not a JWK of the form {"kty":"oct","k":"..."})");
}

TEST(KeyFormTest, IsWrittenAsPeopleKeepIt) {
  const std::string key = "\xFB\xFF\xBF" + std::string("\0f", 2);
  EXPECT_EQ(TextOf(*EncodeKey(SecretOf(key), KeyForm::kRaw)), key);
  EXPECT_EQ(TextOf(*EncodeKey(SecretOf(key), KeyForm::kHex)), "fbffbf0066\n");
  EXPECT_EQ(TextOf(*EncodeKey(SecretOf(key), KeyForm::kBase64)), "+/+/AGY=\n");
  EXPECT_EQ(TextOf(*EncodeKey(SecretOf(key), KeyForm::kJwk)),
            "{\"kty\":\"oct\",\"k\":\"-_-_AGY\"}\n");
}

TEST(KeyFormTest, WhatIsWrittenIsReadAgain) {
  for (std::size_t bytes : {1U, 2U, 3U, 31U, 32U, 33U, 64U, 131U, 4096U}) {
    std::string key;
    while (key.size() < bytes) {
      key += static_cast<char>(key.size() * 151 + bytes);
    }
    for (const KeyForm form : kForms) {
      SCOPED_TRACE(bytes);
      std::string text = TextOf(*EncodeKey(SecretOf(key), form));
      // At most 4096 bytes are imported: each form of them is taken.
      EXPECT_LE(text.size(), kMaxKeyTextBytes);
      if (SecretFormOf(form) == SecretForm::kText) text.pop_back();
      const auto again = Decode(text, form);
      ASSERT_EQ(MessageOf(again), "");
      EXPECT_EQ(TextOf(*again), key);
    }
  }
}

TEST(KeyFormTest, NoCutTextIsTakenForAJwk) {
  const std::string whole = Jwk("Zm9vYmFy");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(Decode(whole.substr(0, size), KeyForm::kJwk),
                FailsWith(kAttributeValueInvalid));
  }
}

}  // namespace
}  // namespace sigtoken::cli
