#include "signer/jws/strict_json.h"

#include <simdjson.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace sigtoken {
namespace {

namespace dom = simdjson::dom;

// Walks a parsed document for what simdjson 3.0.1 lets through: equal names,
// NUL, integers from 2^63 on, and one level more than it was told where the
// innermost array or object is empty.
class Inspector {
 public:
  explicit Inspector(const JsonBounds& bounds) : bounds_(bounds) {}

  // What is wrong with `element`, or null. It stands inside `depth` objects and
  // arrays.
  const char* Inspect(dom::element element, std::size_t depth) {
    switch (element.type()) {
      case dom::element_type::OBJECT:
        return InspectObject(element, depth + 1);
      case dom::element_type::ARRAY:
        return InspectArray(element, depth + 1);
      case dom::element_type::STRING:
        return InspectText(
            std::string_view(element.get_string().value_unsafe()));
      case dom::element_type::UINT64:
        return "an integer is too large";
      case dom::element_type::INT64:
      case dom::element_type::DOUBLE:
      case dom::element_type::BOOL:
      case dom::element_type::NULL_VALUE:
        return nullptr;
    }
    return "it has a value of an unknown type";
  }

 private:
  static constexpr const char* kTooDeep = "it is nested too deeply";

  const char* InspectObject(dom::element element, std::size_t depth) {
    if (depth > bounds_.depth) return kTooDeep;
    const dom::object object = element.get_object().value_unsafe();
    std::vector<std::string_view> names;
    for (const dom::key_value_pair member : object) {
      if (++members_ > bounds_.members) return "it has too many members";
      if (const char* wrong = InspectText(member.key)) return wrong;
      if (std::find(names.begin(), names.end(), member.key) != names.end()) {
        return "a member occurs twice";
      }
      names.push_back(member.key);
      if (const char* wrong = Inspect(member.value, depth)) return wrong;
    }
    return nullptr;
  }

  const char* InspectArray(dom::element element, std::size_t depth) {
    if (depth > bounds_.depth) return kTooDeep;
    const dom::array array = element.get_array().value_unsafe();
    for (const dom::element item : array) {
      if (const char* wrong = Inspect(item, depth)) return wrong;
    }
    return nullptr;
  }

  static const char* InspectText(std::string_view text) {
    return text.find('\0') == std::string_view::npos ? nullptr
                                                     : "a text contains NUL";
  }

  const JsonBounds& bounds_;
  std::size_t members_ = 0;
};

// simdjson has one code for what is no number and for what is a number that no
// double holds.
bool HasNumberTooLarge(std::string_view text) {
  try {
    // It makes a double of any integer, so that one is too large where the text
    // is good; it throws for what is not.
    return !nlohmann::json::parse(text).is_discarded();
  } catch (const nlohmann::json::out_of_range&) {
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

Error NotStrict(std::string_view what, std::string_view why) {
  return Refusal(
      kParameterInvalid, CKR_ARGUMENTS_BAD,
      std::string(what) + " is not a strict JSON object: " + std::string(why),
      "send the token as it was issued");
}

}  // namespace

struct JsonObject::Document {
  dom::parser parser;  // Owns what `root` points into.
  dom::object root;
};

JsonObject::JsonObject(std::unique_ptr<Document> document)
    : document_(std::move(document)) {}
JsonObject::JsonObject(JsonObject&&) noexcept = default;
JsonObject& JsonObject::operator=(JsonObject&&) noexcept = default;
JsonObject::~JsonObject() = default;

Result<JsonObject> JsonObject::Parse(std::string_view text,
                                     std::string_view what,
                                     const JsonBounds& bounds) {
  if (text.size() > bounds.bytes) return NotStrict(what, "it is too long");
  auto document = std::make_unique<Document>();
  // simdjson counts a value inside the innermost array as a level of its own.
  if (document->parser.allocate(std::max<std::size_t>(text.size(), 64),
                                bounds.depth + 1) != simdjson::SUCCESS) {
    return Fault("no memory for a JSON document");
  }
  dom::element root;
  const simdjson::error_code parsed =
      document->parser.parse(text.data(), text.size()).get(root);
  if (parsed == simdjson::DEPTH_ERROR) {
    return NotStrict(what, "it is nested too deeply");
  }
  if (parsed == simdjson::NUMBER_ERROR && HasNumberTooLarge(text)) {
    return NotStrict(what, "a number is too large");
  }
  if (parsed != simdjson::SUCCESS) {
    return NotStrict(what, "it is not well formed");
  }
  if (root.get(document->root) != simdjson::SUCCESS) {
    return NotStrict(what, "it is another JSON value");
  }
  if (const char* wrong = Inspector(bounds).Inspect(root, 0)) {
    return NotStrict(what, wrong);
  }
  return JsonObject(std::move(document));
}

std::vector<std::string_view> JsonObject::Names() const {
  std::vector<std::string_view> names;
  for (const dom::key_value_pair member : document_->root) {
    names.push_back(member.key);
  }
  return names;
}

bool JsonObject::Has(std::string_view name) const {
  return document_->root.at_key(name).error() == simdjson::SUCCESS;
}

std::optional<std::string_view> JsonObject::String(
    std::string_view name) const {
  std::string_view text;
  if (document_->root.at_key(name).get(text) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return text;
}

std::optional<JsonNumber> JsonObject::Number(std::string_view name) const {
  dom::element element;
  if (document_->root.at_key(name).get(element) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  if (element.is<std::int64_t>()) {
    return element.get_int64().value_unsafe();
  }
  // The type is asked for first: get_double() converts integers.
  if (element.type() == dom::element_type::DOUBLE) {
    return element.get_double().value_unsafe();
  }
  return std::nullopt;
}

std::optional<std::vector<std::string_view>> JsonObject::Strings(
    std::string_view name) const {
  dom::array array;
  if (document_->root.at_key(name).get(array) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  std::vector<std::string_view> texts;
  for (const dom::element item : array) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) return std::nullopt;
    texts.push_back(text);
  }
  return texts;
}

}  // namespace sigtoken
