#include "pkcs11/setup/embedded_folders.h"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "pkcs11/base/file_check.h"
#include "pkcs11/base/private_file.h"

namespace sigtoken {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = 65'536;

std::array<fs::path, 3> FoldersOf(const fs::path& home) {
  return {home, home / "tokens", home / "embedded"};
}

std::string TextOfConf(const fs::path& home) {
  return "directories.tokendir = " + (home / "tokens").string() +
         "\nobjectstore.backend = file\n"
         "log.level = ERROR\n"
         "slots.removable = false\n"
         "slots.mechanisms = ALL\n"
         "library.reset_on_fork = true\n";
}

std::span<const std::uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Whether softhsm2.conf is there and ours. Compared, not just looked for: with
// a configuration that names another folder SoftHSM2 would use that one without
// a word. Nor is it replaced: who wrote it may have keys there.
Result<bool> HasConf(const fs::path& home) {
  const fs::path conf = home / "softhsm2.conf";
  std::error_code ignored;
  if (!fs::exists(fs::symlink_status(conf, ignored))) return false;
  SIGTOKEN_ASSIGN(const std::string now, ReadPrivateFile(conf, kMaxFileBytes));
  if (now.empty()) return false;
  if (now == TextOfConf(home)) return true;
  return Unavailable(
      QuotedPath(conf) +
          " is not the one that sigtoken writes for its embedded store there",
      "is it yours, move it to a folder of its own, and SOFTHSM2_CONF with it, "
      "or choose another home with the environment variable SIGTOKEN_HOME, or "
      "a command's with --home DIR; else remove it");
}

}  // namespace

Status MakeEmbeddedFolders(const fs::path& home) {
  for (const fs::path& folder : FoldersOf(home)) {
    SIGTOKEN_TRY(MakePrivateDirectory(folder));
  }
  SIGTOKEN_ASSIGN(const bool there, HasConf(home));
  if (there) return Ok();
  return WriteFileAtomically(home / "softhsm2.conf", AsBytes(TextOfConf(home)),
                             Durability::kSynced);
}

Status CheckEmbeddedFolders(const fs::path& home) {
  for (const fs::path& folder : FoldersOf(home)) {
    SIGTOKEN_TRY(CheckPrivateDirectory(folder));
  }
  SIGTOKEN_TRY(HasConf(home));
  return Ok();
}

}  // namespace sigtoken
