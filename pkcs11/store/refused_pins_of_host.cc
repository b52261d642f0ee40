#include "pkcs11/store/refused_pins_of_host.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <system_error>

#include "pkcs11/base/file_check.h"
#include "pkcs11/store/host_lock.h"

namespace sigtoken {
namespace {

namespace fs = std::filesystem;

fs::path NameOf(const fs::path& folder, const TokenIdentity& token,
                const PinFile& file) {
  std::string text;
  for (const std::string& part :
       {CanonicalPath(token.module_path), token.init, token.label, token.serial,
        std::to_string(file.device), std::to_string(file.inode),
        std::to_string(file.changed)}) {
    // Its length, so that no two of them read alike.
    text += std::to_string(part.size()) + ':' + part;
  }
  return folder / (LockName(text) + ".refused");
}

}  // namespace

std::optional<CK_RV> FindRefusedPinOfHost(const fs::path& folder,
                                          const TokenIdentity& token,
                                          const PinFile& file) {
  if (folder.empty()) return std::nullopt;
  std::ifstream stream(NameOf(folder, token, file));
  CK_RV rv = CKR_OK;
  // One whose writer has not come to its end yet is a refusal, too.
  if (!stream.is_open()) return std::nullopt;
  return stream >> rv ? rv : CKR_PIN_INCORRECT;
}

void PutRefusedPinOfHost(const fs::path& folder, const TokenIdentity& token,
                         const PinFile& file, CK_RV rv) {
  if (folder.empty()) return;
  const int descriptor =
      open(NameOf(folder, token, file).c_str(),
           O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return;
  const std::string text = std::to_string(rv) + '\n';
  static_cast<void>(write(descriptor, text.data(), text.size()) < 0);
  close(descriptor);
}

void ForgetRefusedPinOfHost(const fs::path& folder, const TokenIdentity& token,
                            const std::string& path) {
  const auto file = LookAtPinFile(path);
  if (folder.empty() || !file) return;
  std::error_code ignored;
  fs::remove(NameOf(folder, token, *file), ignored);
}

}  // namespace sigtoken
