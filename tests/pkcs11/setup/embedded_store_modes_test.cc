// Who may read and write the files of the embedded store.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/embedded_home.h"
#include "tests/pkcs11/result_matchers.h"

namespace sigtoken {
namespace {

namespace fs = std::filesystem;

using testing::FailsWith;
using ::testing::HasSubstr;
using testing::kTokenName;
using testing::MessageOf;
using testing::Must;
using testing::Name;

std::string Read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Everything below a folder.
std::vector<fs::path> AllOf(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  return paths;
}

class EmbeddedStoreModesTest : public testing::TokenTest {
 protected:
  fs::path Ours(const std::string& name = kTokenName) const {
    return home_.path() / "embedded" / name;
  }

  void Close() {
    token_.reset();
    directory_.reset();
  }

  // The MAC that the first key makes of no data, with all opened anew; or what
  // stands in the way.
  std::string MacOrError() {
    Close();
    const auto made = [&]() -> Result<Mac> {
      SIGTOKEN_ASSIGN(const auto directory,
                      Directory::Open(home_.configuration()));
      SIGTOKEN_ASSIGN(const Key key,
                      directory->FindKey(std::string(kTokenName) + ":1T"));
      return key.Sign(Hs256(), {});
    }();
    if (!made) return ToText(made.error());
    return {made->bytes().begin(), made->bytes().end()};
  }
};

TEST_F(EmbeddedStoreModesTest, AllThatIsMadeIsForItsOwnerAlone) {
  Generate();
  Must(FindKey(1).Sign(Hs256(), {}));
  const auto paths = AllOf(home_.path());
  EXPECT_GE(paths.size(), 12U);
  for (const fs::path& path : paths) {
    struct stat found {};
    ASSERT_EQ(::lstat(path.c_str(), &found), 0);
    const auto mode = found.st_mode & 07777;
    EXPECT_EQ(mode, S_ISDIR(found.st_mode) ? 0700U : 0600U) << path;
  }
}

TEST_F(EmbeddedStoreModesTest, EachTokenHasAPinOf128RandomBits) {
  Must(directory_->CreateToken(Name("OTHER"), {}));
  const std::string pin = Read(Ours() / "pin");
  EXPECT_THAT(pin, ::testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_NE(pin, Read(Ours("OTHER") / "pin"));
}

TEST_F(EmbeddedStoreModesTest, AHomeWithWiderModesIsRefused) {
  Generate();
  const std::string right = MacOrError();
  struct Row {
    fs::path path;
    ::mode_t mode;
    ::mode_t was;
  };
  std::vector<Row> rows = {
      {home_.path(), 0755, 0700},
      {home_.path(), 0701, 0700},
      {home_.path() / "sigtoken.db", 0640, 0600},
      {home_.path() / "sigtoken.db", 0604, 0600},
      {home_.path() / "locks", 0750, 0700},
      {home_.path() / "tokens", 0755, 0700},
      {home_.path() / "embedded", 0710, 0700},
      {home_.path() / "softhsm2.conf", 0644, 0600},
      {Ours(), 0755, 0700},
      {Ours() / "pin", 0644, 0600},
      {Ours() / "pin", 0620, 0600},
      {Ours() / "folder", 0640, 0600},
      {Ours() / "token.object", 0604, 0600},
      {home_.path() / "locks" / "embedded.lock", 0660, 0600},
      {home_.path() / "locks" / "embedded.gate", 0606, 0600},
  };
  for (const fs::path& path : AllOf(home_.path() / "tokens")) {
    const bool folder = fs::is_directory(path);
    rows.push_back({path, folder ? 0750U : 0644U, folder ? 0700U : 0600U});
  }
  // The folder, and files for the token and the key.
  EXPECT_GE(rows.size(), 15U + 5U);
  for (const Row& row : rows) {
    SCOPED_TRACE(row.path);
    ASSERT_EQ(::chmod(row.path.c_str(), row.mode), 0);
    const std::string refused = MacOrError();
    EXPECT_THAT(refused, HasSubstr(row.path.string()));
    EXPECT_THAT(refused, HasSubstr("(ICSF 12/0, X'0')"));
    struct stat found {};
    ASSERT_EQ(::stat(row.path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, row.mode);
    ASSERT_EQ(::chmod(row.path.c_str(), row.was), 0);
    EXPECT_EQ(MacOrError(), right);
  }
}

// Who is not root cannot give files away, and takes a folder of root's.
TEST_F(EmbeddedStoreModesTest, AHomeOfSomebodyElseIsRefused) {
  Close();
  Configuration configuration = home_.configuration();
  if (::geteuid() == 0) {
    constexpr ::uid_t kNobody = 65'534;
    ASSERT_EQ(::chown(home_.path().c_str(), kNobody, kNobody), 0);
  } else {
    configuration.home = "/usr";
  }
  const auto directory = Directory::Open(configuration);
  EXPECT_THAT(directory, FailsWith(kNotAvailable));
  EXPECT_THAT(MessageOf(directory), HasSubstr(configuration.home.string()));
}

TEST_F(EmbeddedStoreModesTest, APinThatIsALinkIsRefused) {
  Generate();
  Close();
  const fs::path pin = Ours() / "pin";
  fs::rename(pin, home_.path() / "moved");
  fs::create_symlink(home_.path() / "moved", pin);
  EXPECT_THAT(MacOrError(), HasSubstr("(ICSF 12/0, X'0')"));
}

}  // namespace
}  // namespace sigtoken
