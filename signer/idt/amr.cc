#include "signer/idt/amr.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sigtoken {
namespace {

enum class Method { kSaf, kAcee, kMfa };

// Which SAF value an MFA value has beside it.
enum class Beside { kMayHaveAny, kNeedsAny, kNeedsPasswordOrPhrase };

struct AmrRow {
  std::string_view value;
  Method method;
  Beside beside;
  bool password_or_phrase;
  bool fully_authenticated;
  // "The user must set a new knowledge factor".
  bool needs_new = false;
};

// OA63462, "RACROUTE use of the AMR Claim Details".
constexpr auto kRows = std::to_array<AmrRow>({
    {kAmrPassword, Method::kSaf, Beside::kMayHaveAny, true, true},
    {kAmrPhrase, Method::kSaf, Beside::kMayHaveAny, true, true},
    {kAmrPassTicket, Method::kSaf, Beside::kMayHaveAny, false, true},
    {kAmrAcee, Method::kAcee, Beside::kMayHaveAny, false, true},
    {"mfa-only", Method::kMfa, Beside::kMayHaveAny, false, true},
    {"mfa-ptkt", Method::kMfa, Beside::kMayHaveAny, false, true},
    {"mfa-comp", Method::kMfa, Beside::kNeedsPasswordOrPhrase, false, true},
    {"mfa-pwfb", Method::kMfa, Beside::kNeedsAny, false, true},
    {"mfa-bypass", Method::kMfa, Beside::kNeedsAny, false, true},
    {"mfa-exp", Method::kMfa, Beside::kMayHaveAny, false, false, true},
    {"mfa-newinv", Method::kMfa, Beside::kMayHaveAny, false, false, true},
    {"mfa-nmi", Method::kMfa, Beside::kMayHaveAny, false, false},
});

const AmrRow* Find(std::string_view value) {
  const auto* row = std::find_if(
      kRows.begin(), kRows.end(),
      [&](const AmrRow& candidate) { return candidate.value == value; });
  return row != kRows.end() ? row : nullptr;
}

Error NotValid(std::string why) {
  return Refusal(
      kParameterInvalid, CKR_ARGUMENTS_BAD,
      "amr is not valid: " + std::move(why),
      "use one SAF value (saf-pwd, saf-phr, saf-ptkt), one MFA value "
      "(mfa-only, mfa-ptkt, mfa-comp, mfa-pwfb, mfa-bypass, mfa-exp, "
      "mfa-newinv, mfa-nmi) or one of each, or saf-acee alone");
}

}  // namespace

Status CheckAmr(std::span<const std::string> values) {
  if (values.empty()) return NotValid("it is empty");
  const AmrRow* saf = nullptr;
  const AmrRow* mfa = nullptr;
  for (const std::string& value : values) {
    const AmrRow* row = Find(value);
    if (row == nullptr) return NotValid("it has an unknown value");
    if (row->method == Method::kAcee && values.size() > 1) {
      return NotValid("saf-acee stands alone");
    }
    const AmrRow*& seen = row->method == Method::kMfa ? mfa : saf;
    if (seen != nullptr) {
      return NotValid(std::string(seen->value) + " and " +
                      std::string(row->value) + " exclude each other");
    }
    seen = row;
  }
  if (mfa == nullptr) return Ok();
  if (mfa->beside != Beside::kMayHaveAny && saf == nullptr) {
    return NotValid(std::string(mfa->value) + " needs a SAF value beside it");
  }
  if (mfa->beside == Beside::kNeedsPasswordOrPhrase &&
      !saf->password_or_phrase) {
    return NotValid(std::string(mfa->value) +
                    " needs saf-pwd or saf-phr beside it");
  }
  return Ok();
}

bool IsAmrValue(std::string_view value) { return Find(value) != nullptr; }

std::vector<std::string> AmrNow(std::span<const std::string> of_token,
                                std::string_view credential, bool sets_new) {
  std::vector<std::string> now;
  for (const std::string& value : of_token) {
    const AmrRow* row = Find(value);
    if (row == nullptr || row->method != Method::kMfa) return {};
    if (row->needs_new && !sets_new) return {};
    if (row->fully_authenticated) now.push_back(value);
  }
  now.emplace_back(credential);
  return now;
}

bool IsFullyAuthenticated(std::span<const std::string> values) {
  return std::all_of(values.begin(), values.end(),
                     [](const std::string& value) {
                       const AmrRow* row = Find(value);
                       return row != nullptr && row->fully_authenticated;
                     });
}

}  // namespace sigtoken
