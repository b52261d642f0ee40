#include "pkcs11/setup/home.h"

#include <cstdlib>
#include <string>

#include "tests/pkcs11/result_matchers.h"
#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken {
namespace {

using testing::CureOf;
using testing::FailsWith;
using testing::MessageOf;
using testing::TemporaryFolder;

using Path = std::filesystem::path;

Environment With(std::optional<std::string> home,
                 std::optional<std::string> xdg_data_home = {},
                 std::optional<std::string> sigtoken_home = {}) {
  Environment environment;
  environment.home = std::move(home);
  environment.xdg_data_home = std::move(xdg_data_home);
  environment.sigtoken_home = std::move(sigtoken_home);
  return environment;
}

TEST(HomeTest, TheOptionComesBeforeTheEnvironment) {
  const Environment all = With("/h", "/x", "/s");
  EXPECT_EQ(*HomeDirectory(all, {"/o", {}}), "/o");
  EXPECT_EQ(*HomeDirectory(all, {}), "/s");
  EXPECT_EQ(*HomeDirectory(With("/h", "/x"), {}), "/x/sigtoken");
  EXPECT_EQ(*HomeDirectory(With("/h"), {}), "/h/.local/share/sigtoken");
}

TEST(HomeTest, ARelativeXdgDirectoryCountsAsNotSet) {
  EXPECT_EQ(*HomeDirectory(With("/h", "x"), {}), "/h/.local/share/sigtoken");
}

TEST(HomeTest, MakesAGivenPathAbsolute) {
  const Path here = std::filesystem::current_path();
  EXPECT_EQ(*HomeDirectory({}, {"a", {}}), here / "a");
  EXPECT_EQ(*HomeDirectory(With({}, {}, "a/b"), {}), here / "a/b");
}

TEST(HomeTest, TakesASlashOffTheEnd) {
  EXPECT_EQ(*HomeDirectory({}, {"/a/b/", {}}), "/a/b");
}

TEST(HomeTest, AsksForADirectoryWhereHomeIsOfNoUse) {
  const auto unset = HomeDirectory({}, {});
  EXPECT_THAT(unset, FailsWith(kParameterInvalid));
  EXPECT_EQ(MessageOf(unset), "there is no home directory: HOME is not set");
  EXPECT_EQ(CureOf(unset),
            "name one with the environment variable SIGTOKEN_HOME, or a "
            "command's with --home DIR");
  EXPECT_EQ(MessageOf(HomeDirectory(With("h"), {})),
            "there is no home directory: HOME is not an absolute path");
  EXPECT_THAT(HomeDirectory(With("/h"), {"", {}}),
              FailsWith(kParameterInvalid));
}

TEST(HomeTest, RefusesWhatSoftHsm2WouldReadOtherwise) {
  using namespace std::string_literals;
  for (const std::string& path :
       {"/a#b"s, "/#"s, "/a=b"s, "/a\nb"s, "/a\r"s, "/a\tb"s, "/a\0b"s,
        "/a\x7F"s, "/a\x01"s, "/a "s, "/a/ "s, "/a /"s,
        "/" + std::string(kMaxHomeBytes, 'x')}) {
    SCOPED_TRACE(path);
    EXPECT_THAT(HomeDirectory({}, {path, {}}), FailsWith(kParameterInvalid));
    EXPECT_THAT(HomeDirectory(With({}, {}, path), {}),
                FailsWith(kParameterInvalid));
  }
  EXPECT_EQ(MessageOf(HomeDirectory({}, {"/a#b", {}})),
            "the home directory '/a#b' has a # or =, and SoftHSM2 cannot read "
            "such a path");
}

TEST(HomeTest, TakesOtherUnusualPaths) {
  for (const std::string& path :
       {std::string("/a b"), std::string("/a;b"), std::string("/\xC3\xA9"),
        std::string("/a'b\"c"), "/" + std::string(kMaxHomeBytes - 1, 'x')}) {
    EXPECT_EQ(*HomeDirectory({}, {path, {}}), path);
  }
}

class ConfigurationFileTest : public ::testing::Test {
 protected:
  ConfigurationFileTest() {
    std::filesystem::create_directories(config_ / "sigtoken");
    std::filesystem::create_directories(home_);
  }

