// Keys that are handed over: what the tests of import and export share.

#ifndef TESTS_TOOLS_CLI_IMPORTED_KEY_H_
#define TESTS_TOOLS_CLI_IMPORTED_KEY_H_

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "signer/jws/base64url.h"
#include "tests/import_key.h"
#include "tests/tools/command_line.h"

namespace sigtoken::testing {

namespace fs = std::filesystem;

inline const Words kImport = {"key", "import", "--token", "IDTTKN.JWT.SECRET"};
// 32 bytes that no form but raw shows as they are.
inline const std::string kValue("\xFB\xFF\xBF\0secret of thirty-two bytes\n\r",
                                32);

struct Form {
  std::string name;
  std::string text;  // Of kValue, as `key export` writes it.
};

inline const std::vector<Form>& Forms() {
  static const std::vector<Form> forms = {
      {"raw", kValue},
      {"hex",
       "fbffbf00736563726574206f66207468697274792d74776f206279746573"
       "0a0d\n"},
      {"base64", "+/+/AHNlY3JldCBvZiB0aGlydHktdHdvIGJ5dGVzCg0=\n"},
      {"jwk",
       "{\"kty\":\"oct\",\"k\":\"-_-_"
       "AHNlY3JldCBvZiB0aGlydHktdHdvIGJ5dGVzCg0\"}\n"}};
  return forms;
}

class ImportedKeyTest : public CommandLineTest {
 protected:
  ImportedKeyTest() { WithToken(); }

  static std::string MacOf(const std::string& key, const std::string& data) {
    return EncodeBase64Url(OpenSslMac(Hs256(), Bytes(key), Bytes(data)));
  }

  // What the key says: that it is the one with that value.
  void ExpectValue(const nlohmann::json& key, const std::string& value) const {
    EXPECT_EQ(key["bytes"], value.size());
    EXPECT_EQ(
        Json({"sign", "--key", key["handle"], "--alg", "HS256"}, "data")["mac"],
        MacOf(value, "data"));
  }

  static std::string ReadFile(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  // Nothing was made, and no number is spent.
  void ExpectNoKey() const {
    EXPECT_EQ(Json({"key", "list"}),
              (nlohmann::json{{"keys", nlohmann::json::array()}}));
    EXPECT_EQ(Json({"token", "list"})["tokens"].at(0)["last_sequence"],
              "00000000");
  }
};

}  // namespace sigtoken::testing

#endif  // TESTS_TOOLS_CLI_IMPORTED_KEY_H_
