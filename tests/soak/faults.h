// The faults of the soak: scripts for the fault module, drawn at random.

#ifndef TESTS_SOAK_FAULTS_H_
#define TESTS_SOAK_FAULTS_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace sigtoken::testing {

// Of a seed always the same ones. Faults from which a token recovers by itself,
// and of which it says so: no PIN that is refused, for that is not tried again,
// and no MAC that is merely wrong, which nobody could tell. One thread.
class RandomFaults {
 public:
  explicit RandomFaults(std::uint64_t seed);

  // Each is one of a few hundred; every third is empty, lest nothing but
  // recoveries be tried.
  const std::string& Next();

 private:
  std::string Rule();
  std::string When();
  std::size_t Below(std::size_t end);

  std::mt19937_64 random_;
  std::vector<std::string> scripts_;
};

}  // namespace sigtoken::testing

#endif  // TESTS_SOAK_FAULTS_H_