  Result<std::optional<Path>> Find(const SetupOptions& options = {}) const {
    return ConfigurationFile(environment_, options, home_);
  }

  TemporaryFolder folder_;
  Path home_ = folder_.path() / "home";
  Path config_ = folder_.path() / ".config";
  Environment environment_ = With(folder_.path().string());
};

TEST_F(ConfigurationFileTest, TheOptionComesFirst) {
  const auto option = folder_.Write("option.toml", "");
  environment_.sigtoken_config = folder_.Write("variable.toml", "");
  EXPECT_EQ(*Find({{}, option}), option);
  EXPECT_EQ(*Find(), *environment_.sigtoken_config);
}

TEST_F(ConfigurationFileTest, OneThatIsNamedMustBeThere) {
  const std::string missing = folder_.path() / "missing.toml";
  const auto option = Find({{}, missing});
  EXPECT_THAT(option, FailsWith(kParameterInvalid));
  EXPECT_EQ(MessageOf(option), "the configuration file '" + missing +
                                   "' that --config names is not there");
  environment_.sigtoken_config = missing;
  EXPECT_EQ(MessageOf(Find()), "the configuration file '" + missing +
                                   "' that SIGTOKEN_CONFIG names is not there");
  EXPECT_THAT(Find({{}, ""}), FailsWith(kParameterInvalid));
}

TEST_F(ConfigurationFileTest, IsTheUsersWhereNoHomeIsGiven) {
  folder_.Write("home/sigtoken.toml", "");
  const auto file = folder_.Write(".config/sigtoken/sigtoken.toml", "");
  EXPECT_EQ(*Find(), file);
  environment_.xdg_config_home = folder_.path() / "xdg";
  EXPECT_NE(*Find(), file);
  environment_.xdg_config_home = "relative";
  EXPECT_EQ(*Find(), file);
}

TEST_F(ConfigurationFileTest, IsTheHomesWhereAHomeIsGiven) {
  folder_.Write(".config/sigtoken/sigtoken.toml", "");
  EXPECT_EQ(*Find({home_, {}}), std::nullopt);
  environment_.sigtoken_home = home_;
  EXPECT_EQ(*Find(), std::nullopt);
  const auto file = folder_.Write("home/sigtoken.toml", "");
  EXPECT_EQ(*Find(), file);
  environment_.sigtoken_home = std::nullopt;
  EXPECT_EQ(*Find({home_, {}}), file);
}

TEST_F(ConfigurationFileTest, OneThatCannotBeLookedAtCounts) {
  const Path file = config_ / "sigtoken" / "sigtoken.toml";
  std::filesystem::create_symlink(file, file);  // ELOOP, for root too.
  EXPECT_EQ(*Find(), file);
}

TEST_F(ConfigurationFileTest, ALinkToNothingCounts) {
  const Path file = config_ / "sigtoken" / "sigtoken.toml";
  std::filesystem::create_symlink("/nonexistent.toml", file);
  EXPECT_EQ(*Find(), file);
}

TEST(EnvironmentTest, AnEmptyVariableCountsAsNotSet) {
  ASSERT_EQ(::setenv("SIGTOKEN_HOME", "", 1), 0);
  ASSERT_EQ(::setenv("SIGTOKEN_CONFIG", "/c", 1), 0);
  ASSERT_EQ(::unsetenv("XDG_DATA_HOME"), 0);
  ASSERT_EQ(::setenv("XDG_CONFIG_HOME", "/x", 1), 0);
  const Environment environment = Environment::FromProcess();
  EXPECT_EQ(environment.sigtoken_home, std::nullopt);
  EXPECT_EQ(environment.sigtoken_config, "/c");
  EXPECT_EQ(environment.xdg_data_home, std::nullopt);
  EXPECT_EQ(environment.xdg_config_home, "/x");
  ::unsetenv("SIGTOKEN_HOME");
  ::unsetenv("SIGTOKEN_CONFIG");
  ::unsetenv("XDG_CONFIG_HOME");
}

}  // namespace
}  // namespace sigtoken
