#include "tools/cli/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace sigtoken::cli {
namespace {

// The exit status of a child that calls `check`: what HardenProcess() changes
// does not come back.
template <typename Check>
int InAChild(const Check& check) {
  const pid_t child = fork();
  if (child == 0) _exit(check());
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(HardenProcessTest, LeavesNoCoreFileAndNoDebuggerIn) {
  EXPECT_EQ(InAChild([] {
              HardenProcess();
              rlimit limit{1, 1};
              getrlimit(RLIMIT_CORE, &limit);
              if (limit.rlim_cur != 0 || limit.rlim_max != 0) return 1;
              return prctl(PR_GET_DUMPABLE) == 0 ? 0 : 2;
            }),
            0);
}

TEST(HardenProcessTest, MakesFilesPrivateAndABrokenPipeAnError) {
  EXPECT_EQ(InAChild([] {
              HardenProcess();
              if (umask(0) != 0077) return 1;
              int ends[2];
              if (pipe(ends) != 0) return 2;
              close(ends[0]);
              return write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 3;
            }),
            0);
}

TEST(HardenProcessTest, LeavesNoStandardDescriptorFree) {
  for (int closed = 1; closed < 8; ++closed) {
    EXPECT_EQ(InAChild([&] {
                for (int i = 0; i < 3; ++i) {
                  if ((closed >> i & 1) != 0) close(i);
                }
                HardenProcess();
                return open("/dev/null", O_RDONLY) > STDERR_FILENO ? 0 : 1;
              }),
              0)
        << closed;
  }
}

TEST(HardenProcessTest, WhatWasClosedStillFails) {
  EXPECT_EQ(InAChild([] {
              for (int i = 0; i < 3; ++i) close(i);
              HardenProcess();
              char byte = 0;
              if (read(STDIN_FILENO, &byte, 1) != -1 || errno != EBADF)
                return 1;
              for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {
                if (write(output, "x", 1) != -1 || errno != EBADF) return 2;
              }
              return 0;
            }),
            0);
}

TEST(HardenProcessTest, WhatIsOpenStaysAsItIs) {
  EXPECT_EQ(InAChild([] {
              struct stat before[3];
              struct stat after[3];
              for (int i = 0; i < 3; ++i) fstat(i, &before[i]);
              HardenProcess();
              for (int i = 0; i < 3; ++i) {
                fstat(i, &after[i]);
                if (before[i].st_ino != after[i].st_ino) return 1;
              }
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace sigtoken::cli
