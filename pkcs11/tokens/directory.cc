#include "pkcs11/tokens/directory.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "pkcs11/base/printable.h"
#include "pkcs11/base/private_file.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/cryptoki/token_setup.h"
#include "pkcs11/setup/pin_source.h"
#include "pkcs11/tokens/object_index.h"

namespace sigtoken {
namespace {

Error NoSuchToken(const TokenName& name) {
  return Refusal(kTokenNotFound, CKR_TOKEN_NOT_PRESENT,
                 "there is no token " + name.text(),
                 "list the tokens with 'sigtoken token list', or make it with "
                 "'sigtoken token create " +
                     name.text() + "'");
}

std::filesystem::path LockFolder(const Configuration& configuration) {
  return configuration.store_path.parent_path() / "locks";
}

// CSFPTRC's field: at most `size` characters of printable ASCII.
Status CheckField(std::string_view what, const std::string& text,
                  std::size_t size) {
  const bool printable = std::all_of(
      text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (printable && text.size() <= size) return Ok();
  return Refusal(
      kAttributeValueInvalid, CKR_ATTRIBUTE_VALUE_INVALID,
      "the " + std::string(what) + " " + Quoted(text) +
          " does not fit a token record",
      "use at most " + std::to_string(size) + " characters of printable ASCII");
}

Status CheckDescription(const TokenDescription& description) {
  SIGTOKEN_TRY(CheckField("manufacturer", description.manufacturer, 32));
  SIGTOKEN_TRY(CheckField("model", description.model, 16));
  return CheckField("serial number", description.serial, 16);
}

Error NotEmpty(const TokenName& name, std::size_t count) {
  return Refusal(
      kTokenNotEmpty, CKR_FUNCTION_REJECTED,
      "the token " + name.text() + " still has " + std::to_string(count) +
          (count == 1 ? " object inside" : " objects inside"),
      "delete its keys first, or destroy them for good with --force");
}

}  // namespace

Result<std::unique_ptr<Directory>> Directory::Open(
    const Configuration& configuration) {
  SIGTOKEN_TRY(MakePrivateDirectory(configuration.home));
  const auto store_folder = configuration.store_path.parent_path();
  SIGTOKEN_TRY(MakePrivateDirectory(store_folder));
  SIGTOKEN_TRY(MakePrivateDirectory(LockFolder(configuration)));
  SIGTOKEN_ASSIGN(auto database, Database::Open(configuration.store_path));
  SIGTOKEN_TRY(CheckPrivate(configuration.store_path, FileKind::kRegularFile));
  SIGTOKEN_TRY(MigrateRecords(*database));
  std::unique_ptr<Directory> directory(
      new Directory(configuration, std::move(database)));
  if (configuration.embedded) {
    SIGTOKEN_ASSIGN(auto store, EmbeddedStore::Open(configuration.home));
    const ModuleSpec spec = store.module();
    directory->embedded_ = std::make_shared<Backend>(
        spec, LockFolder(configuration), std::move(store));
  }
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
    SIGTOKEN_ASSIGN(const auto tokens, embedded_->embedded()->Tokens(held));
    for (const auto& token : tokens) {
      // The configuration takes a name over.
      if (FindBound(token.name) == nullptr) names.push_back(token.name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::shared_ptr<Backend>> Directory::BackendOf(const BoundToken& bound) {
  const ModuleSpec spec{bound.uri.module_path().value_or(""), bound.init, ""};
  const std::lock_guard lock(mutex_);
  auto& backend = backends_[spec.path + '\n' + spec.init];
  if (!backend) {
    backend = std::make_shared<Backend>(spec, LockFolder(configuration_),
                                        std::nullopt);
  }
  return backend;
}

Result<std::shared_ptr<Token>> Directory::OpenBound(const BoundToken& bound) {
  SIGTOKEN_ASSIGN(const auto backend, BackendOf(bound));
  SIGTOKEN_ASSIGN(const auto held, backend->Look(nullptr));
  SIGTOKEN_ASSIGN(
      const Slot slot,
      backend->FindSlot(
          held, "the token " + bound.name.text() + " of the configuration",
          [&](const Slot& candidate) {
            return bound.uri.MatchesToken(candidate.info);
          }));
  SIGTOKEN_ASSIGN(auto module, backend->Use(held));
  auto pin = [source = bound.pin_source,
              name = bound.name.text()]() -> Result<Secret> {
    if (!source) {
      return Refusal(kNotAuthorized, CKR_PIN_INVALID,
                     "the configuration names no PIN for the token " + name,
                     "add pin-source=file:/PATH to its URI");
    }
    return source->Read();
  };
  return std::make_shared<Token>(backend, std::move(module), slot, bound.name,
                                 std::move(pin), *database_);
}

Result<std::shared_ptr<Token>> Directory::OpenEmbedded(const TokenName& name) {
  if (!embedded_) return NoSuchToken(name);
  // All tokens' files, since C_Initialize reads them all.
  SIGTOKEN_ASSIGN(const auto held, embedded_->Look(nullptr));
  SIGTOKEN_ASSIGN(const auto token, embedded_->embedded()->Find(held, name));
  if (!token) return NoSuchToken(name);
  SIGTOKEN_ASSIGN(
      const Slot slot,
      embedded_->FindSlot(
          held, "the token " + name.text() + " of the embedded store",
          [&](const Slot& candidate) {
            return Trimmed(candidate.info.serialNumber) == token->serial();
          }));
  SIGTOKEN_ASSIGN(auto module, embedded_->Use(held));
  auto pin = [store = *embedded_->embedded(), name]() {
    return store.Pin(name);
  };
  return std::make_shared<Token>(embedded_, std::move(module), slot, name,
                                 std::move(pin), *database_);
}

Result<std::shared_ptr<Token>> Directory::FindToken(const TokenName& name) {
  const BoundToken* bound = FindBound(name);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = open_.find(name); found != open_.end()) {
      return found->second;
    }
  }
  auto token = bound != nullptr ? OpenBound(*bound) : OpenEmbedded(name);
  if (!token) return token;
  const std::lock_guard lock(mutex_);
  return open_.try_emplace(name, *token).first->second;
}

Status Directory::CreateEmbedded(const TokenName& name,
                                 const TokenDescription& description) {
  const EmbeddedStore& store = *embedded_->embedded();
  SIGTOKEN_ASSIGN(const auto held, embedded_->Change(nullptr));
  SIGTOKEN_ASSIGN(const auto there, store.Find(held, name));
  if (there) {
    return Refusal(kTokenExists, CKR_FUNCTION_REJECTED,
                   "the token " + name.text() + " exists already",
                   "choose another name, or use the token that is there");
  }
  SIGTOKEN_TRY(store.Sweep(held));
  const auto make = [&]() -> Status {
    SIGTOKEN_ASSIGN(const auto module, embedded_->Use(held));
    // Its free slot may be that of another store.
    if (module->initialized_by_others()) {
      return Unavailable(
          "another part of this program had initialised the module " +
              Quoted(module->spec().path),
          "make the token in a process of its own");
    }
    SIGTOKEN_ASSIGN(Secret pin, store.Begin(held));
    // Nobody needs the security officer again: the store makes tokens anew.
    SIGTOKEN_ASSIGN(Secret so_pin, Secret::RandomHex(pin.size()));
    SIGTOKEN_ASSIGN(const Slot slot,
                    InitializeFreeSlot(module, name.Padded(), so_pin, pin));
    const std::string serial = Trimmed(slot.info.serialNumber);
    SIGTOKEN_ASSIGN(auto transaction, database_->Begin());
    SIGTOKEN_TRY(PutTokenRecord(
        *database_, {name,
                     description.manufacturer,
                     description.model,
                     description.serial,
                     0,
                     Now(),
                     {embedded_->spec().path, embedded_->spec().init,
                      name.text(), serial}}));
    SIGTOKEN_TRY(transaction.Commit());
    return store.Commit(held, name, serial);
  };
  auto made = make();
  if (!made) {
    // What cannot be removed now is removed before the next token is made.
    const auto swept = store.Sweep(held);
    if (!swept) made.error().cure += "; " + swept.error().message;
  }
  return made;
}

Status Directory::AdoptBound(const BoundToken& bound,
                             const TokenDescription& description) {
  SIGTOKEN_ASSIGN(const auto token, FindToken(bound.name));
  SIGTOKEN_TRY(token->Login());
  SIGTOKEN_ASSIGN(const auto held, token->Change());
  SIGTOKEN_ASSIGN(Session session, token->OpenSession(held, Access::kReadOnly));
  SIGTOKEN_ASSIGN(const std::uint32_t highest,
                  HighestSequence(*token, held, session));
  SIGTOKEN_ASSIGN(auto transaction, database_->Begin());
  SIGTOKEN_ASSIGN(const auto record, FindTokenRecord(*database_, bound.name));
  if (record && record->identity == token->identity()) {
    return Refusal(kTokenExists, CKR_FUNCTION_REJECTED,
                   "the token " + bound.name.text() + " is in use already",
                   "nothing needs to be done");
  }
  SIGTOKEN_TRY(PutTokenRecord(
      *database_, {bound.name, description.manufacturer, description.model,
                   description.serial, highest, Now(), token->identity()}));
  return transaction.Commit();
}

Status Directory::CreateToken(const TokenName& name,
                              const TokenDescription& description) {
  SIGTOKEN_TRY(CheckDescription(description));
  if (const BoundToken* bound = FindBound(name)) {
    return AdoptBound(*bound, description);
  }
  if (embedded_) return CreateEmbedded(name, description);
  return Refusal(kTokenNotFound, CKR_TOKEN_NOT_PRESENT,
                 "the configuration does not bind the name " + name.text() +
                     " and does not use the embedded store",
                 "add a [[token]] of that name, or embedded = true");
}

Status Directory::DeleteBound(const BoundToken& bound, bool force) {
  SIGTOKEN_ASSIGN(const auto token, FindToken(bound.name));
  SIGTOKEN_TRY(token->Login());
  SIGTOKEN_ASSIGN(const auto held, token->Change());
  SIGTOKEN_ASSIGN(Session session,
                  token->OpenSession(held, Access::kReadWrite));
  SIGTOKEN_ASSIGN(const auto ours, FindObjectsOf(*token, held, session));
  if (!ours.empty() && !force) return NotEmpty(bound.name, ours.size());
  for (const CK_OBJECT_HANDLE object : ours) {
    SIGTOKEN_TRY(DestroyObject(session, object));
  }
  return ForgetToken(bound.name);
}

Status Directory::DeleteEmbedded(const TokenName& name, bool force) {
  if (!embedded_) return NoSuchToken(name);
  std::shared_ptr<Token> token;
  // Forced, a token goes without a look inside: a damaged one must go too.
  if (!force) {
    SIGTOKEN_ASSIGN(token, FindToken(name));
    SIGTOKEN_TRY(token->Login());
  }
  SIGTOKEN_ASSIGN(const auto held, force ? embedded_->ChangeUnrepaired()
                                         : embedded_->Change(nullptr));
  SIGTOKEN_ASSIGN(const bool there, embedded_->embedded()->Has(held, name));
  if (!there) return NoSuchToken(name);
  if (!force) {
    SIGTOKEN_ASSIGN(Session session,
                    token->OpenSession(held, Access::kReadOnly));
    SIGTOKEN_ASSIGN(const auto objects, FindObjects(session, Attributes()));
    if (!objects.empty()) return NotEmpty(name, objects.size());
  }
  SIGTOKEN_TRY(embedded_->embedded()->Remove(held, name));
  return ForgetToken(name);
}

Status Directory::ForgetToken(const TokenName& name) {
  {
    const std::lock_guard lock(mutex_);
    open_.erase(name);
  }
  SIGTOKEN_ASSIGN(auto transaction, database_->Begin());
  SIGTOKEN_TRY(DeleteTokenRecord(*database_, name));
  return transaction.Commit();
}

Status Directory::DeleteToken(const TokenName& name, bool force) {
  const BoundToken* bound = FindBound(name);
  return bound != nullptr ? DeleteBound(*bound, force)
                          : DeleteEmbedded(name, force);
}

Result<Key> Directory::FindKeyByUri(const Uri& uri) {
  Attributes wanted;
  for (const auto& attribute : uri.search_attributes()) {
    wanted.Bytes(attribute.type, attribute.value);
  }
  // What a URI leaves out matches everything, but here only keys are meant.
  if (!uri.type()) wanted.Number(CKA_CLASS, CKO_SECRET_KEY);
  std::optional<Key> found;
  std::vector<TokenName> names;
  if (uri.type().value_or(CKO_SECRET_KEY) == CKO_SECRET_KEY) {
    SIGTOKEN_ASSIGN(names, Names());
  }
  for (const TokenName& name : names) {
    SIGTOKEN_ASSIGN(const auto token, FindToken(name));
    if (!uri.MatchesToken(token->info())) continue;
    auto key = Key::Find(token, wanted, "with the attributes of that URI");
    if (!key) {
      if (ToIcsf(key.error()) == kObjectNotFound) continue;
      return key;
    }
    if (found) {
      return Refusal(kHandleInvalid, CKR_OBJECT_HANDLE_INVALID,
                     "the URI fits keys in several tokens",
                     "add the token's name and serial number to it");
    }
    found = *key;
  }
  if (found) return *found;
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
