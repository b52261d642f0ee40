#include "tests/signer/idta/corpus_token.h"

#include "pkcs11/cryptoki/mac_algorithm.h"
#include "signer/jws/compact.h"
#include "tests/import_key.h"
#include "tests/signer/vectors.h"

namespace sigtoken::testing {
namespace {

using nlohmann::json;

std::string Text(const json& parts) {
  if (parts.is_string()) return parts;
  std::string text;
  for (const json& part : parts) {
    if (part.is_string()) {
      text += part.get<std::string>();
    } else if (part.contains("hex")) {
      for (const std::uint8_t byte : FromHex(part["hex"].get<std::string>())) {
        text += static_cast<char>(byte);
      }
    } else {
      const std::string unit = part["repeat"];
      for (int i = part["times"]; i > 0; --i) text += unit;
    }
  }
  return text;
}

std::vector<std::uint8_t> Signature(const json& keys, const json& token,
                                    const std::string& signing_input) {
  const json& name = token["key"];
  if (name.is_null()) return {};
  auto mac = OpenSslMac(
      *FindMacAlgorithm(token.value("algorithm", std::string("HS256"))),
      CorpusKey(keys[name.get<std::string>()]), Bytes(signing_input));
  const std::string change = token.value("signature", std::string("right"));
  if (change == "flipped") mac.back() ^= 1;
  if (change == "cut") mac.pop_back();
  if (change == "extended") mac.push_back(0);
  if (change == "empty") mac.clear();
  return mac;
}

}  // namespace

std::vector<std::uint8_t> CorpusKey(const json& key) {
  return FromHex(key["value"].get<std::string>());
}

std::string CorpusToken(const json& keys, const json& token) {
  if (token.contains("text")) return Text(token["text"]);
  const auto part = [&](const char* name, const char* signed_name) {
    return Text(token.contains(signed_name) ? token[signed_name] : token[name]);
  };
  const std::string signed_input = MakeSigningInput(
      part("header", "signed_header"), part("payload", "signed_payload"));
  std::string made =
      MakeSigningInput(Text(token["header"]), Text(token["payload"]));
  AppendSignature(made, Signature(keys, token, signed_input));
  return made + token.value("after", std::string());
}

}  // namespace sigtoken::testing
