// How far a long work has come, for who waits at a terminal.

#ifndef TOOLS_CLI_PROGRESS_H_
#define TOOLS_CLI_PROGRESS_H_

#include <chrono>
#include <cstddef>
#include <string>

#include "tools/cli/command.h"

namespace sigtoken::cli {

// One line on stderr that is written over again and again, and is gone at the
// end: "120 of 500 keys of IDTTKN.JWT.SECRET". Nothing for work of less than a
// second, with --quiet, and where stderr is no terminal.
class Progress {
 public:
  // `what` is counted.
  Progress(const GlobalOptions& options, std::string what);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void Show(std::size_t done, std::size_t all);

 private:
  using Clock = std::chrono::steady_clock;

  const bool wanted_;
  const std::string what_;
  Clock::time_point next_;
  std::size_t width_ = 0;  // Of the line that is there.
};

}  // namespace sigtoken::cli

#endif  // TOOLS_CLI_PROGRESS_H_
