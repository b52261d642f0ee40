// A process of a storm: works until it is done or killed, and reports line by
// line.

#ifndef TESTS_STORMS_CHILD_H_
#define TESTS_STORMS_CHILD_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace sigtoken::testing {

// What a child says. A line that was written whole arrives, whatever becomes of
// the child after it.
using Reporter = std::function<void(const std::string& line)>;

class Child {
 public:
  // Forks; in the child `work` runs, and its value is the exit status. The
  // parent must not have loaded a module.
  explicit Child(const std::function<int(const Reporter&)>& work);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  // Kills what still runs.
  ~Child();

  // Until the child has said something, or has ended.
  void AwaitReport();
  // Until it has said more; false when it has ended.
  bool AwaitMore();
  void Kill();
  // Exit status, or 128 and the signal's number. Reads all reports first, so a
  // child is never stuck on its pipe.
  int Wait();

  // Whole lines; complete after Wait(), or once AwaitMore() was false.
  const std::vector<std::string>& reports() const { return reports_; }

 private:
  std::string unread_;  // What has not become a report yet.
  pid_t pid_ = -1;
  int pipe_ = -1;
  std::vector<std::string> reports_;
};

}  // namespace sigtoken::testing

#endif  // TESTS_STORMS_CHILD_H_
