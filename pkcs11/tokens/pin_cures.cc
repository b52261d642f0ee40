#include "pkcs11/tokens/pin_cures.h"

#include "pkcs11/base/file_check.h"

namespace sigtoken {
namespace {

// For a command that is to be pasted into a shell: whoever makes a token says
// how it is labelled.
bool IsPlain(const std::string& text) {
  return text.find_first_of("'\\") == std::string::npos;
}

// OpenSC's tool, which asks for the PINs.
std::string Tool(const TokenIdentity& token, const std::string& options) {
  return "pkcs11-tool --module " + QuotedPath(token.module_path) +
         (token.label.empty() || !IsPlain(token.label)
              ? ""
              : " --token-label " + QuotedPath(token.label)) +
         " --login " + options + ", or the HSM's own tool";
}

std::string SetInTheToken(CK_RV rv, PinOwner owner,
                          const TokenIdentity& token) {
  const bool officer = owner == PinOwner::kSecurityOfficer;
  if (rv == CKR_PIN_EXPIRED) {
    return officer ? "change the security officer's PIN (C_SetPIN: " +
                         Tool(token, "--login-type so --change-pin") + ")"
                   : "change it as the user (C_SetPIN: " +
                         Tool(token, "--change-pin") + ")";
  }
  if (officer && rv == CKR_PIN_LOCKED) {
    return "the token has counted too many wrong PINs of its security officer: "
           "unlock it as the vendor's documents say; most tokens have to be "
           "initialised anew for that, which destroys their keys";
  }
  if (rv != CKR_PIN_LOCKED && rv != CKR_USER_PIN_NOT_INITIALIZED) return "";
  return std::string(rv == CKR_PIN_LOCKED
                         ? "the token has counted too many wrong PINs: "
                         : "") +
         "have its security officer set a new user PIN (C_InitPIN: " +
         Tool(token, "--login-type so --init-pin") + ")";
}

}  // namespace

std::string CureOfPin(CK_RV rv, PinOwner owner, const TokenIdentity& token,
                      const std::string& path) {
  const std::string before = SetInTheToken(rv, owner, token);
  if (path.empty()) {
    return before.empty() ? "give the right PIN"
                          : before + "; then start this again with that PIN";
  }
  const std::string file = QuotedPath(path);
  // Its time is all that is known of the old one.
  return before.empty()
             ? "write the right PIN into " + file +
                   ": this one is not tried again"
             : before + "; then write that PIN into " + file +
                   ", even if it is there: sigtoken notices by itself that the "
                   "file has changed, and tries no PIN before";
}

}  // namespace sigtoken
