// TomlTable: a table of a TOML file, read key by key and strictly.

#ifndef PKCS11_SETUP_TOML_TABLE_H_
#define PKCS11_SETUP_TOML_TABLE_H_

#include <toml++/toml.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"

namespace sigtoken {

// A table and where it stands, so that every refusal can say FILE:LINE:COLUMN.
// All errors are kParameterInvalid. A key that is not there is no error for
// those functions that answer an optional.
class TomlTable {
 public:
  // `file` is the name that messages show.
  static Result<TomlTable> Parse(std::string_view text, std::string_view file);

  // Refuses any key but these; the cure lists them.
  Status AllowOnly(std::initializer_list<std::string_view> keys) const;

  Result<std::optional<std::string>> Text(std::string_view key) const;
  Result<std::string> NeededText(std::string_view key) const;
  Result<std::optional<std::int64_t>> Integer(std::string_view key) const;
  Result<std::optional<bool>> Boolean(std::string_view key) const;
  Result<std::optional<TomlTable>> Table(std::string_view key) const;
  // Of [[key]]; empty where there is none.
  Result<std::vector<TomlTable>> Tables(std::string_view key) const;

  // FILE:LINE:COLUMN of the value of `key`; where there is no such key, of the
  // table.
  std::string PlaceOf(std::string_view key) const;

  // `error`, with the place of the value of `key` in front; where there is no
  // such key, the place of the table.
  Error At(std::string_view key, const Error& error) const;
  Error Refuse(std::string_view key, const std::string& message,
               std::string cure) const;

 private:
  TomlTable(std::shared_ptr<const toml::table> root, const toml::table& table,
            std::string path, std::string_view file)
      : root_(std::move(root)),
        table_(&table),
        path_(std::move(path)),
        file_(file) {}

  // "token.key" for the key "key" of [[token]].
  std::string PathOf(std::string_view key) const;
  Error WrongType(std::string_view key, std::string_view wanted) const;

  std::shared_ptr<const toml::table> root_;  // Owns what table_ points to.
  const toml::table* table_;
  std::string path_;  // "token.key"; "" for the outermost.
  std::string file_;
};

}  // namespace sigtoken

#endif  // PKCS11_SETUP_TOML_TABLE_H_
