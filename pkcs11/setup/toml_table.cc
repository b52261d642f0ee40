#include "pkcs11/setup/toml_table.h"

#include <algorithm>
#include <utility>

#include "pkcs11/base/printable.h"
#include "pkcs11/base/private_file.h"

namespace sigtoken {
namespace {

// toml++ 3.3.0 makes a table for each period of a key, and destroys them by
// recursion: some 20,000 in each other end the process. It bounds the nesting
// of values at 256, each of which may have such a key. No line of a
// configuration needs so many.
constexpr int kMaxPeriodsInLine = 50;

std::string Position(std::string_view file, const toml::source_position& at) {
  // toml++ writes 0 for a place that it does not know.
  const std::string place = at.line == 0 ? ""
                                         : ":" + std::to_string(at.line) + ":" +
                                               std::to_string(at.column);
  return QuotedPath(file) + place;
}

Error RefuseAt(std::string_view file, const toml::source_position& at,
               const std::string& message, std::string cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 Position(file, at) + ": " + message, std::move(cure));
}

std::string Place(const std::string& path) {
  return path.empty() ? "the file" : "[" + path + "]";
}

std::string_view TypeName(const toml::node& node) {
  if (node.is_string()) return "a string";
  if (node.is_boolean()) return "true or false";
  if (node.is_number()) return "a number";
  if (node.is_table()) return "a table";
  if (node.is_array()) return "an array";
  return "a date or time";
}

Status CheckPeriods(std::string_view text, std::string_view file) {
  for (toml::source_index line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view content = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    // A comment, or a line of a string: there are no keys in it.
    const std::size_t start = content.find_first_not_of(" \t");
    if (start != std::string_view::npos && content[start] == '#') continue;
    if (std::count(content.begin(), content.end(), '.') > kMaxPeriodsInLine) {
      return RefuseAt(file, {line, 1},
                      "the line has more than " +
                          std::to_string(kMaxPeriodsInLine) + " periods",
                      "shorten it");
    }
  }
  return Ok();
}

}  // namespace

Result<TomlTable> TomlTable::Parse(std::string_view text,
                                   std::string_view file) {
  SIGTOKEN_TRY(CheckPeriods(text, file));
  // The one place where toml++ throws: Debian's library is built so.
  try {
    const auto root = std::make_shared<const toml::table>(toml::parse(text));
    return TomlTable(root, *root, "", file);
  } catch (const toml::parse_error& error) {
    return RefuseAt(file, error.source().begin,
                    "this is not TOML: " + Printable(error.description()),
                    "correct the line; strings stand between quotation marks");
  }
}

Status TomlTable::AllowOnly(
    std::initializer_list<std::string_view> keys) const {
  for (const auto& [key, value] : *table_) {
    if (std::find(keys.begin(), keys.end(), key.str()) != keys.end()) continue;
    std::string known;
    for (const std::string_view one : keys) {
      known.append(known.empty() ? "" : ", ").append(one);
    }
    return RefuseAt(file_, key.source().begin,
                    "unknown key " + Quoted(key.str()) + " in " + Place(path_),
                    "known there: " + known);
  }
  return Ok();
}

Result<std::optional<std::string>> TomlTable::Text(std::string_view key) const {
  const toml::node* const node = table_->get(key);
  if (node == nullptr) return std::optional<std::string>();
  const auto* const value = node->as_string();
  if (value == nullptr) return WrongType(key, "a string");
  // Paths and module strings end at NUL, and no value needs the others.
  const std::string& text = value->get();
  if (std::any_of(text.begin(), text.end(), [](char c) {
        return (c >= '\0' && c < ' ') || c == '\x7F';
      })) {
    return Refuse(key, Quoted(key) + " has a control character",
                  "leave it out");
  }
  return std::optional<std::string>(text);
}

Result<std::string> TomlTable::NeededText(std::string_view key) const {
  SIGTOKEN_ASSIGN(std::optional<std::string> text, Text(key));
  if (text) return *std::move(text);
  return Refuse(key, Place(path_) + " has no " + Quoted(key),
                "add " + Quoted(key));
}

Result<std::optional<std::int64_t>> TomlTable::Integer(
    std::string_view key) const {
  const toml::node* const node = table_->get(key);
  if (node == nullptr) return std::optional<std::int64_t>();
  const auto* const value = node->as_integer();
  if (value == nullptr) return WrongType(key, "a whole number");
  return std::optional<std::int64_t>(value->get());
}

Result<std::optional<bool>> TomlTable::Boolean(std::string_view key) const {
  const toml::node* const node = table_->get(key);
  if (node == nullptr) return std::optional<bool>();
  const auto* const value = node->as_boolean();
  if (value == nullptr) return WrongType(key, "true or false");
  return std::optional<bool>(value->get());
}

Result<std::optional<TomlTable>> TomlTable::Table(std::string_view key) const {
  const toml::node* const node = table_->get(key);
  if (node == nullptr) return std::optional<TomlTable>();
  const toml::table* const table = node->as_table();
  const std::string path = PathOf(key);
  if (table == nullptr) return WrongType(key, "a table: [" + path + "]");
  return std::optional<TomlTable>(TomlTable(root_, *table, path, file_));
}

Result<std::vector<TomlTable>> TomlTable::Tables(std::string_view key) const {
  std::vector<TomlTable> tables;
  const toml::node* const node = table_->get(key);
  if (node == nullptr) return tables;
  const std::string path = PathOf(key);
  const toml::array* const array = node->as_array();
  if (array == nullptr ||
      !std::all_of(array->begin(), array->end(), [](const toml::node& element) {
        return element.is_table();
      })) {
    return WrongType(key, "an array of tables: [[" + path + "]]");
  }
  for (const toml::node& element : *array) {
    tables.push_back(TomlTable(root_, *element.as_table(), path, file_));
  }
  return tables;
}

std::string TomlTable::PathOf(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

Error TomlTable::At(std::string_view key, const Error& error) const {
  return Refuse(key, error.message, error.cure);
}

std::string TomlTable::PlaceOf(std::string_view key) const {
  const toml::node* const node = table_->get(key);
  const toml::source_region& place =
      node != nullptr ? node->source() : table_->source();
  return Position(file_, place.begin);
}

Error TomlTable::Refuse(std::string_view key, const std::string& message,
                        std::string cure) const {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 PlaceOf(key) + ": " + message, std::move(cure));
}

Error TomlTable::WrongType(std::string_view key,
                           std::string_view wanted) const {
  return Refuse(key,
                Quoted(key) + " is " + std::string(TypeName(*table_->get(key))),
                "write " + std::string(wanted));
}

}  // namespace sigtoken
