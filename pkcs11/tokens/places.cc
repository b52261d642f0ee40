#include "pkcs11/tokens/places.h"

#include <array>

#include "pkcs11/base/private_file.h"
#include "pkcs11/setup/embedded_folders.h"
#include "pkcs11/store/store_file.h"

namespace sigtoken {
namespace {

std::array<std::filesystem::path, 3> Folders(
    const Configuration& configuration) {
  return {configuration.home, configuration.store_path.parent_path(),
          LockFolder(configuration)};
}

}  // namespace

std::filesystem::path LockFolder(const Configuration& configuration) {
  return configuration.store_path.parent_path() / "locks";
}

Status MakePlaces(const Configuration& configuration) {
  for (const auto& folder : Folders(configuration)) {
    SIGTOKEN_TRY(MakePrivateDirectory(folder));
  }
  return Ok();
}

Status CheckPlaces(const Configuration& configuration) {
  for (const auto& folder : Folders(configuration)) {
    SIGTOKEN_TRY(CheckPrivateDirectory(folder));
  }
  SIGTOKEN_TRY(CheckStoreFile(configuration.store_path));
  return configuration.embedded ? CheckEmbeddedFolders(configuration.home)
                                : Ok();
}

}  // namespace sigtoken
