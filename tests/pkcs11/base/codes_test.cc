#include "pkcs11/base/codes.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

constexpr char kSourceDir[] = SIGTOKEN_SOURCE_DIR;

std::string ReadSource(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool IsOfAName(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Without std::regex, in which g++ 12 sees uninitialised memory under ASan.
std::set<std::string> NamesIn(std::string_view text) {
  constexpr std::string_view kPrefix = "CKR_";
  std::set<std::string> names;
  for (std::size_t at = text.find(kPrefix); at != std::string_view::npos;
       at = text.find(kPrefix, at + 1)) {
    const std::string_view rest = text.substr(at);
    const auto end = std::find_if_not(rest.begin(), rest.end(), IsOfAName);
    names.emplace(rest.begin(), end);
  }
  names.erase(std::string(kPrefix));  // What a comment calls them all.
  return names;
}

// Each CKR_ name that occurs in the sources, with the first file that has it.
std::map<std::string, std::string> NamesInSources() {
  std::map<std::string, std::string> names;
  for (const char* folder : {"pkcs11", "keygen", "signer", "tools"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             std::filesystem::path(kSourceDir) / folder)) {
      const std::string extension = entry.path().extension();
      if (extension != ".h" && extension != ".cc") continue;
      for (const std::string& name : NamesIn(ReadSource(entry.path()))) {
        names.emplace(name, entry.path());
      }
    }
  }
  return names;
}

TEST(CodesTest, HasARowForEveryCkrNameInTheSources) {
  std::set<std::string> rows;
  for (const CkRvRow& row : CkRvRows()) rows.emplace(row.name);
  const auto names = NamesInSources();
  ASSERT_EQ(names.count("CKR_OK"), 1U) << "no sources in " << kSourceDir;
  for (const auto& [name, file] : names) {
    // Where the vendors' own codes begin, and no code itself.
    if (name == "CKR_VENDOR_DEFINED") continue;
    EXPECT_EQ(rows.count(name), 1U) << name << " of " << file;
  }
}

// Reads the lines "inline constexpr IcsfCode kName{8, 3025};".
TEST(CodesTest, HasARowForEveryCodeThatTheSourcesName) {
  std::istringstream lines(ReadSource(std::filesystem::path(kSourceDir) /
                                      "pkcs11/base/icsf_code.h"));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("inline constexpr IcsfCode k") != 0) continue;
    int return_code = -1;
    int reason_code = -1;
    char comma = ' ';
    std::istringstream codes(line.substr(line.find('{') + 1));
    codes >> return_code >> comma >> reason_code;
    EXPECT_NE(FindIcsf({return_code, reason_code}), nullptr) << line;
    ++count;
  }
  EXPECT_GE(count, 15U);
}

TEST(CodesTest, HasARowForEveryCodeThatACkRvBecomes) {
  for (const CkRvRow& row : CkRvRows()) {
    EXPECT_NE(FindIcsf(row.icsf), nullptr) << row.name;
  }
}

TEST(CodesTest, HasTextInEveryRow) {
  for (const CkRvRow& row : CkRvRows()) {
    EXPECT_EQ(row.name.substr(0, 4), "CKR_");
    EXPECT_NE(row.meaning, "") << row.name;
  }
  for (const IcsfRow& row : IcsfRows()) {
    EXPECT_NE(row.meaning, "") << row.code.reason_code;
    EXPECT_NE(row.source, "") << row.code.reason_code;
  }
}

TEST(CodesTest, FindsEveryRowByItsCode) {
  for (const CkRvRow& row : CkRvRows()) EXPECT_EQ(FindCkRv(row.rv), &row);
  for (const IcsfRow& row : IcsfRows()) EXPECT_EQ(FindIcsf(row.code), &row);
}

