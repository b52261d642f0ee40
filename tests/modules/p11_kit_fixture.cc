#include "tests/modules/p11_kit_fixture.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "pkcs11/cryptoki/module.h"
#include "tests/forked.h"

namespace sigtoken::testing {
namespace {

constexpr const char* kAddress = "P11_KIT_SERVER_ADDRESS";
constexpr std::chrono::seconds kStartsWithin{30};
constexpr std::chrono::milliseconds kPause{10};

// In a child, for the client keeps what it saw.
bool ClientSeesToken(const std::string& module_path) {
  return InChild([&] {
           const auto module = Module::Load({module_path, "", ""});
           if (!module) return 1;
           const auto slots = (*module)->Slots();
           return slots && !slots->empty() ? 0 : 1;
         }) == 0;
}

}  // namespace

P11KitFixture::P11KitFixture() {
  hsm_.MakeToken(kLabel);
  for (const auto& [name, value] : environment()) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  StartServer();
  AwaitServer();
  Configure();
}

P11KitFixture::~P11KitFixture() {
  StopServer();
  unsetenv(kAddress);
}

std::string P11KitFixture::module_path() const {
  return SIGTOKEN_P11_KIT_CLIENT_MODULE;
}

std::map<std::string, std::string> P11KitFixture::environment() const {
  auto all = ModuleFixture::environment();
  all[kAddress] = "unix:path=" + socket().string();
  return all;
}

void P11KitFixture::StopServer() {
  if (server_ < 0) return;
  kill(-server_, SIGKILL);
  Wait(server_);
  server_ = -1;
  std::filesystem::remove(socket());
}

void P11KitFixture::FreezeServer() const { kill(-server_, SIGSTOP); }

void P11KitFixture::ThawServer() const { kill(-server_, SIGCONT); }

void P11KitFixture::StartServer(const std::filesystem::path& conf) {
  const std::string log = folder_.path() / "log";
  const std::string path = socket();
  const pid_t parent = getpid();
  server_ = fork();
  if (server_ == 0) {
    setpgid(0, 0);
    // A test that is killed takes the server with it.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    setenv("SOFTHSM2_CONF", (conf.empty() ? hsm_.conf() : conf).c_str(), 1);
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execl(SIGTOKEN_P11_KIT, SIGTOKEN_P11_KIT, "server", "-f", "--provider",
          SIGTOKEN_SOFTHSM2_MODULE, "-n", path.c_str(),
          (std::string("pkcs11:token=") + kLabel).c_str(), nullptr);
    _exit(127);
  }
  // Here too, lest StopServer() come before the child has done it.
  setpgid(server_, server_);
}

void P11KitFixture::AwaitServer() const {
  const auto deadline = std::chrono::steady_clock::now() + kStartsWithin;
  while (!std::filesystem::exists(socket()) ||
         !ClientSeesToken(module_path())) {
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "p11-kit server does not answer";
      return;
    }
    std::this_thread::sleep_for(kPause);
  }
}

std::unique_ptr<ModuleFixture> MakeP11KitFixture() {
  return std::make_unique<P11KitFixture>();
}

}  // namespace sigtoken::testing
