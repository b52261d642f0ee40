// Reads the files of tests/vectors.

#ifndef TESTS_SIGNER_VECTORS_H_
#define TESTS_SIGNER_VECTORS_H_

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sigtoken::testing {

inline nlohmann::json ReadVectors(std::string_view file) {
  const auto path = std::filesystem::path(SIGTOKEN_VECTORS) / file;
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error("cannot read " + path.string());
  return nlohmann::json::parse(stream);
}

inline std::vector<std::uint8_t> FromHex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 2 <= text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(
        std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

}  // namespace sigtoken::testing

#endif  // TESTS_SIGNER_VECTORS_H_
