#include "tests/matrix/call_log.h"

#include <utility>

namespace sigtoken::testing {

void CallLog::Count(const LoggedCall& call) {
  // What failed has done nothing: no rule here says "after".
  if (call.rv != CKR_OK) return;
  if (call.function == "C_Initialize") initialized_ = true;
  if (call.function == "C_Finalize") {
    initialized_ = false;
    sessions_ = 0;
  }
  if (call.function == "C_OpenSession") ++sessions_;
  if (call.function == "C_CloseSession") --sessions_;
}

std::vector<LoggedCall> CallLog::Take() {
  if (!stream_.is_open()) stream_.open(file_);
  stream_.clear();
  std::vector<LoggedCall> calls;
  LoggedCall call;
  while (stream_ >> call.function >> std::hex >> call.rv) {
    stream_.ignore(80, '\n');  // The process.
    Count(call);
    calls.push_back(std::exchange(call, {}));
  }
  return calls;
}

}  // namespace sigtoken::testing
