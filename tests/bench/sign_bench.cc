// How much our sign costs beside C_SignInit and C_Sign alone, and by way of the
// executor, and as a library that reckons with others in its process
// (tokens/handle_reuse.h), beside that, on the same key in one run.

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/deadline/executor.h"
#include "pkcs11/tokens/handle_reuse.h"
#include "tests/bench/profile_bench.h"
#include "tests/embedded_home.h"

namespace sigtoken::testing {
namespace {

// As long as the signing input of an identity token.
const std::string& Data() {
  static const auto* const data = new std::string(280, 'x');
  return *data;
}

std::span<const std::uint8_t> DataBytes() {
  return {reinterpret_cast<const std::uint8_t*>(Data().data()), Data().size()};
}

// Destroyed before main() ends: a module must not live longer.
struct Bench {
  Bench()
      : directory(Must(Directory::Open(home.configuration()))),
        token(MakeToken(*directory)),
        found(Must(GenerateKey(*token, KeySpec{})).key),
        key(Must(Key::Find(token, *found.handle->object()))),
        session(OpenSession(*token)),
        library(Must(Directory::Open(home.configuration()))),
        library_key(FindAsLibrary(*library, found)) {}

  static std::shared_ptr<Token> MakeToken(Directory& directory) {
    Must(directory.CreateToken(Name(kTokenName), {}));
    return Must(directory.FindToken(Name(kTokenName)));
  }

  static Key FindAsLibrary(Directory& library, const FoundKey& found) {
    SetModulesMayBeShared(true);
    Key key = Must(library.FindKey(found.handle->FormatShort()));
    SetModulesMayBeShared(false);
    return key;
  }

  static Session OpenSession(Token& token) {
    const auto held = Must(token.Look());
    return Must(token.OpenSession(held, Access::kReadOnly));
  }

  bool Bare() {
    CK_MECHANISM mechanism{CKM_SHA256_HMAC, nullptr, 0};
    CK_BYTE mac[kMaxMacBytes];
    CK_ULONG length = sizeof mac;
    auto& functions = session.functions();
    auto* data = reinterpret_cast<CK_BYTE*>(const_cast<char*>(Data().data()));
    return functions.C_SignInit(session.handle(), &mechanism, found.object) ==
               CKR_OK &&
           functions.C_Sign(session.handle(), data, Data().size(), mac,
                            &length) == CKR_OK;
  }

  bool Ours() { return key.Sign(Hs256(), DataBytes()).has_value(); }

  bool AsLibrary() {
    return library_key.Sign(Hs256(), DataBytes()).has_value();
  }

  bool Executed() {
    return executor.Run<bool>([this]() -> Result<bool> { return Ours(); })
        .has_value();
  }

  EmbeddedHome home;
  std::unique_ptr<Directory> directory;
  std::shared_ptr<Token> token;
  FoundKey found;
  Key key;
  Session session;
  std::unique_ptr<Directory> library;
  Key library_key;
  Executor executor{{}};
};

template <bool (Bench::*kSign)()>
void Sign(benchmark::State& state, Bench* bench) {
  for (auto _ : state) {
    if (!(bench->*kSign)()) state.SkipWithError("signing failed");
  }
  state.SetItemsProcessed(state.iterations());
}

// Both in turns, many times a second, so that whatever else the machine does
// falls on both: the ratio of the two sums.
template <bool (Bench::*kOne)(), bool (Bench::*kOther)()>
void Ratio(benchmark::State& state, Bench* bench, const char* name) {
  using Clock = std::chrono::steady_clock;
  Clock::duration one{};
  Clock::duration other{};
  for (auto _ : state) {
    const auto start = Clock::now();
    if (!(bench->*kOther)()) state.SkipWithError("signing failed");
    const auto middle = Clock::now();
    if (!(bench->*kOne)()) state.SkipWithError("signing failed");
    one += Clock::now() - middle;
    other += middle - start;
  }
  state.counters[name] =
      std::chrono::duration<double>(one) / std::chrono::duration<double>(other);
}

}  // namespace
}  // namespace sigtoken::testing

int main(int argc, char** argv) {
  using sigtoken::testing::Bench;
  sigtoken::SetModulesMayBeShared(false);
  Bench bench;
  benchmark::RegisterBenchmark("bare C_SignInit and C_Sign",
                               sigtoken::testing::Sign<&Bench::Bare>, &bench);
  benchmark::RegisterBenchmark("Key::Sign",
                               sigtoken::testing::Sign<&Bench::Ours>, &bench);
  benchmark::RegisterBenchmark("Key::Sign by way of Executor::Run",
                               sigtoken::testing::Sign<&Bench::Executed>,
                               &bench);
  benchmark::RegisterBenchmark(
      "ratio", sigtoken::testing::Ratio<&Bench::Ours, &Bench::Bare>, &bench,
      "ours_to_bare");
  benchmark::RegisterBenchmark(
      "executor ratio",
      sigtoken::testing::Ratio<&Bench::Executed, &Bench::Ours>, &bench,
      "executed_to_ours");
  benchmark::RegisterBenchmark(
      "library ratio",
      sigtoken::testing::Ratio<&Bench::AsLibrary, &Bench::Ours>, &bench,
      "library_to_ours");
  sigtoken::testing::RegisterProfileBenchmarks();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
