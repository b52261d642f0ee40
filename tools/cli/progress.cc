#include "tools/cli/progress.h"

#include <unistd.h>

#include <iostream>
#include <utility>

namespace sigtoken::cli {
namespace {

constexpr std::chrono::seconds kShortWork{1};
constexpr std::chrono::milliseconds kBetweenLines{100};

}  // namespace

Progress::Progress(const GlobalOptions& options, std::string what)
    : wanted_(!options.quiet && isatty(STDERR_FILENO) == 1),
      what_(std::move(what)),
      next_(Clock::now() + kShortWork) {}

Progress::~Progress() {
  if (width_ == 0) return;
  std::cerr << '\r' << std::string(width_, ' ') << '\r' << std::flush;
}

void Progress::Show(std::size_t done, std::size_t all) {
  if (!wanted_ || Clock::now() < next_) return;
  const std::string line =
      std::to_string(done) + " of " + std::to_string(all) + " " + what_;
  // The numbers only grow: no line is shorter than the one before.
  std::cerr << '\r' << line << std::flush;
  width_ = line.size();
  next_ = Clock::now() + kBetweenLines;
}

}  // namespace sigtoken::cli
