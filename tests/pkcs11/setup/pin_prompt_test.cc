#include "pkcs11/setup/pin_prompt.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <string>

#include "pkcs11/setup/pin_source.h"
#include "tests/embedded_home.h"
#include "tests/forked.h"

namespace sigtoken {
namespace {

using testing::Must;

constexpr int kForEver = 20'000;  // Milliseconds.

// "PIN: 1234", or the refusal.
std::string Text(const Result<Secret>& pin) {
  if (!pin) return ToText(pin.error());
  return "PIN: " +
         std::string(reinterpret_cast<const char*>(pin->data()), pin->size());
}

std::string Ask() { return Text(AskForPin("PIN", 255)); }

// A person at a terminal, and a child that asks.
class PinPromptTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(openpty(&person_, &terminal_, nullptr, nullptr, nullptr), 0);
    // Not as it comes: what is put back must be what was there.
    termios flags = Flags();
    flags.c_lflag &= ~static_cast<tcflag_t>(ECHOCTL);
    flags.c_cc[VEOL] = 7;
    ASSERT_EQ(tcsetattr(terminal_, TCSANOW, &flags), 0);
  }
  void TearDown() override {
    close(person_);
    close(terminal_);
  }

  termios Flags() const {
    termios flags{};
    EXPECT_EQ(tcgetattr(terminal_, &flags), 0);
    return flags;
  }

  // Runs `ask` in a session of its own, whose terminal is ours.
  void Start(const std::function<std::string()>& ask, bool with_terminal) {
    int result[2];
    ASSERT_EQ(pipe(result), 0);
    child_ = testing::Fork([&] {
      close(person_);
      if (setsid() < 0) return 2;
      if (with_terminal && ioctl(terminal_, TIOCSCTTY, 0) != 0) return 3;
      const std::string text = ask();
      return write(result[1], text.data(), text.size()) ==
                     static_cast<ssize_t>(text.size())
                 ? 0
                 : 4;
    });
    close(result[1]);
    result_ = result[0];
  }

