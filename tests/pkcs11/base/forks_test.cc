// Who is a child of fork(), and which forks are there to start a program.

#include "pkcs11/base/forks.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/forked.h"

namespace sigtoken {
namespace {

TEST(ForksTest, EachChildIsOfAnotherGeneration) {
  const unsigned parents = ForkGeneration();
  EXPECT_EQ(testing::InChild([&] {
              const unsigned childs = ForkGeneration();
              if (childs == parents) return 1;
              return testing::InChild([&] {
                return ForkGeneration() != childs && ForkGeneration() != parents
                           ? 42
                           : 2;
              });
            }),
            42);
  EXPECT_EQ(ForkGeneration(), parents);
}

TEST(ForksTest, OneToExecIsSaidOfAThread) {
  EXPECT_FALSE(ForkToExec::OfThisThread());
  {
    const ForkToExec fork_to_exec;
    EXPECT_TRUE(ForkToExec::OfThisThread());
    bool others = true;
    std::thread([&] { others = ForkToExec::OfThisThread(); }).join();
    EXPECT_FALSE(others);
  }
  EXPECT_FALSE(ForkToExec::OfThisThread());
}

}  // namespace
}  // namespace sigtoken
