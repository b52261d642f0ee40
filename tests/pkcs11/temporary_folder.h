// A folder of a test's own, gone with the test.

#ifndef TESTS_PKCS11_TEMPORARY_FOLDER_H_
#define TESTS_PKCS11_TEMPORARY_FOLDER_H_

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace sigtoken::testing {

// Mode 0700. Where it cannot be made, the test ends: nothing would be proved.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name =
        std::filesystem::temp_directory_path() / "sigtoken-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = std::filesystem::canonical(name);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

  // A file with that text and mode; answers its path.
  std::filesystem::path Write(const std::string& name, std::string_view text,
                              ::mode_t mode = 0600) const {
    std::filesystem::path file = path_ / name;
    std::ofstream(file, std::ios::binary) << text;
    if (::chmod(file.c_str(), mode) != 0) std::abort();
    return file;
  }

 private:
  std::filesystem::path path_;
};

// A readable regular file that does not belong to who runs the test: for root
// it is made in `folder`, for others it is one that every system has.
inline std::filesystem::path FileOfSomebodyElse(const TemporaryFolder& folder) {
  if (::geteuid() != 0) return "/etc/passwd";
  auto file = folder.Write("somebody-else", "1234");
  constexpr ::uid_t kNobody = 65'534;
  if (::chown(file.c_str(), kNobody, kNobody) != 0) std::abort();
  return file;
}

}  // namespace sigtoken::testing

#endif  // TESTS_PKCS11_TEMPORARY_FOLDER_H_
