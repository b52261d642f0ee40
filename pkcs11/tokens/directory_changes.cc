// Directory: tokens are made and removed.

#include <algorithm>
#include <optional>
#include <utility>

#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/cryptoki/token_setup.h"
#include "pkcs11/tokens/address_search.h"
#include "pkcs11/tokens/directory.h"
#include "pkcs11/tokens/object_index.h"
#include "pkcs11/tokens/omnipresent.h"
#include "pkcs11/tokens/sequence.h"

namespace sigtoken {
namespace {

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
      "delete its keys first, or destroy all that is in it for good with "
      "--force");
}

// The free slot may be that of another store.
Error NotOurs(const Module& module) {
  return Unavailable(
      "another part of this program had initialised the module " +
          Quoted(module.spec().path),
      "make the token in a process of its own");
}

}  // namespace

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
    if (module->initialized_by_others()) return NotOurs(*module);
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
  SIGTOKEN_ASSIGN(auto transaction, database_->Begin());
  SIGTOKEN_ASSIGN(const auto record, FindTokenRecord(*database_, bound.name));
  if (record && record->identity == token->identity()) {
    return Refusal(kTokenExists, CKR_FUNCTION_REJECTED,
                   "the token " + bound.name.text() + " is in use already",
                   "nothing needs to be done");
  }
  TokenRecord fresh{bound.name,
                    description.manufacturer,
                    description.model,
                    description.serial,
                    0,
                    Now(),
                    token->identity()};
  SIGTOKEN_TRY(RebuildRecords(*token, held, session, std::move(fresh)));
  return transaction.Commit();
}

// Makes the token in a free slot of the module, unless it is there by now.
Status Directory::InitializeBound(const BoundToken& bound) {
  const auto label = bound.uri.token_label();
  if (!label || label->size() > TokenName::kMaxLength || bound.uri.serial()) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   bound.place + ": the token " + bound.name.text() +
                       " is not there, and its URI does not say what to make",
                   "write token=LABEL, of at most 32 characters, and no "
                   "serial: the module chooses that");
  }
  if (!bound.pin_source) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   bound.place + ": the new token " + bound.name.text() +
                       " would have no user PIN",
                   "add pin-source=file:/PATH to its URI");
  }
  SIGTOKEN_ASSIGN(
      Secret pin,
      bound.pin_source->Read("New user PIN of the token " + bound.name.text()));
  SIGTOKEN_ASSIGN(Secret so_pin, bound.so_pin_source->Read(
                                     "Security officer's PIN for the token " +
                                     bound.name.text()));
  SIGTOKEN_ASSIGN(const auto backend, BackendOf(bound));
  SIGTOKEN_ASSIGN(const auto held, backend->Change(nullptr));
  // Again, now that no other process can make it: one may just have done so,
  // and its URI would fit both from then on.
  const auto there = FindBoundSlot(*backend, held, bound);
  if (there) return Ok();
  if (there.error().icsf != kNotAvailable) return there.error();
  {
    SIGTOKEN_ASSIGN(const auto module, backend->Use(held));
    SIGTOKEN_TRY(CheckInitializesTokens(*module));
    if (module->initialized_by_others()) return NotOurs(*module);
    std::string padded = *label;
    padded.resize(TokenName::kMaxLength, ' ');
    SIGTOKEN_TRY(InitializeFreeSlot(module, padded, so_pin, pin));
  }
  // What it shows from here on, it has read from its device.
  SIGTOKEN_TRY(backend->Reopen(held));
  return Ok();
}

Status Directory::CreateToken(const TokenName& name,
                              const TokenDescription& description) {
  SIGTOKEN_TRY(CheckDescription(description));
  if (name.is_omnipresent()) return IsAlwaysThere(name);
  if (const BoundToken* bound = FindBound(name)) {
    const auto there = FindToken(name);
    if (!there && there.error().icsf == kNotAvailable && bound->so_pin_source) {
      SIGTOKEN_TRY(InitializeBound(*bound));
    }
    return AdoptBound(*bound, description);
  }
  if (embedded_) return CreateEmbedded(name, description);
  return NotConfigured(name);
}

