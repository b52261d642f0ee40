#include "pkcs11/setup/configuration.h"

#include <algorithm>
#include <utility>

#include "pkcs11/base/printable.h"
#include "pkcs11/base/private_file.h"
#include "pkcs11/setup/toml_table.h"

namespace sigtoken {
namespace {

using Path = std::filesystem::path;

constexpr char kUriKey[] = "uri";
constexpr char kPathKey[] = "path";

// RACF's APPL: 1 to 8 characters (z/OS Security Server RACROUTE Macro
// Reference, REQUEST=VERIFY, APPL=).
bool IsApplicationName(std::string_view text) {
  constexpr std::string_view kCharacters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@#$";
  constexpr std::size_t kMaxLength = 8;
  return !text.empty() && text.size() <= kMaxLength &&
         text.find_first_not_of(kCharacters) == std::string_view::npos;
}

Error NotATokenUri(std::string message, std::string cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, std::move(message),
                 std::move(cure));
}

Status CheckTokenUri(const Uri& uri) {
  const auto path = uri.module_path();
  if (!path || !Path(*path).is_absolute()) {
    return NotATokenUri(path ? "the module-path of 'uri' is not absolute"
                             : "'uri' has no module-path",
                        "add ?module-path=/PATH/OF/MODULE.so to it");
  }
  if (uri.module_name()) {
    return NotATokenUri("'uri' has a module-name, which is not used",
                        "leave it out: module-path says which module");
  }
  if (!uri.token_label() && !uri.serial() && !uri.manufacturer() &&
      !uri.model() && !uri.slot_id()) {
    return NotATokenUri("'uri' does not say which token it names",
                        "add token=LABEL or serial=NUMBER to it");
  }
  if (!uri.search_attributes().empty()) {
    return NotATokenUri("'uri' names an object, not a token",
                        "write object, id and type into a [[token.key]]");
  }
  return Ok();
}

Status CheckKeyUri(const TomlTable& table, const Uri& uri) {
  if (!uri.object_label() && !uri.id()) {
    return table.Refuse(kUriKey, "'uri' does not say which key it names",
                        "add object=LABEL or id=%01%02 to it");
  }
  if (uri.type().value_or(CKO_SECRET_KEY) != CKO_SECRET_KEY) {
    return table.Refuse(kUriKey, "'uri' names an object that is no secret key",
                        "write type=secret-key");
  }
  if (uri.module_path() || uri.module_name() || uri.pin_source()) {
    return table.Refuse(kUriKey, "the 'uri' of a key has a query part",
                        "write it into the 'uri' of the [[token]]");
  }
  return Ok();
}

Result<Uri> ReadUri(const TomlTable& table) {
  SIGTOKEN_ASSIGN(const std::string text, table.NeededText(kUriKey));
  auto uri = Uri::Parse(text);
  if (!uri) return table.At(kUriKey, uri.error());
  return uri;
}

Result<std::optional<PinSource>> ReadPinSource(
    const TomlTable& table, std::string_view key,
    const std::optional<std::string>& text) {
  if (!text) return std::optional<PinSource>();
  auto source = PinSource::Parse(*text);
  if (!source) return table.At(key, source.error());
  return std::optional<PinSource>(*std::move(source));
}

Result<BoundKey> ReadKey(const TomlTable& table, const TokenName& name) {
  constexpr char kHandleKey[] = "handle";
  SIGTOKEN_TRY(table.AllowOnly({kHandleKey, kUriKey}));
  SIGTOKEN_ASSIGN(const std::string text, table.NeededText(kHandleKey));
  const auto handle = Handle::ParseShort(name.text() + ":" + text);
  if (!handle || !IsTokenCategory(handle->object()->category)) {
    return table.Refuse(
        kHandleKey,
        Quoted(text) + " is not the sequence number and category of a key",
        "write 8 hexadecimal digits in upper case and T or Y: '00000001T'");
  }
  SIGTOKEN_ASSIGN(Uri uri, ReadUri(table));
  SIGTOKEN_TRY(CheckKeyUri(table, uri));
  return BoundKey{*handle->object(), std::move(uri)};
}

Result<std::vector<BoundKey>> ReadKeys(const TomlTable& table,
                                       const TokenName& name) {
  std::vector<BoundKey> keys;
  SIGTOKEN_ASSIGN(const std::vector<TomlTable> tables, table.Tables("key"));
  for (const TomlTable& one : tables) {
    SIGTOKEN_ASSIGN(BoundKey key, ReadKey(one, name));
    if (std::any_of(keys.begin(), keys.end(), [&](const BoundKey& other) {
          return other.object == key.object;
        })) {
      return one.Refuse("handle", "this token has a key of that handle already",
                        "give each key a handle of its own");
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

Result<bool> ReadIsolated(const TomlTable& table,
                          const std::optional<std::string>& init) {
  constexpr char kKey[] = "isolated";
  SIGTOKEN_ASSIGN(const auto isolated, table.Boolean(kKey));
  if (!isolated.value_or(false)) return false;
  if (init.value_or("").empty()) return true;
  return table.Refuse(kKey,
                      "a module that has an 'init' cannot be 'isolated': "
                      "p11-kit does not hand it over to the helper process",
                      "leave one of the two out");
}

Result<BoundToken> ReadToken(const TomlTable& table) {
  constexpr char kNameKey[] = "name";
  constexpr char kSoPinKey[] = "so-pin-source";
  SIGTOKEN_TRY(table.AllowOnly(
      {kNameKey, kUriKey, "init", "isolated", kSoPinKey, "key"}));
  SIGTOKEN_ASSIGN(const std::string name_text, table.NeededText(kNameKey));
  const auto name = TokenName::Parse(name_text);
  if (!name) return table.At(kNameKey, name.error());

  SIGTOKEN_ASSIGN(Uri uri, ReadUri(table));
  if (const auto good = CheckTokenUri(uri); !good) {
    return table.At(kUriKey, good.error());
  }
  SIGTOKEN_ASSIGN(auto pin_source,
                  ReadPinSource(table, kUriKey, uri.pin_source()));
  SIGTOKEN_ASSIGN(const auto init, table.Text("init"));
  SIGTOKEN_ASSIGN(const bool isolated, ReadIsolated(table, init));
  SIGTOKEN_ASSIGN(const auto so_pin_text, table.Text(kSoPinKey));
  SIGTOKEN_ASSIGN(auto so_pin_source,
                  ReadPinSource(table, kSoPinKey, so_pin_text));
  SIGTOKEN_ASSIGN(auto keys, ReadKeys(table, *name));
  return BoundToken{*name,
                    std::move(uri),
                    init.value_or(""),
                    std::move(pin_source),
                    std::move(so_pin_source),
                    std::move(keys),
                    isolated,
                    table.PlaceOf(kUriKey)};
}

Result<std::vector<BoundToken>> ReadTokens(const TomlTable& root) {
  std::vector<BoundToken> tokens;
  SIGTOKEN_ASSIGN(const std::vector<TomlTable> tables, root.Tables("token"));
  for (const TomlTable& table : tables) {
    SIGTOKEN_ASSIGN(BoundToken token, ReadToken(table));
    if (std::any_of(tokens.begin(), tokens.end(), [&](const BoundToken& other) {
          return other.name == token.name;
        })) {
      return table.Refuse(
          "name",
          "there is a [[token]] of the name " + token.name.text() + " already",
          "give each token a name of its own");
    }
    if (std::any_of(tokens.begin(), tokens.end(), [&](const BoundToken& other) {
          return other.uri.module_path() == token.uri.module_path() &&
                 other.isolated != token.isolated;
        })) {
      return table.Refuse(
          kUriKey,
          "the module is 'isolated' in one [[token]] and not in another",
          "write it the same in all that name the module");
    }
    tokens.push_back(std::move(token));
  }
  return tokens;
}

// The absolute path of a file, under the key `path` of `table`.
Result<Path> ReadFilePath(const TomlTable& table, const Path& fallback) {
  SIGTOKEN_ASSIGN(const auto path, table.Text(kPathKey));
  if (!path) return fallback;
  if (Path(*path).is_absolute() && Path(*path).has_filename()) {
    return Path(*path);
  }
  return table.Refuse(kPathKey,
                      Quoted(*path) + " is not the absolute path of a file",
                      "write a path that begins with / and ends with a name");
}

Result<Path> ReadStorePath(const TomlTable& root, const Path& fallback) {
  SIGTOKEN_ASSIGN(const auto store, root.Table("store"));
  if (!store) return fallback;
  SIGTOKEN_TRY(store->AllowOnly({kPathKey}));
  return ReadFilePath(*store, fallback);
}

// What a number may be.
struct IntegerRange {
  std::int64_t least;
  std::int64_t most;
};

Result<std::int64_t> ReadInteger(const TomlTable& table, const char* key,
                                 IntegerRange range, std::int64_t fallback) {
  SIGTOKEN_ASSIGN(const auto number, table.Integer(key));
  if (!number) return fallback;
  if (*number >= range.least && *number <= range.most) return *number;
  return table.Refuse(key, std::to_string(*number) + " is out of range",
                      "write a number from " + std::to_string(range.least) +
                          " to " + std::to_string(range.most));
}

Result<AuditSettings> ReadAudit(const TomlTable& root, AuditSettings settings) {
  constexpr char kMaxBytesKey[] = "max_bytes";
  constexpr char kKeepKey[] = "keep";
  constexpr char kOnFailureKey[] = "on_failure";
  // A record has less than a tenth of that; a file that holds none is of no
  // use.
  constexpr IntegerRange kMaxBytes{65'536, std::int64_t{1} << 40};
  constexpr IntegerRange kKeep{1, 1000};
  SIGTOKEN_ASSIGN(const auto audit, root.Table("audit"));
  if (!audit) return settings;
  SIGTOKEN_TRY(
      audit->AllowOnly({kPathKey, kMaxBytesKey, kKeepKey, kOnFailureKey}));
  SIGTOKEN_ASSIGN(settings.file, ReadFilePath(*audit, settings.file));
  SIGTOKEN_ASSIGN(
      settings.max_bytes,
      ReadInteger(*audit, kMaxBytesKey, kMaxBytes, settings.max_bytes));
  SIGTOKEN_ASSIGN(const std::int64_t keep,
                  ReadInteger(*audit, kKeepKey, kKeep, settings.keep));
  settings.keep = static_cast<int>(keep);
  SIGTOKEN_ASSIGN(const auto on_failure, audit->Text(kOnFailureKey));
  if (on_failure == "continue") settings.on_failure = AuditFailure::kContinue;
  if (!on_failure || on_failure == "continue" || on_failure == "refuse") {
    return settings;
  }
  return audit->Refuse(kOnFailureKey,
                       Quoted(*on_failure) + " is not what can be done",
                       "write 'refuse' or 'continue'");
}

Result<bool> ReadStrictUsers(const TomlTable& root) {
  constexpr char kKey[] = "strict";
  SIGTOKEN_ASSIGN(const auto users, root.Table("users"));
  if (!users) return false;
  SIGTOKEN_TRY(users->AllowOnly({kKey}));
  SIGTOKEN_ASSIGN(const auto strict, users->Boolean(kKey));
  return strict.value_or(false);
}

Result<std::string> ReadDefaultAppl(const TomlTable& root,
                                    const std::string& fallback) {
  constexpr char kKey[] = "default_appl";
  SIGTOKEN_ASSIGN(const auto appl, root.Text(kKey));
  if (!appl || IsApplicationName(*appl)) return appl.value_or(fallback);
  return root.Refuse(kKey, Quoted(*appl) + " is not an application name",
                     "write 1 to 8 of A-Z 0-9 @ # $");
}

Result<std::chrono::seconds> ReadDeadline(const TomlTable& root,
                                          std::chrono::seconds fallback) {
  SIGTOKEN_ASSIGN(
      const std::int64_t seconds,
      ReadInteger(root, "deadline_seconds", {1, 3600}, fallback.count()));
  return std::chrono::seconds(seconds);
}

Configuration WithoutFile(const Path& home) {
  Configuration configuration;
  configuration.home = home;
  configuration.store_path = home / "sigtoken.db";
  configuration.audit.file = home / "audit.jsonl";
  return configuration;
}

}  // namespace

Result<BoundToken> BindToken(const TokenName& name, std::string_view text,
                             std::string init) {
  SIGTOKEN_ASSIGN(Uri uri, Uri::Parse(text));
  SIGTOKEN_TRY(CheckTokenUri(uri));
  std::optional<PinSource> pin_source;
  if (const auto source = uri.pin_source()) {
    SIGTOKEN_ASSIGN(pin_source, PinSource::Parse(*source));
  }
  return BoundToken{name,
                    std::move(uri),
                    std::move(init),
                    std::move(pin_source),
                    std::nullopt,
                    {}};
}

Result<Configuration> ParseConfiguration(std::string_view text,
                                         const std::filesystem::path& file,
                                         const std::filesystem::path& home) {
  SIGTOKEN_ASSIGN(const TomlTable root, TomlTable::Parse(text, file.native()));
  SIGTOKEN_TRY(root.AllowOnly({"audit", "deadline_seconds", "default_appl",
                               "embedded", "store", "token", "users"}));
  Configuration configuration = WithoutFile(home);
  configuration.file = file;
  SIGTOKEN_ASSIGN(configuration.default_appl,
                  ReadDefaultAppl(root, configuration.default_appl));
  SIGTOKEN_ASSIGN(configuration.deadline,
                  ReadDeadline(root, configuration.deadline));
  SIGTOKEN_ASSIGN(configuration.store_path,
                  ReadStorePath(root, configuration.store_path));
  SIGTOKEN_ASSIGN(configuration.audit, ReadAudit(root, configuration.audit));
  SIGTOKEN_ASSIGN(configuration.strict_users, ReadStrictUsers(root));
  SIGTOKEN_ASSIGN(configuration.tokens, ReadTokens(root));
  SIGTOKEN_ASSIGN(const auto embedded, root.Boolean("embedded"));
  configuration.embedded = embedded.value_or(configuration.tokens.empty());
  return configuration;
}

Result<Configuration> LoadConfiguration(const Environment& environment,
                                        const SetupOptions& options) {
  SIGTOKEN_ASSIGN(const Path home, HomeDirectory(environment, options));
  SIGTOKEN_ASSIGN(const auto file,
                  ConfigurationFile(environment, options, home));
  if (!file) return WithoutFile(home);
  const auto text = ReadTrustedFile(*file, kMaxConfigurationBytes);
  if (text) return ParseConfiguration(*text, *file, home);
  // The request is at fault, not the device: it was told to use this file.
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                 "configuration: " + text.error().message, text.error().cure);
}

}  // namespace sigtoken
