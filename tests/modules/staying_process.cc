#include "tests/modules/staying_process.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "keygen/generate.h"
#include "keygen/import.h"
#include "keygen/remove.h"
#include "signer/jws/base64url.h"
#include "tests/embedded_home.h"
#include "tests/import_key.h"

namespace sigtoken::testing {
namespace {

// Two seconds are promised; five times as long on a machine that does much
// else.
constexpr std::chrono::seconds kBackWithin{5 * 2};
constexpr std::chrono::milliseconds kPause{10};

std::string HandleOf(std::uint32_t number) {
  return sigtoken::Handle(Name(ModuleFixture::kBoundName), {number, 'T'})
      .FormatShort();
}

std::string Codes(const Error& error) {
  const IcsfCode code = ToIcsf(error);
  return std::to_string(code.return_code) + '/' +
         std::to_string(code.reason_code);
}

std::string Say(const Result<Mac>& mac, bool by_key_1) {
  if (!mac) return Codes(mac.error());
  const bool is_of_key_1 =
      EncodeBase64Url(mac->bytes()) == StayingProcess::RightMac();
  return is_of_key_1 == by_key_1 ? "right" : "a wrong MAC";
}

std::string Say(const Result<MadeKey>& made) {
  return made ? std::to_string(made->key.handle->object()->sequence)
              : Codes(made.error());
}

}  // namespace

std::string StayingProcess::RightMac() {
  return EncodeBase64Url(OpenSslMac(Hs256(), Bytes(kValue), Bytes(kText)));
}

StayingProcess::StayingProcess(const ModuleFixture& module)
    : directory_(Must(Directory::Open(module.configuration()))),
      key_(Must(directory_->FindKey(HandleOf(1)))) {
  EXPECT_EQ(Held(), "right");
}

Token& StayingProcess::token() const {
  return *Must(directory_->FindToken(Name(ModuleFixture::kBoundName)));
}

std::string StayingProcess::Held() const {
  return Say(key_.Sign(Hs256(), Bytes(kText)), true);
}

std::string StayingProcess::Found(std::uint32_t number) const {
  const auto found = directory_->FindKey(HandleOf(number));
  if (!found) return Codes(found.error());
  return Say(found->Sign(Hs256(), Bytes(kText)), number == 1);
}

std::string StayingProcess::Listed() const {
  const auto list = ListKeys(token());
  return list ? std::to_string(list->keys.size()) : Codes(list.error());
}

std::string StayingProcess::Generated() const {
  return Say(GenerateKey(token(), {}));
}

std::string StayingProcess::Imported() const {
  Secret value = Must(Secret::OfSize(64));
  value.data()[0] = 7;
  return Say(sigtoken::ImportKey(token(), {}, value));
}

std::string StayingProcess::Deleted(std::uint32_t number) const {
  const auto removed = DeleteKey(token(), {number, 'T'}, false);
  return removed ? "deleted" : Codes(removed.error());
}

void StayingProcess::ExpectBack() const {
  const auto since = std::chrono::steady_clock::now();
  while (Held() != "right" &&
         std::chrono::steady_clock::now() < since + kBackWithin) {
    std::this_thread::sleep_for(kPause);
  }
  EXPECT_EQ(Held(), "right");
  EXPECT_EQ(Found(), "right");
}

void Stay(const ModuleFixture& module,
          const std::function<void(const StayingProcess&)>& work) {
  EXPECT_TRUE(RunForked([&] {
    // As the programs do: p11-kit's client writes to a socket whose server may
    // be gone.
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    work(StayingProcess(module));
  }));
}

}  // namespace sigtoken::testing
