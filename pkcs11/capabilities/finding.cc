#include "pkcs11/capabilities/finding.h"

#include <array>

#include "pkcs11/base/codes.h"

namespace sigtoken {

std::string_view NameOf(CheckStatus status) {
  constexpr std::array<std::string_view, 4> kNames = {"ok", "limited",
                                                      "missing", "failed"};
  return kNames.at(static_cast<std::size_t>(status));
}

std::string AnswerOf(std::string_view function, CK_RV rv) {
  return std::string(function) + " answered " + CkRvName(rv);
}

std::string AnswerOf(const Error& error) {
  if (error.call.empty()) return error.message;
  // CKR_OK beside what cannot be (cryptoki/mac.cc, objects.cc).
  if (error.cure.starts_with("the module gave")) {
    return error.call + ": " + error.cure;
  }
  return AnswerOf(error.call, error.rv);
}

std::string Count(std::size_t number, std::string_view thing) {
  return std::to_string(number) + " " + std::string(thing) +
         (number == 1 ? "" : "s");
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace sigtoken
