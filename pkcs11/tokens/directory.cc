#include "pkcs11/tokens/directory.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "pkcs11/base/file_check.h"
#include "pkcs11/base/printable.h"
#include "pkcs11/store/schema.h"
#include "pkcs11/tokens/object_index.h"
#include "pkcs11/tokens/places.h"

namespace sigtoken {
namespace {

// How soon a program that stays hears that another one has replaced a token,
// and how often its tokens may be asked to make way for a new one (ours).
constexpr std::chrono::seconds kLookInterval{1};
constexpr std::chrono::seconds kMakeWayInterval{1};

}  // namespace

Error NotConfigured(const TokenName& name) {
  return Refusal(kTokenNotFound, CKR_TOKEN_NOT_PRESENT,
                 "the configuration does not bind the name " + name.text() +
                     " and does not use the embedded store",
                 "add a [[token]] of that name, or embedded = true");
}

Error NoSuchToken(const TokenName& name) {
  return Refusal(kTokenNotFound, CKR_TOKEN_NOT_PRESENT,
                 "there is no token " + name.text(),
                 "list the tokens with 'sigtoken token list', or make it with "
                 "'sigtoken token create " +
                     name.text() + "'");
}

Result<std::unique_ptr<Directory>> Directory::Open(
    const Configuration& configuration) {
  SIGTOKEN_TRY(MakePlaces(configuration));
  SIGTOKEN_ASSIGN(auto database, Database::Open(configuration.store_path));
  SIGTOKEN_TRY(MigrateRecords(*database));
  std::unique_ptr<Directory> directory(
      new Directory(configuration, std::move(database)));
  if (!configuration.tokens.empty()) {
    directory->bound_locks_ = HostLockFolder(LockFolder(configuration));
  }
  if (configuration.embedded) {
    SIGTOKEN_ASSIGN(auto store, EmbeddedStore::Open(configuration.home));
    const ModuleSpec spec = store.module();
    directory->embedded_ =
        std::make_shared<Backend>(spec, LockFolder(configuration),
                                  std::move(store), configuration.pauses);
  }
  return directory;
}

Result<std::unique_ptr<Directory>> Directory::OpenWithoutHome(
    const Configuration& configuration) {
  // One that cannot be looked at is there, and says itself why.
  std::error_code ignored;
  if (std::filesystem::status(configuration.store_path, ignored).type() !=
      std::filesystem::file_type::not_found) {
    return Open(configuration);
  }
  SIGTOKEN_ASSIGN(auto database, Database::OpenInMemory());
  SIGTOKEN_TRY(MigrateRecords(*database));
  std::unique_ptr<Directory> directory(
      new Directory(configuration, std::move(database)));
  const auto fallback = LockFolder(configuration);
  directory->bound_locks_ = HostLockFolder(fallback);
  // Where nobody else has a place for locks, only the home is left.
  if (directory->bound_locks_ == fallback) return Open(configuration);
  return directory;
}

const BoundToken* Directory::FindBound(const TokenName& name) const {
  const auto& tokens = configuration_.tokens;
  const auto found =
      std::find_if(tokens.begin(), tokens.end(),
                   [&](const BoundToken& bound) { return bound.name == name; });
  return found == tokens.end() ? nullptr : &*found;
}

Result<std::vector<TokenName>> Directory::Names() {
  std::vector<TokenName> names;
  for (const BoundToken& bound : configuration_.tokens) {
    names.push_back(bound.name);
  }
  if (embedded_) {
    SIGTOKEN_ASSIGN(const auto held, embedded_->Look(nullptr));
    SIGTOKEN_ASSIGN(const auto made, embedded_->embedded()->Names(held));
    for (const TokenName& name : made) {
      // The configuration takes a name over.
      if (!Binds(name) && !name.is_omnipresent()) names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::shared_ptr<Backend>> Directory::BackendOf(const BoundToken& bound) {
  const ModuleSpec spec{bound.uri.module_path().value_or(""), bound.init, "",
                        bound.isolated};
  const std::lock_guard lock(mutex_);
  auto& backend = backends_[CanonicalPath(spec.path) + '\n' + spec.init +
                            (spec.isolated ? "\nisolated" : "")];
  if (!backend) {
    backend = std::make_shared<Backend>(spec, bound_locks_, std::nullopt,
                                        configuration_.pauses);
  }
  return backend;
}

Result<Slot> Directory::FindBoundSlot(Backend& backend,
                                      const HostLock::Shared& held,
                                      const BoundToken& bound) {
  {
    SIGTOKEN_ASSIGN(const auto module, backend.Use(held));
    SIGTOKEN_ASSIGN(const CK_INFO info, module->Info());
    if (!bound.uri.MatchesModule(info)) {
      return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                     "the module " + Quoted(module->spec().path) +
                         " is not the one that the URI of the token " +
                         bound.name.text() + " describes",
                     "correct its library- attributes, or leave them out");
    }
  }
  const auto label = bound.uri.token_label();
  return backend.FindSlot(held,
                          "the token " + bound.name.text() +
                              (label && *label != bound.name.text()
                                   ? " (token=" + Printable(*label) + ")"
                                   : ""),
                          [&](const Slot& slot) {
                            return bound.uri.MatchesToken(slot.info) &&
                                   bound.uri.MatchesSlot(slot.id, slot.slot);
                          });
}

// Somebody else in this process had initialised the module, maybe with another
// store, in which a token may well have the same label.
Status Directory::CheckSerial(const BoundToken& bound, const Slot& slot) {
  SIGTOKEN_ASSIGN(const auto record, FindTokenRecord(*database_, bound.name));
  if (!record) return Ok();
  const TokenIdentity& known = record->identity;
  const std::string serial = Trimmed(slot.info.serialNumber);
  if (!IsSamePath(known.module_path, bound.uri.module_path().value_or("")) ||
      known.label != Trimmed(slot.info.label) || known.serial == serial) {
    return Ok();
  }
  return Unavailable("the token " + bound.name.text() +
                         " has the serial number " + Quoted(known.serial) +
                         ", and the module shows " + Quoted(serial),
                     kInitializedByOthers);
}

Result<std::shared_ptr<Token>> Directory::OpenBound(const BoundToken& bound,
                                                    const TokenName& name) {
  SIGTOKEN_ASSIGN(const auto backend, BackendOf(bound));
  SIGTOKEN_ASSIGN(const auto held, backend->Look(nullptr));
  SIGTOKEN_ASSIGN(const Slot slot, FindBoundSlot(*backend, held, bound));
  SIGTOKEN_ASSIGN(auto module, backend->Use(held));
  if (module->initialized_by_others()) SIGTOKEN_TRY(CheckSerial(bound, slot));
  Token::Pin pin;
  if (bound.pin_source) {
    pin.read = [source = *bound.pin_source, name = bound.name.text()] {
      return source.Read("User PIN of the token " + name);
    };
    SIGTOKEN_ASSIGN(pin.file, bound.pin_source->FilePath());
  }
  // Its keys are token objects, which the omnipresent token has none of.
  return std::make_shared<Token>(
      backend, std::move(module), bound.uri.module_path().value_or(""), slot,
      name, std::move(pin),
      name == bound.name ? bound.keys : std::vector<BoundKey>(), *database_);
}

Result<std::shared_ptr<Token>> Directory::OpenEmbedded(const TokenName& name) {
  if (!embedded_) return NotConfigured(name);
  // All tokens' files, since C_Initialize reads them all.
  SIGTOKEN_ASSIGN(const auto held, embedded_->Look(nullptr));
  SIGTOKEN_ASSIGN(const auto token, embedded_->embedded()->Find(held, name));
  if (!token) return NoSuchToken(name);
  // Its own files, which stop nobody else.
  SIGTOKEN_TRY(embedded_->embedded()->IsTorn(held, *token));
  SIGTOKEN_ASSIGN(
      const Slot slot,
      embedded_->FindSlot(
          held, "the token " + name.text() + " of the embedded store",
          [&](const Slot& candidate) {
            return Trimmed(candidate.info.serialNumber) == token->serial();
          }));
  SIGTOKEN_ASSIGN(auto module, embedded_->Use(held));
  const EmbeddedStore& store = *embedded_->embedded();
  Token::Pin pin{[store, name]() -> Result<Secret> {
                   auto read = store.Pin(name);
                   // Another process may have removed the token meanwhile.
                   if (!read && !store.HasFolder(name)) {
                     return NoSuchToken(name);
                   }
                   return read;
                 },
                 store.PinFile(name).string()};
  return std::make_shared<Token>(
      embedded_, std::move(module), embedded_->spec().path, slot, name,
      std::move(pin), std::vector<BoundKey>(), *database_);
}

// Precondition: the configuration does not bind it.
Result<std::shared_ptr<Token>> Directory::OpenOmnipresent(
    const TokenName& name) {
  if (!embedded_) {
    const auto& tokens = configuration_.tokens;
    return tokens.empty() ? NotConfigured(name)
                          : OpenBound(tokens.front(), name);
  }
  SIGTOKEN_TRY(embedded_->TurnTo());
  const std::lock_guard lock(omnipresent_mutex_);
  auto token = OpenMade(name);
  if (!token && ToIcsf(token.error()) == kTokenNotFound) {
    const auto made = CreateEmbedded(name, {});
    // Another process may just have made it.
    if (!made && ToIcsf(made.error()) != kTokenExists) return made.error();
    token = OpenMade(name);
  }
  return token;
}

Result<std::shared_ptr<Token>> Directory::Open(const TokenName& name) {
  auto token = OpenOnce(name);
  if (token) return token;
  SIGTOKEN_ASSIGN(const auto backend, BackendFor(name));
  if (!backend || !backend->OpenAnew(token.error())) return token;
  token = OpenOnce(name);
  if (token) backend->OpeningHelped();
  return token;
}

Result<std::shared_ptr<Backend>> Directory::BackendFor(const TokenName& name) {
  if (const BoundToken* bound = FindBound(name)) return BackendOf(*bound);
  const auto& tokens = configuration_.tokens;
  if (embedded_ || !name.is_omnipresent() || tokens.empty()) return embedded_;
  return BackendOf(tokens.front());
}

Result<std::shared_ptr<Token>> Directory::OpenOnce(const TokenName& name) {
  if (const BoundToken* bound = FindBound(name)) return OpenBound(*bound, name);
  return name.is_omnipresent() ? OpenOmnipresent(name) : OpenMade(name);
}

Result<std::shared_ptr<Token>> Directory::FindToken(const TokenName& name) {
  if (auto there = Share(name)) {
    if (!IsReplaced(*there)) return there;
    Close(name);
  }
  auto token = Open(name);
  if (!token) return token;
  const std::lock_guard lock(mutex_);
  return open_.try_emplace(name, *token).first->second;
}

void Directory::Close(const TokenName& name) {
  // The last share goes outside of the lock: its end waits for others.
  std::shared_ptr<Token> last;
  const std::lock_guard lock(mutex_);
  if (const auto found = open_.find(name); found != open_.end()) {
    last = std::move(found->second);
    open_.erase(found);
  }
}

std::shared_ptr<Token> Directory::Share(const TokenName& name) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(name);
  return found == open_.end() ? nullptr : found->second;
}

// Whether another process has deleted it since, or made another one of its
// name. Looked at once a second.
bool Directory::IsReplaced(const Token& token) {
  if (!embedded_ || &token.backend() != embedded_.get()) return false;
  {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    auto& looked = looked_[token.name()];
    if (now - looked < kLookInterval) return false;
    looked = now;
  }
  return embedded_->embedded()->SerialNow(token.name()) !=
         token.identity().serial;
}

// A token of the embedded store; where its module does not show it, since
// another process made it while tokens are in use here, they let go of the
// module, as after a fault. SoftHSM2 shows only then what is new.
Result<std::shared_ptr<Token>> Directory::OpenMade(const TokenName& name) {
  auto token = OpenEmbedded(name);
  if (token || !token.error().call.empty() ||
      ToIcsf(token.error()) != kNotAvailable) {
    return token;
  }
  {
    // What is not shown once they have is damaged: not again and again.
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    if (made_way_ && now - *made_way_ < kMakeWayInterval) return token;
    made_way_ = now;
  }
  embedded_->GiveUp();
  embedded_->AskUsers(Backend::Ask::kGivenUp);
  return OpenEmbedded(name);
}

Attributes KeySearch(const Uri& uri) {
  Attributes wanted;
  for (const auto& attribute : uri.search_attributes()) {
    wanted.Bytes(attribute.type, attribute.value);
  }
  // What a URI leaves out matches everything, but here only keys are meant.
  if (!uri.type()) wanted.Number(CKA_CLASS, CKO_SECRET_KEY);
  return wanted;
}

Result<Key> Directory::FindKeyByUri(const Uri& uri) {
  if (!uri.object_label() && !uri.id() && !uri.token_label() && !uri.serial()) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   "the URI names neither a key nor its token",
                   "copy the URI that 'sigtoken key list' shows");
  }
  const Attributes wanted = KeySearch(uri);
  std::optional<Key> found;
  std::optional<Error> down;
  std::vector<TokenName> names;
  if (uri.type().value_or(CKO_SECRET_KEY) == CKO_SECRET_KEY) {
    SIGTOKEN_ASSIGN(names, Names());
  }
  for (const TokenName& name : names) {
    const auto token = FindToken(name);
    Close(name);
    if (!token) {
      // The key may well be in another one; one that was removed meanwhile has
      // none.
      const bool gone = ToIcsf(token.error()) == kTokenNotFound;
      if (!gone && !down) down = token.error();
      continue;
    }
    if (!uri.MatchesToken((*token)->info())) continue;
    auto key = Key::Find(*token, wanted, "with the attributes of that URI");
    if (!key) {
      const IcsfCode code = ToIcsf(key.error());
      if (code == kObjectNotFound || code == kTokenNotFound) continue;
      return key;
    }
    if (key->found().of_another_name) continue;
    // Two names of one token show the same key of others; the one under which
    // it was adopted is the better one.
    if (found && found->token().identity() == (*token)->identity()) {
      if (!found->handle()) found = *key;
      continue;
    }
    if (found) {
      return Refusal(kHandleInvalid, CKR_OBJECT_HANDLE_INVALID,
                     "the URI fits keys in several tokens",
                     "add the token's name and serial number to it");
    }
    found = *key;
  }
  if (found) return *found;
  if (down) return *down;
  return Refusal(kObjectNotFound, CKR_OBJECT_HANDLE_INVALID,
                 "no key of the configured tokens fits the URI",
                 "copy the URI that 'sigtoken key list' shows");
}

Result<Key> Directory::FindKey(std::string_view text) {
  if (IsPkcs11Uri(text)) {
    SIGTOKEN_ASSIGN(const Uri uri, Uri::Parse(text));
    return FindKeyByUri(uri);
  }
  SIGTOKEN_ASSIGN(const Handle handle, Handle::ParseAny(text));
  if (!handle.object()) {
    return Refusal(kHandleInvalid, CKR_ARGUMENTS_BAD,
                   Quoted(text) + " is the handle of a token, not of a key",
                   "add sequence number and category: " +
                       handle.token_name().text() + ":00000001T");
  }
  SIGTOKEN_ASSIGN(auto token, FindToken(handle.token_name()));
  return Key::Find(std::move(token), *handle.object());
}

}  // namespace sigtoken
