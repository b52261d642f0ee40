#include "tests/private_soft_hsm2.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <system_error>
#include <vector>

#include "pkcs11/store/host_lock.h"
#include "tests/embedded_home.h"

namespace sigtoken::testing {
namespace {

constexpr const char* kVariable = "SOFTHSM2_CONF";

int Run(std::vector<std::string> words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  const int failed = posix_spawnp(&child, pointers.front(), &actions, nullptr,
                                  pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return -1;
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace

PrivateSoftHsm2::PrivateSoftHsm2() {
  std::filesystem::create_directory(tokens());
  folder_.Write("softhsm2.conf",
                "directories.tokendir = " + tokens().string() +
                    "\nobjectstore.backend = file\nlog.level = ERROR\n");
  if (const char* before = std::getenv(kVariable)) before_ = before;
  setenv(kVariable, conf().c_str(), 1);
}

PrivateSoftHsm2::~PrivateSoftHsm2() {
  // Made for these two SOFTHSM2_CONF alone.
  for (const auto& path : {conf(), conf_elsewhere()}) {
    setenv(kVariable, path.c_str(), 1);
    std::error_code ignored;
    std::filesystem::remove_all(HostLockFolder(folder_.path() / "none"),
                                ignored);
  }
  if (before_) {
    setenv(kVariable, before_->c_str(), 1);
  } else {
    unsetenv(kVariable);
  }
}

void PrivateSoftHsm2::MakeToken(const std::string& label) const {
  EXPECT_EQ(Run({"softhsm2-util", "--init-token", "--free", "--label", label,
                 "--pin", kPin, "--so-pin", "87654321"}),
            0);
}

void PrivateSoftHsm2::InitialiseAnew(const std::string& label) const {
  EXPECT_EQ(Run({"softhsm2-util", "--init-token", "--token", label, "--label",
                 label, "--pin", kPin, "--so-pin", "87654321"}),
            0);
}

std::filesystem::path PrivateSoftHsm2::conf_elsewhere() const {
  const auto link = folder_.path() / "elsewhere.conf";
  std::error_code there_already;
  std::filesystem::create_symlink(conf(), link, there_already);
  return link;
}

Configuration PrivateSoftHsm2::Configure(const std::string& pin) const {
  folder_.Write("pin", pin + "\n");
  Configuration configuration;
  configuration.home = folder_.path() / "home";
  configuration.store_path = configuration.home / "sigtoken.db";
  configuration.embedded = false;
  return configuration;
}

BoundToken PrivateSoftHsm2::Bind(const std::string& name,
                                 const std::string& token,
                                 const std::string& module) const {
  Uri uri = Must(Uri::Parse("pkcs11:" + token + "?module-path=" + module));
  return {Name(name),   std::move(uri),
          "",           Must(PinSource::Parse("file:" + pin_file().string())),
          std::nullopt, {}};
}

}  // namespace sigtoken::testing