  // What the terminal shows, until it ends with `end`.
  void ShowUntil(const std::string& end) {
    pollfd wait{person_, POLLIN, 0};
    while (!shown_.ends_with(end) && poll(&wait, 1, kForEver) == 1) {
      char byte = 0;
      if (read(person_, &byte, 1) != 1) return;
      shown_ += byte;
    }
  }
  void Type(const std::string& text) const {
    ASSERT_EQ(write(person_, text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }
  // What the child said; it is not killed and ends well.
  std::string Answer() {
    std::string text(512, '\0');
    pollfd wait{result_, POLLIN, 0};
    if (poll(&wait, 1, kForEver) != 1) {
      ADD_FAILURE() << "it asks still";
      kill(child_, SIGKILL);
    }
    const ssize_t size = read(result_, text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    close(result_);
    EXPECT_EQ(testing::Wait(child_), 0);
    return text;
  }

  // A person is asked, types `keys`, and nothing of it is shown; afterwards the
  // terminal is as it was.
  std::string AskAndType(const std::string& keys,
                         const std::function<std::string()>& ask = Ask,
                         const std::string& question = "PIN: ") {
    const termios before = Flags();
    shown_.clear();
    Start(ask, true);
    ShowUntil(question);
    EXPECT_EQ(Flags().c_lflag & (ECHO | ECHONL), 0U);
    Type(keys);
    std::string answer = Answer();
    ShowUntil("\n");
    EXPECT_EQ(shown_, question + "\r\n");
    const termios after = Flags();
    EXPECT_EQ(after.c_lflag, before.c_lflag);
    EXPECT_EQ(after.c_iflag, before.c_iflag);
    EXPECT_EQ(after.c_oflag, before.c_oflag);
    EXPECT_EQ(after.c_cflag, before.c_cflag);
    for (int i = 0; i < NCCS; ++i) EXPECT_EQ(after.c_cc[i], before.c_cc[i]);
    // Nor does what nobody read go to the program that comes next.
    int unread = -1;
    EXPECT_EQ(ioctl(terminal_, FIONREAD, &unread), 0);
    EXPECT_EQ(unread, 0);
    return answer;
  }

  int person_ = -1;    // The master side,
  int terminal_ = -1;  // and the other one.
  int result_ = -1;
  pid_t child_ = -1;
  std::string shown_;
};

constexpr const char* kNone =
    "no PIN was typed (ICSF 8/16000, X'3E80'). Run this again and type it";
constexpr const char* kTooLong =
    "the PIN is too long (ICSF 8/16000, X'3E80'). Run this again and type it";

TEST_F(PinPromptTest, ThePinThatIsTypedIsReadAndNotShown) {
  EXPECT_EQ(AskAndType("1234\n"), "PIN: 1234");
  EXPECT_EQ(AskAndType(" \xC3\xA4 b \n"), "PIN:  \xC3\xA4 b ");
}

TEST_F(PinPromptTest, ATypingErrorCanBeRubbedOut) {
  EXPECT_EQ(AskAndType("129\x7F"
                       "34\n"),
            "PIN: 1234");
}

TEST_F(PinPromptTest, CtrlCRefusesAtOnceAndEndsNothing) {
  EXPECT_EQ(AskAndType("\x03"), kNone);
  EXPECT_EQ(AskAndType("1234\x03"), kNone);
}

TEST_F(PinPromptTest, AnEmptyLineIsNoPin) {
  EXPECT_EQ(AskAndType("\n"), kNone);
  EXPECT_EQ(AskAndType("\x04"), kNone);  // Ctrl-D
}

TEST_F(PinPromptTest, APinHasAtMostSoManyBytes) {
  const std::string most(255, 'x');
  EXPECT_EQ(AskAndType(most + "\n"), "PIN: " + most);
  EXPECT_EQ(AskAndType(most + "x\n"), kTooLong);
  EXPECT_EQ(AskAndType(most + "xx\n"), kTooLong);
  EXPECT_EQ(AskAndType(most + std::string(500, 'x') + "\n"), kTooLong);
}

TEST_F(PinPromptTest, WhatIsTypedBeforeTheQuestionIsNoPin) {
  Type("0000\n");
  // The kernel passes it on in a thread of its own.
  int unread = 0;
  while (unread < 5) ASSERT_EQ(ioctl(terminal_, FIONREAD, &unread), 0);
  shown_.clear();
  Start(Ask, true);
  ShowUntil("PIN: ");
  Type("1234\n");
  EXPECT_EQ(Answer(), "PIN: 1234");
}

TEST_F(PinPromptTest, WithoutATerminalItIsRefused) {
  Start(Ask, false);
  EXPECT_EQ(Answer(),
            "there is no terminal to ask for the PIN at (ICSF 8/16000, "
            "X'3E80'). Run this at a terminal, or name a file with "
            "pin-source");
}

TEST_F(PinPromptTest, StandardInputAndOutputAreLeftAlone) {
  int closed[2];
  ASSERT_EQ(pipe(closed), 0);
  close(closed[1]);
  EXPECT_EQ(AskAndType("1234\n",
                       [&] {
                         dup2(closed[0], STDIN_FILENO);
                         dup2(closed[0], STDOUT_FILENO);
                         dup2(closed[0], STDERR_FILENO);
                         return Ask();
                       }),
            "PIN: 1234");
  close(closed[0]);
}

TEST_F(PinPromptTest, ThePinSourcePromptAsksForWhoseItIs) {
  const auto ask = [] {
    return Text(Must(PinSource::Parse("prompt:")).Read("User PIN of A"));
  };
  EXPECT_EQ(AskAndType("1234\n", ask, "User PIN of A: "), "PIN: 1234");
  EXPECT_EQ(AskAndType("\n", ask, "User PIN of A: "), kNone);
}

}  // namespace
}  // namespace sigtoken
