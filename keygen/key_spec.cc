#include "keygen/key_spec.h"

#include <algorithm>
#include <utility>

#include "pkcs11/base/printable.h"

namespace sigtoken {
namespace {

Error OutOfRange(std::string message, std::string cure) {
  return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD, std::move(message),
                 std::move(cure));
}

}  // namespace

Status CheckTokenCategory(char category) {
  SIGTOKEN_TRY(CheckCategory(category));
  if (IsTokenCategory(category)) return Ok();
  return OutOfRange("keys of category " + Quoted({&category, 1}) +
                        " do not outlive the process that makes them",
                    "use T for a clear or Y for a secure token object");
}

Status CheckSpec(const KeySpec& spec) {
  if (spec.label.size() > kMaxLabelBytes) {
    return OutOfRange("the label " + Quoted(spec.label) + " is longer than " +
                          std::to_string(kMaxLabelBytes) + " bytes",
                      "use a shorter one");
  }
  if (std::any_of(spec.label.begin(), spec.label.end(),
                  [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; })) {
    return OutOfRange(
        "the label " + Quoted(spec.label) + " has control characters",
        "use printable text");
  }
  const bool secure = spec.category == 'Y' || spec.category == 'X';
  if (secure && (spec.exportable || !spec.is_sensitive())) {
    return Refusal(kAttributeValueInvalid, CKR_TEMPLATE_INCONSISTENT,
                   "a key of category " + std::string(1, spec.category) +
                       " is never exportable",
                   "use category T, or leave --exportable out");
  }
  if (spec.verify_only && !spec.may_verify) {
    return Refusal(kTemplateInconsistent, CKR_TEMPLATE_INCONSISTENT,
                   "the key could neither sign nor verify",
                   "make CKA_SIGN or CKA_VERIFY TRUE");
  }
  if (spec.if_absent && spec.label.empty()) {
    return OutOfRange("--if-absent needs a label to look for",
                      "add --label LABEL");
  }
  return Ok();
}

}  // namespace sigtoken
