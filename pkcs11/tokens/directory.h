// Directory: all tokens that the configuration makes visible, as the TKDS is on
// z/OS.

#ifndef PKCS11_TOKENS_DIRECTORY_H_
#define PKCS11_TOKENS_DIRECTORY_H_

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/icsf/token_name.h"
#include "pkcs11/setup/configuration.h"
#include "pkcs11/setup/uri.h"
#include "pkcs11/store/database.h"
#include "pkcs11/tokens/backend.h"
#include "pkcs11/tokens/key.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// What a person says of a new token: CSFPTRC's 32, 16 and 16 characters, all of
// them printable ASCII.
struct TokenDescription {
  std::string manufacturer;
  std::string model;
  std::string serial;
};

// kTokenNotFound, with what to do: there is none of that name; or nothing says
// where one would be.
Error NoSuchToken(const TokenName& name);
Error NotConfigured(const TokenName& name);

// The search for the secret key that a URI names.
Attributes KeySearch(const Uri& uri);

// The tokens of the embedded store and those that the configuration binds.
// Thread safe. Outlives the tokens and keys that it gives. Modules are loaded
// when a token of theirs is first asked for.
class Directory {
 public:
  // Errors: kNotAvailable for a home or a store that cannot be used.
  static Result<std::unique_ptr<Directory>> Open(
      const Configuration& configuration);

  // As Open(), of a configuration without the embedded store, and makes neither
  // a home nor a state store: where there is no store yet, one in memory takes
  // its place, and ends with this object. Errors: as Open().
  static Result<std::unique_ptr<Directory>> OpenWithoutHome(
      const Configuration& configuration);

  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  Database& database() { return *database_; }

  // In ASCII order. The omnipresent token is among them only where the
  // configuration binds it.
  Result<std::vector<TokenName>> Names();

  // The omnipresent token is always found: where the configuration does not
  // bind its name, a token of the embedded store, made on first demand, or the
  // device of the first [[token]]. Errors: kTokenNotFound; kNotAvailable where
  // the configuration or the store has the name but the module does not show
  // the token.
  Result<std::shared_ptr<Token>> FindToken(const TokenName& name);

  // Makes an empty token in the embedded store. For a name that the
  // configuration binds it takes the token that is there into use, or makes it
  // in a free slot where there is none and the configuration has an
  // so-pin-source; one that was left without a user PIN gets it then. Errors:
  // kTokenExists, always for the omnipresent token;
  // kAttributeValueInvalid for a description that does not fit.
  Status CreateToken(const TokenName& name,
                     const TokenDescription& description);

  // As CreateToken(); a token that is there is emptied first: of a bound name
  // only the objects that carry its handles go, and adopted keys lose theirs.
  // Its record is a new one, and so its sequence numbers begin again at
  // 00000001 (ours: ICSF's documents do not say). Errors: as CreateToken() but
  // for kTokenExists, and as DeleteToken().
  Status RecreateToken(const TokenName& name,
                       const TokenDescription& description);

  // Removes a token of the embedded store with all that is in it. Of a bound
  // name only the objects that carry its handles, and the record: the module's
  // token stays. Errors: kTokenNotEmpty unless forced; kAttributeReadOnly for
  // the omnipresent token; as FindToken.
  Status DeleteToken(const TokenName& name, bool force);

  // Whether the configuration binds the name.
  bool Binds(const TokenName& name) const { return FindBound(name) != nullptr; }

  // Closes a token that nobody else uses, so that its module can be looked at
  // anew: modules show only then what other processes made.
  void Close(const TokenName& name);

  // The key that a person names: NAME:1T, the 44-character handle, or a PKCS#11
  // URI that fits exactly one object. Errors: kHandleInvalid,
  // kParameterInvalid; as FindToken and Key::Find.
  Result<Key> FindKey(std::string_view text);

 private:
  Directory(const Configuration& configuration,
            std::unique_ptr<Database> database)
      : configuration_(configuration), database_(std::move(database)) {}

  Result<std::shared_ptr<Backend>> BackendOf(const BoundToken& bound);
  const BoundToken* FindBound(const TokenName& name) const;
  static Result<Slot> FindBoundSlot(Backend& backend,
                                    const HostLock::Shared& held,
                                    const BoundToken& bound);
  Status CheckSerial(const BoundToken& bound, const Slot& slot);
  Result<std::shared_ptr<Token>> Open(const TokenName& name);
  Result<std::shared_ptr<Token>> OpenOnce(const TokenName& name);
  // Null for a name that none would have.
  Result<std::shared_ptr<Backend>> BackendFor(const TokenName& name);
  Result<std::shared_ptr<Token>> OpenBound(const BoundToken& bound,
                                           const TokenName& name);
  Result<std::shared_ptr<Token>> OpenEmbedded(const TokenName& name);
  Result<std::shared_ptr<Token>> OpenOmnipresent(const TokenName& name);
  Result<Key> FindKeyByUri(const Uri& uri);
  Status CreateEmbedded(const TokenName& name,
                        const TokenDescription& description);
  Status AdoptBound(const BoundToken& bound,
                    const TokenDescription& description);
  Status EnsureBound(const BoundToken& bound);
  Status InitializeBound(const BoundToken& bound);
  Status ForgetRefusal(const BoundToken& bound, const CK_TOKEN_INFO& made);
  Status DeleteBound(const BoundToken& bound, bool force);
  Status DeleteEmbedded(const TokenName& name, bool force);
  Status ForgetToken(const TokenName& name);
  std::shared_ptr<Token> Share(const TokenName& name);
  bool IsReplaced(const Token& token);
  Result<std::shared_ptr<Token>> OpenMade(const TokenName& name);
  Status Empty(Token& token, const HostLock::Exclusive& held, Session& session);

  Configuration configuration_;
  std::unique_ptr<Database> database_;
  std::shared_ptr<Backend> embedded_;  // Null when the store is not in use.
  // One thread at a time makes the omnipresent token; before mutex_ and the
  // host lock.
  std::mutex omnipresent_mutex_;
  // Where the modules of bound tokens are locked: other programs may use them
  // with a store of their own.
  std::filesystem::path bound_locks_;
  std::mutex mutex_;
  // By canonical path, initialisation string, and whether it is isolated.
  std::map<std::string, std::shared_ptr<Backend>> backends_;
  std::map<TokenName, std::shared_ptr<Token>> open_;
  // When it was last looked whether a token is still the one that it was.
  std::map<TokenName, std::chrono::steady_clock::time_point> looked_;
  // When the tokens last let go of the module for one that it did not show.
  std::optional<std::chrono::steady_clock::time_point> made_way_;
};

}  // namespace sigtoken

#endif  // PKCS11_TOKENS_DIRECTORY_H_
