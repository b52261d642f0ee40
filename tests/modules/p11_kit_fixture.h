// A SoftHSM2 token behind `p11-kit server`, seen through p11-kit's client.

#ifndef TESTS_MODULES_P11_KIT_FIXTURE_H_
#define TESTS_MODULES_P11_KIT_FIXTURE_H_

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "tests/modules/module_fixture.h"

namespace sigtoken::testing {

// The server is a child of ours, in a process group of its own, which has all
// that it starts: one p11-kit-remote for each connection.
class P11KitFixture : public ModuleFixture {
 public:
  P11KitFixture();
  ~P11KitFixture() override;

  std::string module_path() const override;
  std::map<std::string, std::string> environment() const override;

  // Kills the server and all that serve its clients.
  void StopServer();
  // Gives at once; the server needs a while until it answers. It has the store
  // that `conf` names in the place of its own, where one is given.
  void StartServer(const std::filesystem::path& conf = {});
  // From here on it answers nothing and refuses nothing, until it goes on.
  void FreezeServer() const;
  void ThawServer() const;
  // Until a client sees the token.
  void AwaitServer() const;

 private:
  std::filesystem::path socket() const { return folder_.path() / "socket"; }

  pid_t server_ = -1;
};

std::unique_ptr<ModuleFixture> MakeP11KitFixture();

}  // namespace sigtoken::testing

#endif  // TESTS_MODULES_P11_KIT_FIXTURE_H_
