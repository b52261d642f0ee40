// As much of JSON Schema as tests/vectors needs.

#ifndef TESTS_SIGNER_JSON_SCHEMA_H_
#define TESTS_SIGNER_JSON_SCHEMA_H_

#include <nlohmann/json.hpp>
#include <string>

namespace sigtoken::testing {

// Why `value` is not what `schema` says, with its place; "" if it is. Knows
// $ref, type, const, enum, anyOf, properties, required, additionalProperties,
// items, pattern and minimum; an unknown keyword is a finding too.
std::string SchemaFinding(const nlohmann::json& root,
                          const nlohmann::json& schema,
                          const nlohmann::json& value,
                          const std::string& place = "$");

}  // namespace sigtoken::testing

#endif  // TESTS_SIGNER_JSON_SCHEMA_H_
