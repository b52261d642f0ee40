// CallersIdta: the IDTA of a C program, and the buffer that it points at.

#ifndef TOOLS_SAF_CALLERS_IDTA_H_
#define TOOLS_SAF_CALLERS_IDTA_H_

#include <string_view>

#include "signer/idta/idta.h"
#include "tools/saf/include/irrpidta.h"

namespace sigtoken::saf {

// Nothing is checked: CheckIdta() does that.
Idta FieldsOf(const IDTA& idta);

// Read once, when it is made, and written where it says so. It need not be
// aligned: programs keep areas as they like.
class CallersIdta {
 public:
  // Precondition: not null.
  explicit CallersIdta(IDTA* theirs);

  Idta fields() const { return FieldsOf(read_); }

  // The IDTA_IDT_Len bytes of the buffer, of which none is read here. Empty
  // where the fields cannot be right: there is no buffer, or it is shorter.
  std::string_view Token() const;

  // Precondition: CheckIdta() had no finding, and the token is no longer than
  // IDTA_IDT_Buffer_Len.
  void WriteToken(std::string_view token) const;

  // The three fields that services change.
  void WriteBack(const Idta& idta) const;

 private:
  IDTA* theirs_;
  IDTA read_{};
};

// As the services do (signer/idta/write_back.h), for a request that is refused
// before one of them sees it. Does nothing for null.
void ClearOutputs(IDTA* theirs);

}  // namespace sigtoken::saf

#endif  // TOOLS_SAF_CALLERS_IDTA_H_
