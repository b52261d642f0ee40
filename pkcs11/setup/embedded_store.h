// EmbeddedStore: the private SoftHSM2 token directory of sigtoken.

#ifndef PKCS11_SETUP_EMBEDDED_STORE_H_
#define PKCS11_SETUP_EMBEDDED_STORE_H_

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/base/secret.h"
#include "pkcs11/cryptoki/module.h"
#include "pkcs11/icsf/token_name.h"
#include "pkcs11/store/host_lock.h"

namespace sigtoken {

// A SoftHSM2 store that belongs to sigtoken alone, for development and tests.
// Under the home folder:
//
//   softhsm2.conf           what SoftHSM2 reads
//   tokens/UUID/            SoftHSM2's own files, a folder a token
//   embedded/NAME/          ours, a folder a token:
//     pin                   its user PIN, 128 random bits, mode 0600
//     folder                the UUID
//     token.object          SoftHSM2's file of that name, as it was when whole
//
// A token exists from the moment that its embedded/NAME folder is there until
// the moment that it is not: that folder is made and removed by one rename, so
// that a process that is killed leaves a whole token or none.
//
// SoftHSM2 2.6.1 writes token.object anew, in place, at each C_Login: a process
// that dies in there leaves an empty file, and with it goes every key. All but
// the first 8 bytes of the file (a counter of its changes) stay the same from
// the token's first day, so our copy can be put back.
//
// Thread safe; the guards are those of one HostLock for the whole store.
class EmbeddedStore {
 public:
  struct Token {
    TokenName name;
    std::string folder;  // The UUID.

    // CK_TOKEN_INFO.serialNumber: SoftHSM2 takes the last 16 digits.
    std::string serial() const;
  };

  // Makes the folders and the configuration where they are not there yet. A
  // home that others may read or that is somebody else's is refused, and one
  // with another configuration of SoftHSM2, which is left as it is.
  // Errors: kNotAvailable.
  static Result<EmbeddedStore> Open(const std::filesystem::path& home);

  ModuleSpec module() const;

  // In order, damaged ones too. Errors of these two: kNotAvailable.
  Result<std::vector<TokenName>> Names(const HostLock::Shared& held) const;
  Result<std::optional<Token>> Find(const HostLock::Shared& held,
                                    const TokenName& name) const;

  // Whether there is a token of that name, be it damaged.
  Result<bool> Has(const HostLock::Shared& held, const TokenName& name) const;

  // As Has(), as it is just now: it may go at any moment.
  bool HasFolder(const TokenName& name) const;

  // The serial number of the token of that name as it is just now; nothing
  // where there is none, or one that is damaged.
  std::optional<std::string> SerialNow(const TokenName& name) const;

  // The file that holds the user PIN of a token.
  std::filesystem::path PinFile(const TokenName& name) const;

  // The user PIN. Errors: kNotAvailable when its file is not private or gone.
  Result<Secret> Pin(const TokenName& name) const;

  // Whether the module's file of a token is not what it was: its writer died.
  // Errors of these two: kNotAvailable, also when our copy is damaged, and when
  // others may use a file of the token.
  Result<bool> IsTorn(const HostLock::Shared& held, const Token& token) const;
  Status Repair(const HostLock::Exclusive& held, const Token& token) const;

  // Removes what a process left that was killed while it made or removed a
  // token, and nothing else: a folder of the module that nobody knows stays.
  Status Sweep(const HostLock::Exclusive& held) const;

  // Makes the PIN of a token to be, and keeps it. The caller then makes the
  // token in the module and ends with Commit.
  Result<Secret> Begin(const HostLock::Exclusive& held) const;

  // From here on the token with this serial number is `name`. Errors:
  // kTokenExists; kNotAvailable.
  Status Commit(const HostLock::Exclusive& held, const TokenName& name,
                const std::string& serial) const;

  // From here on there is no token `name`. Fine where there was none.
  Status Remove(const HostLock::Exclusive& held, const TokenName& name) const;

 private:
  explicit EmbeddedStore(std::filesystem::path home);

  Result<Token> ReadToken(const TokenName& name) const;
  // The module's folder of a token and all files in it are private.
  Status CheckFolder(const Token& token) const;
  std::filesystem::path ModuleFile(const Token& token) const;
  std::filesystem::path GoodFile(const Token& token) const;
  Result<std::string> ReadGoodFile(const Token& token) const;
  Result<std::set<std::string>> FoldersOfOld() const;
  Result<std::set<std::string>> FoldersOfNew() const;

  std::filesystem::path home_;
  std::filesystem::path tokens_;
  std::filesystem::path embedded_;
};

}  // namespace sigtoken

#endif  // PKCS11_SETUP_EMBEDDED_STORE_H_
