#include "pkcs11/objects/icsf.h"

#include <string>

#include "pkcs11/base/printable.h"
#include "pkcs11/objects/locate.h"

namespace sigtoken {
namespace {

// Ours: more keys than any program uses at once. What is forgotten is found
// again.
constexpr std::size_t kMostKeys = 1024;

// Why there is no key for MACs behind `handle`, which an object may have all
// the same.
Error WhyNoKey(Icsf& icsf, Token& token, const Handle& handle, Error error) {
  if (ToIcsf(error) != kObjectNotFound) return error;
  error = ExplainMissing(icsf, handle, std::move(error));
  if (ToIcsf(error) != kObjectNotFound || !token.Login()) return error;
  const auto held = token.Look();
  if (!held) return error;
  auto session = token.OpenSession(*held, Access::kReadOnly);
  if (!session) return error;
  const auto located = Locate(token, *held, *session, *handle.object());
  if (!located || located->object_class == CKO_SECRET_KEY) return error;
  return Refusal(kKeyTypeInconsistent, CKR_KEY_TYPE_INCONSISTENT,
                 "the object " + handle.FormatShort() + " is no secret key",
                 "HMAC needs a generic secret key");
}

}  // namespace

Result<TokenName> TokenNameOf(std::string_view handle) {
  if (handle.size() != Handle::kLength) {
    return Refusal(kHandleInvalid, CKR_ARGUMENTS_BAD,
                   "the handle has " + std::to_string(handle.size()) +
                       " characters, not 44",
                   "pad the token name with blanks");
  }
  std::string_view name = handle.substr(0, TokenName::kMaxLength);
  name = name.substr(0, name.find_last_not_of(' ') + 1);
  return TokenName::Parse(name);
}

Result<Handle> ObjectHandleOf(std::string_view text) {
  SIGTOKEN_ASSIGN(Handle handle, Handle::Parse(text));
  if (handle.object()) return handle;
  return Refusal(kHandleInvalid, CKR_ARGUMENTS_BAD,
                 Quoted(handle.FormatShort()) +
                     " is the handle of a token, not of an object",
                 "pass the 44 characters that the object's maker gave back");
}

Status CheckIsNoState(const Handle& handle) {
  const char category = handle.object()->category;
  if (category != 'U' && category != 'Z') return Ok();
  return Refusal(
      kHandleInvalid, CKR_ARGUMENTS_BAD,
      Quoted(handle.FormatShort()) + " is the handle of a state object",
      "pass the handle of a key or a data object");
}

Error ExplainMissing(Icsf& icsf, const Handle& handle, Error error) {
  if (ToIcsf(error) != kObjectNotFound || !icsf.sessions().Find(handle)) {
    return error;
  }
  return Refusal(kSessionObjectGone, CKR_SESSION_HANDLE_INVALID,
                 "the session object " + handle.FormatShort() +
                     " went with the login in which it was made",
                 "make it again");
}

Result<std::shared_ptr<Token>> Icsf::FindToken(std::string_view handle) {
  SIGTOKEN_ASSIGN(const TokenName name, TokenNameOf(handle));
  return directory_.FindToken(name);
}

Result<Key> Icsf::FindKey(const Handle& handle) {
  SIGTOKEN_TRY(CheckIsNoState(handle));
  SIGTOKEN_ASSIGN(const auto token, directory_.FindToken(handle.token_name()));
  {
    const std::lock_guard lock(keys_mutex_);
    const auto found = keys_.find(handle);
    // Not one of a token that another process has deleted since.
    if (found != keys_.end() && &found->second.token() == token.get()) {
      return found->second;
    }
  }
  auto key = Key::Find(token, *handle.object());
  if (!key) return WhyNoKey(*this, *token, handle, std::move(key).error());
  const std::lock_guard lock(keys_mutex_);
  if (keys_.size() >= kMostKeys) keys_.clear();
  keys_.insert_or_assign(handle, *key);
  return key;
}

void Icsf::Forget(const Handle& handle) {
  const std::lock_guard lock(keys_mutex_);
  keys_.erase(handle);
}

void Icsf::ForgetAllOf(const TokenName& name) {
  const std::lock_guard lock(keys_mutex_);
  std::erase_if(keys_, [&](const auto& entry) {
    return entry.first.token_name() == name;
  });
}

}  // namespace sigtoken
