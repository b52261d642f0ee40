// What kind of module and token it is, and who may use it.

#include <algorithm>
#include <string>
#include <vector>

#include "pkcs11/base/printable.h"
#include "pkcs11/capabilities/checks.h"
#include "pkcs11/tokens/key_attributes.h"
#include "pkcs11/tokens/object_index.h"

namespace sigtoken {
namespace {

std::string Version(const CK_VERSION& version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

// A number that every token of a module has tells none of them from another:
// zeros (NSS, tpm2-pkcs11), "123" (openCryptoki).
bool TellsTokensApart(const std::string& serial) {
  constexpr std::size_t kLeast = 4;
  return serial.size() >= kLeast &&
         serial.find_first_not_of('0') != std::string::npos;
}

Result<CK_TOKEN_INFO> TokenInfoNow(const Session& session) {
  CK_SESSION_INFO info{};
  SIGTOKEN_TRY(
      Check(Call("C_GetSessionInfo", session.functions().C_GetSessionInfo,
                 session.handle(), &info),
            "look at a session"));
  return session.module().TokenInfo(info.slotID);
}

}  // namespace

Result<Finding> CheckModule(Scratch& scratch) {
  SIGTOKEN_ASSIGN(const Session session, scratch.Open(Access::kReadOnly));
  SIGTOKEN_ASSIGN(const CK_INFO info, session.module().Info());
  const std::string what = Printable(Trimmed(info.manufacturerID)) + ", " +
                           Printable(Trimmed(info.libraryDescription)) + " " +
                           Version(info.libraryVersion) + ", Cryptoki " +
                           Version(info.cryptokiVersion);
  return Finding{CheckStatus::kOk, what,
                 scratch.token().is_of_this_host()
                     ? "its token lies in files of this host, where sigtoken "
                       "keeps all its users apart by a lock"
                     : "sigtoken reckons with other hosts that share its "
                       "token"};
}

Result<Finding> CheckToken(Scratch& scratch) {
  const CK_TOKEN_INFO& info = scratch.token().info();
  const std::string serial = Trimmed(info.serialNumber);
  const std::string what = "label " + Quoted(Trimmed(info.label)) +
                           ", serial number " + Quoted(serial);
  if (info.flags & CKF_WRITE_PROTECTED) {
    return Finding{CheckStatus::kLimited, what + ", write-protected",
                   "keys are not made in it: adopt those that are there"};
  }
  if (!TellsTokensApart(serial)) {
    return Finding{CheckStatus::kLimited, what,
                   "the number is no one token's: give each a label of its "
                   "own"};
  }
  return Finding{CheckStatus::kOk, what, "its URI can name it and no other"};
}

Result<Finding> CheckLogin(Scratch& scratch) {
  Known& known = scratch.known();
  const CK_FLAGS flags = scratch.token().info().flags;
  SIGTOKEN_ASSIGN(Session second, scratch.Open(Access::kReadOnly));
  if (!(flags & CKF_LOGIN_REQUIRED)) {
    return Finding{CheckStatus::kLimited, "none is required",
                   "whoever can load the module can sign: set a user PIN"};
  }
  SIGTOKEN_ASSIGN(known.has_sessions, second.IsLoggedIn());
  if (!known.has_sessions) {
    return Finding{CheckStatus::kFailed,
                   "a session beside the one that logged in is not",
                   "sigtoken cannot sign: its sessions share one login"};
  }
  std::string what = flags & CKF_PROTECTED_AUTHENTICATION_PATH
                         ? "the token may ask at a keypad of its own"
                         : "a PIN is required";
  what += ", and every session shares it";
  const auto again = scratch.token().LoginAgain(scratch.held(), second);
  if (again) what += "; once more: " + AnswerOf("C_Login", *again);
  if (again && *again != CKR_USER_ALREADY_LOGGED_IN && *again != CKR_OK) {
    return Finding{CheckStatus::kLimited, what,
                   "let no other part of a program log in to it"};
  }
  return Finding{CheckStatus::kOk, what,
                 "sigtoken logs in once a process, and not for each request"};
}

Result<Finding> CheckPin(Scratch& scratch) {
  SIGTOKEN_ASSIGN(const Session session, scratch.Open(Access::kReadOnly));
  SIGTOKEN_ASSIGN(const CK_TOKEN_INFO info, TokenInfoNow(session));
  const std::string what = std::to_string(info.ulMinPinLen) + " to " +
                           std::to_string(info.ulMaxPinLen) + " bytes";
  if (info.flags & CKF_USER_PIN_TO_BE_CHANGED) {
    return Finding{CheckStatus::kLimited, what + ", and is to be changed",
                   "change it with the vendor's tool before it expires"};
  }
  if (info.flags & CKF_USER_PIN_COUNT_LOW) {
    return Finding{CheckStatus::kLimited,
                   what + "; the token says that a wrong one was tried",
                   "see who did: too many lock some tokens for good"};
  }
  return Finding{CheckStatus::kOk, what,
                 "a wrong one is tried once, until its file changes"};
}

Result<Finding> CheckKeysOfOthers(Scratch& scratch) {
  // To read each of thousands takes a while in an HSM.
  constexpr std::size_t kMostLookedAt = 100;
  SIGTOKEN_ASSIGN(Session session, scratch.Open(Access::kReadOnly));
  SIGTOKEN_ASSIGN(auto objects, KeyObjects(session));
  const std::size_t all = objects.size();
  objects.resize(std::min(all, kMostLookedAt));
  std::size_t& usable = scratch.known().keys_of_others;
  for (const CK_OBJECT_HANDLE object : objects) {
    SIGTOKEN_ASSIGN(const KeyAttributes key,
                    ReadKeyAttributes(session, object));
    if (key.IsHmacKey() && (key.Is(CKA_SIGN) || key.Is(CKA_VERIFY))) ++usable;
  }
  if (usable == 0) {
    return Finding{CheckStatus::kOk,
                   "none for HMAC among " + Count(all, "secret key"),
                   "none is there to be adopted"};
  }
  return Finding{CheckStatus::kOk,
                 Count(all, "secret key") + ", " + std::to_string(usable) +
                     (all > kMostLookedAt ? " of the first 100" : "") +
                     " for HMAC",
                 "'sigtoken key adopt' gives a handle to what others made"};
}

}  // namespace sigtoken
