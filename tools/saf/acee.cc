#include "tools/saf/acee.h"

#include <algorithm>
#include <cstring>

#include "signer/racf/user_id.h"

namespace sigtoken::saf {
namespace {

constexpr std::string_view kEyecatcher = ACEE_EYECATCHER;
constexpr std::string_view kNobody = "*";

}  // namespace

Result<std::string> UserOf(const ACEE* acee, std::string_view what) {
  ACEE copy;
  std::memcpy(&copy, acee, sizeof copy);
  if (!std::ranges::equal(copy.ACEEACEE, kEyecatcher)) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   std::string(what) +
                       " does not point at an ACEE: its eyecatcher is not ACEE",
                   "make one with acee_init() or racroute_verify()");
  }
  const std::size_t length = copy.ACEEUSRL;
  if (length == 0 || length > sizeof copy.ACEEUSRI) {
    return Refusal(
        kParameterInvalid, CKR_ARGUMENTS_BAD,
        "ACEEUSRL of " + std::string(what) + " is " + std::to_string(length),
        "make the ACEE of a user: the length is 1 to 8");
  }
  std::string user(copy.ACEEUSRI, length);
  SIGTOKEN_TRY(CheckUserId(user, "user of " + std::string(what)));
  return user;
}

void WriteAcee(ACEE* acee, std::string_view user) {
  if (user.empty()) user = kNobody;
  ACEE copy{};
  std::ranges::copy(kEyecatcher, copy.ACEEACEE);
  copy.ACEEUSRL = static_cast<std::uint8_t>(user.size());
  std::ranges::fill(copy.ACEEUSRI, ' ');
  std::ranges::copy(user, copy.ACEEUSRI);
  std::memcpy(acee, &copy, sizeof copy);
}

}  // namespace sigtoken::saf

extern "C" {

int acee_init(ACEE* acee, const char* userid) {
  if (acee == nullptr || userid == nullptr || !sigtoken::IsUserId(userid)) {
    return 8;
  }
  sigtoken::saf::WriteAcee(acee, userid);
  return 0;
}

}  // extern "C"