TEST(CodesTest, FindsNoRowForAnotherCode) {
  for (const CK_RV rv : {4UL, 0x1A2UL, 0x201UL, 0x80000000UL, ~0UL}) {
    EXPECT_EQ(FindCkRv(rv), nullptr) << rv;
  }
  for (const IcsfCode code : {IcsfCode{-1, 0},
                              {0, 1},
                              {8, 0},
                              {8, 3044},
                              {8, 99'999},
                              {12, 5},
                              {16, 1},
                              {20, 0}}) {
    EXPECT_EQ(FindIcsf(code), nullptr) << code.reason_code;
  }
}

TEST(CodesTest, NamesCodesAndGivesTheNumberOfUnknownOnes) {
  EXPECT_EQ(CkRvName(CKR_PIN_INCORRECT), "CKR_PIN_INCORRECT");
  EXPECT_EQ(CkRvName(0xCE534351), "CKR 0xCE534351");
  EXPECT_EQ(CkRvName(4), "CKR 0x00000004");
}

// The rows that decide between "not available" and "ICSF error", and those
// whose reason code is documented.
TEST(CodesTest, MapsToTheDocumentedCodes) {
  struct Row {
    CK_RV rv;
    IcsfCode icsf;
  };
  for (const auto& [rv, icsf] : {
           Row{CKR_OK, {0, 0}},
           {CKR_CRYPTOKI_NOT_INITIALIZED, {12, 0}},
           {CKR_DEVICE_ERROR, {12, 0}},
           {CKR_DEVICE_MEMORY, {12, 0}},
           {CKR_DEVICE_REMOVED, {12, 0}},
           {CKR_TOKEN_NOT_PRESENT, {12, 0}},
           {CKR_SLOT_ID_INVALID, {12, 0}},
           {CKR_HOST_MEMORY, {12, 0}},
           {CKR_GENERAL_ERROR, {12, 0}},
           {CKR_FUNCTION_FAILED, {12, 0}},
           {CKR_SESSION_HANDLE_INVALID, {12, 0}},
           {CKR_MECHANISM_INVALID, {12, 8}},
           {CKR_FUNCTION_NOT_SUPPORTED, {12, 8}},
           {CKR_USER_NOT_LOGGED_IN, {12, 0}},
           {CKR_PIN_INCORRECT, {8, 16000}},
           {CKR_PIN_LOCKED, {8, 16000}},
           {CKR_TOKEN_NOT_RECOGNIZED, {8, 16000}},
           {CKR_KEY_FUNCTION_NOT_PERMITTED, {8, 3038}},
           {CKR_KEY_SIZE_RANGE, {8, 3038}},
           {CKR_KEY_TYPE_INCONSISTENT, {8, 3039}},
           {CKR_KEY_HANDLE_INVALID, {8, 3043}},
           {CKR_BUFFER_TOO_SMALL, {8, 3003}},
           {CKR_ATTRIBUTE_TYPE_INVALID, {8, 3029}},
           {CKR_ATTRIBUTE_VALUE_INVALID, {8, 3030}},
           {CKR_TEMPLATE_INCOMPLETE, {8, 3033}},
           {CKR_SIGNATURE_INVALID, {4, 8000}},
           {CKR_SIGNATURE_LEN_RANGE, {4, 8000}},
       }) {
    EXPECT_EQ(IcsfOf(rv), icsf) << CkRvName(rv);
  }
}

TEST(CodesTest, TakesAVendorsCodeForADeviceThatIsNotAvailable) {
  EXPECT_EQ(IcsfOf(CKR_VENDOR_DEFINED), kNotAvailable);
  EXPECT_EQ(IcsfOf(0xCE534351), kNotAvailable);
}

// A person who reads that something is wrong wants to know what to do.
TEST(CodesTest, EachCodeThatIsARefusalHasACure) {
  for (const IcsfRow& row : IcsfRows()) {
    if (row.code.reason_code == 0 && row.code.return_code < 8) continue;
    EXPECT_NE(row.cure, "")
        << row.code.return_code << '/' << row.code.reason_code;
    EXPECT_NE(row.source, "");
  }
}

// `sigtoken explain` has no message beside it.
bool StandsAlone(std::string_view cure) {
  return cure.find("message") == std::string_view::npos;
}

TEST(CodesTest, EachCureStandsAlone) {
  for (const IcsfRow& row : IcsfRows()) {
    EXPECT_TRUE(StandsAlone(row.cure)) << row.cure;
  }
  for (const CkRvRow& row : CkRvRows()) {
    EXPECT_TRUE(StandsAlone(CureOf(row.rv))) << CureOf(row.rv);
  }
  EXPECT_TRUE(StandsAlone(CureOf(CKR_VENDOR_DEFINED)));
}

// Not that of a code that nobody knows.
TEST(CodesTest, EachCkRvHasACureOfItsOwn) {
  const std::string_view unknown = CureOf(CKR_VENDOR_DEFINED);
  EXPECT_EQ(unknown,
            "look the code up in the documents of the module's vendor, whose "
            "own it is");
  for (const CkRvRow& row : CkRvRows()) {
    EXPECT_NE(CureOf(row.rv), unknown) << row.name;
    EXPECT_NE(CureOf(row.rv), row.meaning) << row.name;
    EXPECT_GE(CureOf(row.rv).size(), 10U) << row.name;
  }
}

// A locked PIN is not mended by another one in the file, an expired one not by
// its security officer.
TEST(CodesTest, ThePinsThatATokenRefusesHaveEachTheirCure) {
  struct Row {
    CK_RV rv;
    std::string_view begins;
  };
  for (const auto& [rv, begins] :
       {Row{CKR_PIN_LOCKED,
            "have the token's security officer set a new user PIN (C_InitPIN: "
            "pkcs11-tool --login --login-type so --init-pin, "},
        {CKR_USER_PIN_NOT_INITIALIZED,
         "have the token's security officer set a new user PIN (C_InitPIN: "},
        {CKR_PIN_EXPIRED,
         "change the PIN as the user (C_SetPIN: pkcs11-tool --login "
         "--change-pin, "},
        {CKR_PIN_INCORRECT, "write the right PIN into the file of the PIN "},
        {CKR_PIN_LEN_RANGE, "write a PIN that the token takes into the file "},
        {CKR_PIN_INVALID, "write a PIN that the token takes into the file "}}) {
    EXPECT_EQ(CureOf(rv).substr(0, begins.size()), begins) << CkRvName(rv);
  }
}

}  // namespace
}  // namespace sigtoken
