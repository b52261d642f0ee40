// The tokens of tests/vectors/idt, made as the cases say.

#ifndef TESTS_SIGNER_IDTA_CORPUS_TOKEN_H_
#define TESTS_SIGNER_IDTA_CORPUS_TOKEN_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace sigtoken::testing {

// `keys` and `token` are those of tests/vectors/idt/schema.json.
std::string CorpusToken(const nlohmann::json& keys,
                        const nlohmann::json& token);

// The value of one of `keys`.
std::vector<std::uint8_t> CorpusKey(const nlohmann::json& key);

}  // namespace sigtoken::testing

#endif  // TESTS_SIGNER_IDTA_CORPUS_TOKEN_H_
