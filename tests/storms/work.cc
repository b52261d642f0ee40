#include "tests/storms/work.h"

#include <sys/resource.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "keygen/generate.h"
#include "keygen/remove.h"
#include "pkcs11/tokens/check_value.h"
#include "pkcs11/tokens/directory.h"
#include "tests/embedded_home.h"

namespace sigtoken::testing {
namespace {

struct Store {
  std::unique_ptr<Directory> directory;
  std::shared_ptr<Token> token;
};

Result<Store> Open(const Configuration& configuration) {
  Store store;
  SIGTOKEN_ASSIGN(store.directory, Directory::Open(configuration));
  SIGTOKEN_ASSIGN(const TokenName name, TokenName::Parse(kTokenName));
  SIGTOKEN_ASSIGN(store.token, store.directory->FindToken(name));
  return store;
}

int Say(const Reporter& report, const Status& status) {
  if (status) return 0;
  report("error: " + ToText(status.error()));
  return 1;
}

std::string Describe(const FoundKey& key) {
  return key.handle->FormatShort() + " " + KeyCheckValue(*key.check_mac);
}

}  // namespace

int MakeToken(const Configuration& configuration, const Reporter& report) {
  return Say(report, [&]() -> Status {
    SIGTOKEN_ASSIGN(const auto directory, Directory::Open(configuration));
    SIGTOKEN_ASSIGN(const TokenName name, TokenName::Parse(kTokenName));
    return directory->CreateToken(name, {});
  }());
}

int MakeKeys(const Configuration& configuration, int count,
             const Reporter& report) {
  return Say(report, [&]() -> Status {
    SIGTOKEN_ASSIGN(const Store store, Open(configuration));
    for (int i = 0; i < count; ++i) {
      const auto start = std::chrono::steady_clock::now();
      SIGTOKEN_ASSIGN(const MadeKey made, GenerateKey(*store.token, {}));
      const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
          std::chrono::steady_clock::now() - start);
      report(Describe(made.key) + " " + std::to_string(took.count()));
    }
    return Ok();
  }());
}

int MakeAndDeleteKeys(const Configuration& configuration,
                      const Reporter& report) {
  return Say(report, [&]() -> Status {
    SIGTOKEN_ASSIGN(const Store store, Open(configuration));
    while (true) {
      SIGTOKEN_ASSIGN(const MadeKey kept, GenerateKey(*store.token, {}));
      report("+" + Describe(kept.key));
      SIGTOKEN_ASSIGN(const MadeKey lost, GenerateKey(*store.token, {}));
      report("+" + Describe(lost.key));
      report("-" + lost.key.handle->FormatShort());
      SIGTOKEN_TRY(DeleteKey(*store.token, *lost.key.handle->object(), false));
    }
  }());
}

int LogIn(const Configuration& configuration, const Reporter& report) {
  return Say(report, [&]() -> Status {
    while (true) {
      SIGTOKEN_ASSIGN(const Store store, Open(configuration));
      SIGTOKEN_TRY(store.token->Login());
    }
  }());
}

int DieInLogIn(const Configuration& configuration, const Reporter& report) {
  return Say(report, [&]() -> Status {
    SIGTOKEN_ASSIGN(const Store store, Open(configuration));
    // Less than the 320 bytes of the token file.
    const rlimit limit{100, 100};
    setrlimit(RLIMIT_FSIZE, &limit);
    return store.token->Login();
  }());
}

int SignForever(const Configuration& configuration, const Reporter& report) {
  return Say(report, [&]() -> Status {
    SIGTOKEN_ASSIGN(const Store store, Open(configuration));
    SIGTOKEN_ASSIGN(const Key key, Key::Find(store.token, {1, 'T'}));
    while (true) {
      SIGTOKEN_TRY(key.Sign(Hs256(), {}));
    }
  }());
}

}  // namespace sigtoken::testing
