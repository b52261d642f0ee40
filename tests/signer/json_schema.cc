#include "tests/signer/json_schema.h"

#include <algorithm>
#include <array>
#include <regex>
#include <string_view>

namespace sigtoken::testing {
namespace {

using nlohmann::json;

bool HasType(const json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "boolean") return value.is_boolean();
  return type == "null" && value.is_null();
}

bool HasOneType(const json& value, const json& types) {
  if (types.is_string()) return HasType(value, types);
  return std::any_of(types.begin(), types.end(),
                     [&](const json& type) { return HasType(value, type); });
}

std::string CheckMembers(const json& root, const json& schema,
                         const json& value, const std::string& place) {
  const json none = json::object();
  const json& known =
      schema.contains("properties") ? schema["properties"] : none;
  for (const auto& [name, member] : value.items()) {
    const std::string at = place + "." + name;
    std::string finding;
    if (known.contains(name)) {
      finding = SchemaFinding(root, known[name], member, at);
    } else if (schema.contains("additionalProperties")) {
      const json& others = schema["additionalProperties"];
      finding = others == false ? at + " is not known"
                                : SchemaFinding(root, others, member, at);
    }
    if (!finding.empty()) return finding;
  }
  for (const json& name : schema.value("required", json::array())) {
    if (!value.contains(name.get<std::string>())) {
      return place + " lacks " + name.get<std::string>();
    }
  }
  return "";
}

}  // namespace

std::string SchemaFinding(const json& root, const json& schema,
                          const json& value, const std::string& place) {
  constexpr std::array<std::string_view, 15> kKeywords = {
      "$schema", "$ref",       "$defs",      "title",
      "type",    "const",      "enum",       "anyOf",
      "items",   "properties", "required",   "additionalProperties",
      "pattern", "minimum",    "description"};
  for (const auto& [keyword, unused] : schema.items()) {
    if (std::find(kKeywords.begin(), kKeywords.end(), keyword) ==
        kKeywords.end()) {
      return "the schema has the keyword " + keyword;
    }
  }
  if (schema.contains("$ref")) {
    const std::string target = schema["$ref"];
    const std::string finding = SchemaFinding(
        root, root.at(json::json_pointer(target.substr(1))), value, place);
    if (!finding.empty()) return finding;
  }
  if (schema.contains("type") && !HasOneType(value, schema["type"])) {
    return place + " is no " + schema["type"].dump();
  }
  if (schema.contains("const") && value != schema["const"]) {
    return place + " is not " + schema["const"].dump();
  }
  if (schema.contains("enum") &&
      std::find(schema["enum"].begin(), schema["enum"].end(), value) ==
          schema["enum"].end()) {
    return place + " is none of " + schema["enum"].dump();
  }
  if (schema.contains("anyOf") &&
      std::none_of(schema["anyOf"].begin(), schema["anyOf"].end(),
                   [&](const json& one) {
                     return SchemaFinding(root, one, value, place).empty();
                   })) {
    return place + " is none of what it may be";
  }
  if (schema.contains("pattern") && value.is_string() &&
      !std::regex_search(value.get<std::string>(),
                         std::regex(schema["pattern"].get<std::string>()))) {
    return place + " does not look like " + schema["pattern"].dump();
  }
  if (schema.contains("minimum") && value.is_number() &&
      value < schema["minimum"]) {
    return place + " is too small";
  }
  if (value.is_object()) return CheckMembers(root, schema, value, place);
  if (value.is_array() && schema.contains("items")) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      const std::string finding =
          SchemaFinding(root, schema["items"], value[i],
                        place + "[" + std::to_string(i) + "]");
      if (!finding.empty()) return finding;
    }
  }
  return "";
}

}  // namespace sigtoken::testing
