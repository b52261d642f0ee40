#include "tests/storms/child.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

namespace sigtoken::testing {

Child::Child(const std::function<int(const Reporter&)>& work) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) {
    ADD_FAILURE() << "pipe: " << errno;
    return;
  }
  pid_ = fork();
  if (pid_ == 0) {
    close(ends[0]);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = ends[1];
    const int status = work([out](const std::string& line) {
      const std::string text = line + "\n";
      // Shorter than PIPE_BUF: written whole or not at all.
      if (write(out, text.data(), text.size()) < 0) _exit(99);
    });
    _exit(status);
  }
  close(ends[1]);
  pipe_ = ends[0];
}

Child::~Child() {
  if (pid_ > 0) {
    Kill();
    Wait();
  }
  if (pipe_ >= 0) close(pipe_);
}

void Child::Kill() { kill(pid_, SIGKILL); }

bool Child::AwaitMore() {
  std::array<char, 4096> buffer{};
  ssize_t count = -1;
  do {
    count = read(pipe_, buffer.data(), buffer.size());
  } while (count < 0 && errno == EINTR);
  if (count <= 0) return false;
  unread_.append(buffer.data(), static_cast<std::size_t>(count));
  std::size_t begin = 0;
  for (std::size_t end = unread_.find('\n'); end != std::string::npos;
       end = unread_.find('\n', begin)) {
    reports_.push_back(unread_.substr(begin, end - begin));
    begin = end + 1;
  }
  unread_.erase(0, begin);
  return true;
}

void Child::AwaitReport() {
  while (reports_.empty() && AwaitMore()) {
  }
}

int Child::Wait() {
  while (AwaitMore()) {
  }
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace sigtoken::testing