// Destroys all that is its own.
Status Directory::Empty(Token& token, const HostLock::Exclusive& held,
                        Session& session) {
  SIGTOKEN_ASSIGN(const auto ours, FindObjectsOf(token, held, session));
  for (const CK_OBJECT_HANDLE object : ours) {
    SIGTOKEN_TRY(DestroyObject(session, object));
  }
  // What a module says of it is not believed.
  SIGTOKEN_ASSIGN(const auto left, FindObjectsOf(token, held, session));
  if (left.empty()) return Ok();
  return Error{CKR_FUNCTION_FAILED, "C_DestroyObject",
               "of the objects of the token " + token.name().text() + ", " +
                   std::to_string(left.size()) +
                   " are still there after they were destroyed",
               "look at the module's device, then try again", kNotAvailable};
}

Status Directory::RecreateToken(const TokenName& name,
                                const TokenDescription& description) {
  SIGTOKEN_TRY(CheckDescription(description));
  const auto there = FindToken(name);
  if (!there && ToIcsf(there.error()) == kTokenNotFound) {
    return CreateToken(name, description);
  }
  SIGTOKEN_TRY(there);
  Token& token = **there;
  SIGTOKEN_TRY(token.Login());
  SIGTOKEN_ASSIGN(const auto held, token.Change());
  SIGTOKEN_ASSIGN(Session session, token.OpenSession(held, Access::kReadWrite));
  if (const Status emptied = Empty(token, held, session); !emptied) {
    token.Restart(held, std::move(session));
    return emptied.error();
  }
  SIGTOKEN_ASSIGN(auto transaction, database_->Begin());
  // First without the keys that were adopted.
  SIGTOKEN_TRY(DeleteTokenRecord(*database_, name));
  SIGTOKEN_TRY(
      RebuildRecords(token, held, session,
                     {name, description.manufacturer, description.model,
                      description.serial, 0, Now(), token.identity()}));
  return transaction.Commit();
}

Status Directory::DeleteBound(const BoundToken& bound, bool force) {
  SIGTOKEN_ASSIGN(const auto token, FindToken(bound.name));
  SIGTOKEN_TRY(token->Login());
  SIGTOKEN_ASSIGN(const auto held, token->Change());
  SIGTOKEN_ASSIGN(Session session,
                  token->OpenSession(held, Access::kReadWrite));
  SIGTOKEN_ASSIGN(const auto ours, FindObjectsOf(*token, held, session));
  if (!ours.empty() && !force) return NotEmpty(bound.name, ours.size());
  if (const Status emptied = Empty(*token, held, session); !emptied) {
    token->Restart(held, std::move(session));
    return emptied.error();
  }
  return ForgetToken(bound.name);
}

Status Directory::DeleteEmbedded(const TokenName& name, bool force) {
  if (!embedded_) return NotConfigured(name);
  // Kept until the locks are let go of: the end of the last share waits for
  // others.
  std::shared_ptr<Token> token = Share(name);
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
    // Without a login a token that is full looks empty.
    SIGTOKEN_TRY(token->CheckShowsAll(session));
    // Session objects end with their process.
    SIGTOKEN_ASSIGN(const auto objects,
                    FindObjects(session, Attributes().Flag(CKA_TOKEN, true)));
    if (!objects.empty()) return NotEmpty(name, objects.size());
  }
  SIGTOKEN_TRY(embedded_->embedded()->Remove(held, name));
  return ForgetToken(name);
}

Status Directory::ForgetToken(const TokenName& name) {
  Close(name);
  SIGTOKEN_ASSIGN(auto transaction, database_->Begin());
  SIGTOKEN_TRY(DeleteTokenRecord(*database_, name));
  return transaction.Commit();
}

Status Directory::DeleteToken(const TokenName& name, bool force) {
  if (name.is_omnipresent()) return CannotBeDeleted(name);
  const BoundToken* bound = FindBound(name);
  return bound != nullptr ? DeleteBound(*bound, force)
                          : DeleteEmbedded(name, force);
}

}  // namespace sigtoken
