#include "pkcs11/setup/home.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "pkcs11/base/private_file.h"

namespace sigtoken {
namespace {

using Path = std::filesystem::path;

constexpr char kFileName[] = "sigtoken.toml";

Error Refused(std::string message, std::string cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, std::move(message),
                 std::move(cure));
}

std::optional<std::string> Variable(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

bool IsAbsolute(const std::optional<std::string>& path) {
  return path && Path(*path).is_absolute();
}

Result<Path> MadeAbsolute(const Path& path) {
  std::error_code failed;
  Path absolute = std::filesystem::absolute(path, failed);
  if (!failed) return absolute;
  return Refused(
      "cannot make " + QuotedPath(path) + " absolute: " + failed.message(),
      "write a path that begins with /");
}

// Why SoftHSM2 would not read `path` in its configuration file; "" if it would.
std::string WhyUnreadable(std::string_view path) {
  const bool has_control = std::any_of(path.begin(), path.end(), [](char c) {
    return (c >= '\0' && c < ' ') || c == '\x7F';
  });
  if (path.size() > kMaxHomeBytes) {
    return "has more than " + std::to_string(kMaxHomeBytes) + " bytes";
  }
  if (path.find_first_of("#=") != std::string_view::npos) return "has a # or =";
  if (has_control) return "has a control character";
  // Blanks that end one of its parts are not trimmed, but those that end the
  // whole may be; in front there is always a slash.
  if (!path.empty() && path.back() == ' ') return "ends with a blank";
  return "";
}

Result<Path> ChosenHome(const Environment& environment,
                        const SetupOptions& options) {
  if (options.home) {
    if (!options.home->empty()) return MadeAbsolute(*options.home);
    return Refused("the home directory is empty text", "write --home DIR");
  }
  if (environment.sigtoken_home) {
    return MadeAbsolute(*environment.sigtoken_home);
  }
  if (IsAbsolute(environment.xdg_data_home)) {
    return Path(*environment.xdg_data_home) / "sigtoken";
  }
  if (IsAbsolute(environment.home)) {
    return Path(*environment.home) / ".local" / "share" / "sigtoken";
  }
  return Refused(
      environment.home
          ? "there is no home directory: HOME is not an absolute path"
          : "there is no home directory: HOME is not set",
      "name one with the environment variable SIGTOKEN_HOME, or a command's "
      "with --home DIR");
}

// A file that is there but cannot be looked at counts, and so does a link to
// nothing: another configuration must not silently take its place.
bool IsThere(const Path& path) {
  std::error_code failed;
  const auto type = std::filesystem::symlink_status(path, failed).type();
  return type != std::filesystem::file_type::not_found;
}

Result<std::optional<Path>> NamedFile(const std::string& name,
                                      const std::string& by) {
  if (name.empty()) {
    return Refused("the configuration file is empty text",
                   "write --config FILE");
  }
  SIGTOKEN_ASSIGN(const Path path, MadeAbsolute(name));
  if (IsThere(path)) return std::optional<Path>(path);
  return Refused("the configuration file " + QuotedPath(path) + " that " + by +
                     " names is not there",
                 "correct the path, or leave " + by + " out");
}

}  // namespace

Environment Environment::FromProcess() {
  return {Variable("SIGTOKEN_HOME"), Variable("SIGTOKEN_CONFIG"),
          Variable("XDG_DATA_HOME"), Variable("XDG_CONFIG_HOME"),
          Variable("HOME")};
}

Result<std::filesystem::path> HomeDirectory(const Environment& environment,
                                            const SetupOptions& options) {
  SIGTOKEN_ASSIGN(Path home, ChosenHome(environment, options));
  // "dir/" and "dir" are the same directory, and one spelling is enough.
  if (!home.has_filename() && home.has_relative_path()) {
    home = home.parent_path();
  }
  const std::string why = WhyUnreadable(home.native());
  if (why.empty()) return home;
  return Refused("the home directory " + QuotedPath(home) + " " + why +
                     ", and SoftHSM2 cannot read such a path",
                 "choose another directory with the environment variable "
                 "SIGTOKEN_HOME, or a command's with --home DIR");
}

Result<std::optional<std::filesystem::path>> ConfigurationFile(
    const Environment& environment, const SetupOptions& options,
    const std::filesystem::path& home) {
  if (options.config) return NamedFile(*options.config, "--config");
  if (environment.sigtoken_config) {
    return NamedFile(*environment.sigtoken_config, "SIGTOKEN_CONFIG");
  }

  std::vector<Path> places;
  if (options.home || environment.sigtoken_home) {
    places.push_back(home / kFileName);
  } else {
    if (IsAbsolute(environment.xdg_config_home)) {
      places.push_back(Path(*environment.xdg_config_home) / "sigtoken" /
                       kFileName);
    } else if (IsAbsolute(environment.home)) {
      places.push_back(Path(*environment.home) / ".config" / "sigtoken" /
                       kFileName);
    }
    places.push_back(Path("/etc/sigtoken") / kFileName);
  }
  const auto found = std::find_if(places.begin(), places.end(), IsThere);
  if (found == places.end()) return std::optional<Path>();
  return std::optional<Path>(*found);
}

}  // namespace sigtoken
