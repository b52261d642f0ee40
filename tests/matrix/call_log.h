// CallLog: what the fault module was asked for and answered.

#ifndef TESTS_MATRIX_CALL_LOG_H_
#define TESTS_MATRIX_CALL_LOG_H_

#include <p11-kit/pkcs11.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace sigtoken::testing {

struct LoggedCall {
  std::string function;
  CK_RV rv = CKR_OK;
};

// Follows the log of a FaultModule (SIGTOKEN_FAULT_LOG) that one process
// writes.
class CallLog {
 public:
  explicit CallLog(const std::filesystem::path& file) : file_(file) {}

  // What was called since this was last asked.
  std::vector<LoggedCall> Take();

  // As they were at the last Take(): whether the module is initialised, and how
  // many sessions the module has open that were not closed.
  bool initialized() const { return initialized_; }
  std::size_t sessions() const { return sessions_; }

 private:
  void Count(const LoggedCall& call);

  std::filesystem::path file_;
  std::ifstream stream_;
  bool initialized_ = false;
  std::size_t sessions_ = 0;
};

}  // namespace sigtoken::testing

#endif  // TESTS_MATRIX_CALL_LOG_H_
