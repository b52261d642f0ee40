// Where sigtoken keeps its files, and which configuration file counts.

#ifndef PKCS11_SETUP_HOME_H_
#define PKCS11_SETUP_HOME_H_

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "pkcs11/base/result.h"

namespace sigtoken {

// The environment variables that decide both; an empty one counts as not set.
struct Environment {
  std::optional<std::string> sigtoken_home;    // SIGTOKEN_HOME
  std::optional<std::string> sigtoken_config;  // SIGTOKEN_CONFIG
  std::optional<std::string> xdg_data_home;    // XDG_DATA_HOME
  std::optional<std::string> xdg_config_home;  // XDG_CONFIG_HOME
  std::optional<std::string> home;             // HOME

  static Environment FromProcess();
};

// What a command line or a caller says in the place of the environment.
struct SetupOptions {
  std::optional<std::string> home;    // --home
  std::optional<std::string> config;  // --config
};

// The longest home directory. SoftHSM2 reads lines of at most 1,023 characters,
// with a name before the path and more of a path behind it.
inline constexpr std::size_t kMaxHomeBytes = 900;

// --home, else SIGTOKEN_HOME, else ${XDG_DATA_HOME:-~/.local/share}/sigtoken
// (XDG Base Directory Specification: a relative one counts as not set), made
// absolute. The directory need not be there.
//
// Refuses what SoftHSM2 2.6.1 would read otherwise in the configuration file
// that names the directory (SimpleConfigLoader.cpp: `#` and `=` end a value,
// blanks around it go): it would then use /var/lib/softhsm/tokens without a
// word.
//
// Errors: kParameterInvalid.
Result<std::filesystem::path> HomeDirectory(const Environment& environment,
                                            const SetupOptions& options);

// The first of: --config, SIGTOKEN_CONFIG; then, where --home or SIGTOKEN_HOME
// is given, `home`/sigtoken.toml and nothing more, else
// ${XDG_CONFIG_HOME:-~/.config}/sigtoken/sigtoken.toml and
// /etc/sigtoken/sigtoken.toml. Nothing where none is there, but one that
// --config or SIGTOKEN_CONFIG names must be.
//
// Errors: kParameterInvalid.
Result<std::optional<std::filesystem::path>> ConfigurationFile(
    const Environment& environment, const SetupOptions& options,
    const std::filesystem::path& home);

}  // namespace sigtoken

#endif  // PKCS11_SETUP_HOME_H_
