// Directory: tokens are made and removed.

#include <algorithm>
#include <optional>
#include <utility>

#include "pkcs11/base/printable.h"
#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/cryptoki/token_setup.h"
#include "pkcs11/store/host_lock.h"
#include "pkcs11/store/refused_pins.h"
#include "pkcs11/store/refused_pins_of_host.h"
#include "pkcs11/tokens/address_search.h"
#include "pkcs11/tokens/directory.h"
#include "pkcs11/tokens/object_index.h"
#include "pkcs11/tokens/officers_pin.h"
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

// A token whose making failed half way: nobody can log in to it.
bool LacksUserPin(const CK_TOKEN_INFO& token) {
  return (token.flags & CKF_LOGIN_REQUIRED) &&
         !(token.flags & CKF_USER_PIN_INITIALIZED);
}

// The label of a token that is to be made, 32 characters.
Result<std::string> LabelOfNew(const BoundToken& bound) {
  auto label = bound.uri.token_label();
  if (!label || label->size() > TokenName::kMaxLength || bound.uri.serial()) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   bound.place + ": the token " + bound.name.text() +
                       " is not there, and its URI does not say what to make",
                   "write token=LABEL, of at most 32 characters, and no "
                   "serial: the module chooses that");
  }
  label->resize(TokenName::kMaxLength, ' ');
  return *std::move(label);
}

Error InUse(const BoundToken& bound) {
  return Unavailable("the token " + bound.name.text() +
                         " is not made while this program uses its module, "
                         "which may not show yet what others made",
                     "make it in a process of its own");
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
    SIGTOKEN_ASSIGN(const CK_SLOT_ID made,
                    InitializeFreeSlot(module, name.Padded(), so_pin, pin));
    SIGTOKEN_ASSIGN(const Slot slot, TryUserPin(module, made, pin));
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
  SIGTOKEN_TRY(token->Ready());
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

// Makes the token in a free slot of the module, or gives it its user PIN where
// one that was made before has none, unless that is done by now.
Status Directory::InitializeBound(const BoundToken& bound) {
  if (!bound.pin_source) {
    return Refusal(kParameterInvalid, CKR_ARGUMENTS_BAD,
                   bound.place + ": the new token " + bound.name.text() +
                       " would have no user PIN",
                   "add pin-source=file:/PATH to its URI");
  }
  SIGTOKEN_ASSIGN(
      Secret pin,
      bound.pin_source->Read("New user PIN of the token " + bound.name.text()));
  OfficersPin officers(*database_, bound);
  SIGTOKEN_ASSIGN(Secret so_pin, officers.Read());
  SIGTOKEN_ASSIGN(const auto backend, BackendOf(bound));
  // Some modules show only after a fresh C_Initialize what another process has
  // made, and it must not be made again: the URI would fit both from then on.
  backend->GiveUp();
  backend->AskUsers(Backend::Ask::kGivenUp);
  SIGTOKEN_ASSIGN(const auto held, backend->Change(nullptr));
  SIGTOKEN_TRY(officers.CheckNotRefused());
  {
    SIGTOKEN_ASSIGN(const auto module, backend->Use(held));
    SIGTOKEN_TRY(CheckInitializesTokens(*module));
    if (module->initialized_by_others()) return NotOurs(*module);
  }
  SIGTOKEN_ASSIGN(const bool fresh, backend->Reopen(held));
  if (!fresh) return InUse(bound);
  const auto there = FindBoundSlot(*backend, held, bound);
  if (!there && there.error().icsf != kNotAvailable) return there.error();
  if (there && !LacksUserPin(there->info)) return Ok();
  {
    SIGTOKEN_ASSIGN(const auto module, backend->Use(held));
    CK_SLOT_ID slot = 0;
    if (there) {
      slot = there->id;
      auto done = SetUserPin(module, slot, so_pin, pin);
      if (!done) return officers.Judge(std::move(done).error());
    } else {
      SIGTOKEN_ASSIGN(const std::string label, LabelOfNew(bound));
      auto made = InitializeFreeSlot(module, label, so_pin, pin);
      if (!made) return officers.Judge(std::move(made).error());
      slot = *made;
    }
    SIGTOKEN_ASSIGN(const CK_TOKEN_INFO made, module->TokenInfo(slot));
    SIGTOKEN_TRY(ForgetRefusal(bound, made));
  }
  // What it shows from here on, it has read from its device.
  SIGTOKEN_TRY(backend->Reopen(held));
  return Ok();
}

// Of a user PIN that the token refused while it had none.
Status Directory::ForgetRefusal(const BoundToken& bound,
                                const CK_TOKEN_INFO& made) {
  SIGTOKEN_ASSIGN(const std::string file, bound.pin_source->FilePath());
  const TokenIdentity token{bound.uri.module_path().value_or(""), bound.init,
                            Trimmed(made.label), Trimmed(made.serialNumber)};
  ForgetRefusedPinOfHost(RefusedPinsFolder(), token, file);
  SIGTOKEN_ASSIGN(auto transaction, database_->Begin());
  SIGTOKEN_TRY(ForgetRefusedPin(*database_, token, file));
  return transaction.Commit();
}

// Where the token is not there, or nobody could log in to it.
Status Directory::EnsureBound(const BoundToken& bound) {
  {
    const auto there = FindToken(bound.name);
    if (there && !LacksUserPin((*there)->info())) return Ok();
    // What else is wrong with it is told when it is taken into use.
    if (!there && there.error().icsf != kNotAvailable) return Ok();
    if (!there) SIGTOKEN_TRY(LabelOfNew(bound));
  }
  // What is known of it is about to change.
  Close(bound.name);
  return InitializeBound(bound);
}

Status Directory::CreateToken(const TokenName& name,
                              const TokenDescription& description) {
  SIGTOKEN_TRY(CheckDescription(description));
  if (name.is_omnipresent()) return IsAlwaysThere(name);
  if (const BoundToken* bound = FindBound(name)) {
    if (bound->so_pin_source) SIGTOKEN_TRY(EnsureBound(*bound));
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
  SIGTOKEN_TRY(token.Ready());
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
  SIGTOKEN_TRY(token->Ready());
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
    SIGTOKEN_TRY(token->Ready());
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
