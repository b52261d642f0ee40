// A child of the test's own process.

#ifndef TESTS_FORKED_H_
#define TESTS_FORKED_H_

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <string>

namespace sigtoken::testing {

// Forks; in the child `work` runs and its value is the exit status. Nothing of
// gtest may be used there: it is the parent's.
inline pid_t Fork(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  return child;
}

// Exit status, or 128 and the signal's number.
inline int Wait(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

inline int InChild(const std::function<int()>& work) {
  return Wait(Fork(work));
}

}  // namespace sigtoken::testing

#endif  // TESTS_FORKED_H_
