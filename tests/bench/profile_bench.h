// How long a profile is looked for among a hundred and among a million.

#ifndef TESTS_BENCH_PROFILE_BENCH_H_
#define TESTS_BENCH_PROFILE_BENCH_H_

namespace sigtoken::testing {

// The profiles are made when such a benchmark is run first.
void RegisterProfileBenchmarks();

}  // namespace sigtoken::testing

#endif  // TESTS_BENCH_PROFILE_BENCH_H_
