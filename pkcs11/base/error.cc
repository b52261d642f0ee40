#include "pkcs11/base/error.h"

#include <cstdio>
#include <utility>

#include "pkcs11/base/codes.h"

namespace sigtoken {

std::string Sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text;
}

Error Refusal(IcsfCode icsf, CK_RV rv, std::string message, std::string cure) {
  return Error{rv, "", std::move(message), std::move(cure), icsf};
}

Error Unavailable(std::string message, std::string cure) {
  return Refusal(kNotAvailable, CKR_TOKEN_NOT_PRESENT, std::move(message),
                 std::move(cure));
}

Error OutputTooShort(std::string_view what, std::size_t room,
                     std::size_t needed) {
  Error error = Refusal(kOutputTooShort, CKR_BUFFER_TOO_SMALL,
                        "the buffer for " + std::string(what) + " has " +
                            std::to_string(room) + " bytes and needs " +
                            std::to_string(needed),
                        "pass a buffer of the length that came back");
  error.needed_bytes = needed;
  return error;
}

Error Fault(std::string message) {
  return Refusal(kInternalFault, CKR_GENERAL_ERROR, std::move(message),
                 "report this, with the command that led to it");
}

IcsfCode ToIcsf(const Error& error) {
  return error.icsf ? *error.icsf : IcsfOf(error.rv);
}

std::string ToText(const Error& error) {
  const IcsfCode icsf = ToIcsf(error);
  char codes[64];
  static_cast<void>(std::snprintf(codes, sizeof codes, " (ICSF %d/%d, X'%X')",
                                  icsf.return_code, icsf.reason_code,
                                  static_cast<unsigned>(icsf.reason_code)));
  std::string text = error.message;
  if (!error.call.empty()) {
    text += ": " + error.call + " answered " + CkRvName(error.rv);
  }
  text += codes;
  return error.cure.empty() ? text : text + ". " + Sentence(error.cure);
}

}  // namespace sigtoken
