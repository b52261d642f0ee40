// Answer: from a service's outcome to its three codes and, where it is wanted,
// the line that says why.

#ifndef TOOLS_SAF_ANSWER_H_
#define TOOLS_SAF_ANSWER_H_

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/error.h"
#include "signer/idt/generate.h"
#include "signer/idta/racroute.h"
#include "signer/racf/codes.h"

namespace sigtoken::saf {

struct Answer {
  const char* service;  // The name that the program called, for messages.
  RacfSurface surface;
  RacfCode fault;  // After an exception.
  // Where the codes go; each may be null.
  std::int32_t* saf;
  std::int32_t* racf;
  std::int32_t* reason;

  // Writes the codes; gives the first.
  std::int32_t Write(RacfCode code) const;

  std::int32_t WriteRefusal(RacfCode code, const Error& error) const;
  std::int32_t WriteGenerated(const GenerateResult& result) const;
  std::int32_t WriteRacroute(const RacrouteResult& result) const;

  // For Guard(). Allocates nothing: `what` may be a bad_alloc's.
  std::int32_t WriteFault(const char* what) const;

 private:
  // The codes are there: what cannot be said any more changes them no more.
  template <typename Words>
  std::int32_t Explain(RacfCode code, const Words& words) const {
    try {
      words();
    } catch (const std::exception&) {
      return code.saf;
    }
    return code.saf;
  }
  void Say(const std::string& text) const;
  void Say(std::string_view why, RacfCode code) const;
  void SayNoToken(const GenerateResult& result, RacfCode code) const;
  void Warn(const std::vector<std::string>& warnings) const;
};

}  // namespace sigtoken::saf

#endif  // TOOLS_SAF_ANSWER_H_
