#include "tests/bench/profile_bench.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>
#include <string>

#include "signer/idt/key_choice.h"
#include "signer/racf/profile/profiles.h"
#include "signer/racf/schema.h"
#include "tests/embedded_home.h"
#include "tests/pkcs11/temporary_folder.h"

namespace sigtoken::testing {
namespace {

constexpr int kFew = 100;
constexpr int kMany = 1'000'000;

std::string User(int number) {
  std::string digits = std::to_string(number);
  return "U" + std::string(7 - digits.size(), '0') + digits;
}

// One profile a user, half of them generic, behind RACLIST.
class Store {
 public:
  explicit Store(int users) : users_(users) {
    Must(MigrateRacf(*database_));
    auto transaction = Must(database_->Begin());
    Profiles profiles(*database_);
    IdtParms parms;
    parms.sigtoken = "IDTTKN.JWT.SECRET";
    for (int i = 0; i < users; ++i) {
      const std::string name = i % 2 == 0 ? IdtResource("APPL01", User(i))
                                          : IdtResource("*", User(i));
      Must(profiles.Add({Must(ProfileName::Parse(name, true)), "IBMUSER",
                         "NONE", "", parms}));
    }
    Must(profiles.SetOptions({true, true, true, true}));
    Must(profiles.Refresh());
    Must(transaction.Commit());
  }

  // Those of one user after the other.
  bool Match() {
    next_ = (next_ + 7919) % users_;
    const auto covering =
        Profiles(*database_)
            .Covering(Profiles::View::kRequests,
                      IdtResource("APPL01", User(next_)), true, 1);
    return covering && covering->size() == 1;
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Database> database_ =
      Must(Database::Open(folder_.path() / "profiles.db"));
  int users_;
  int next_ = 0;
};

// In turns, so that whatever else the machine does falls on both.
void MatchRatio(benchmark::State& state) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  Store many(kMany);
  const auto loaded = Clock::now();
  Store few(kFew);
  Clock::duration among_few{};
  Clock::duration among_many{};
  for (auto _ : state) {
    const auto start = Clock::now();
    if (!few.Match()) state.SkipWithError("no profile covers");
    const auto middle = Clock::now();
    if (!many.Match()) state.SkipWithError("no profile covers");
    among_many += Clock::now() - middle;
    among_few += middle - start;
  }
  state.counters["million_to_hundred"] =
      std::chrono::duration<double>(among_many) /
      std::chrono::duration<double>(among_few);
  state.counters["load_million_seconds"] =
      std::chrono::duration<double>(loaded - begin).count();
}

}  // namespace

void RegisterProfileBenchmarks() {
  benchmark::RegisterBenchmark("match ratio", MatchRatio)->Iterations(2000);
}

}  // namespace sigtoken::testing
