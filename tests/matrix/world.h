// World: a token behind the fault module, and what lives on it, for many
// requests in a row.

#ifndef TESTS_MATRIX_WORLD_H_
#define TESTS_MATRIX_WORLD_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pkcs11/objects/icsf.h"
#include "pkcs11/tokens/directory.h"
#include "tests/fault_module.h"
#include "tests/matrix/call_log.h"
#include "tests/private_soft_hsm2.h"

namespace sigtoken::testing {

// The token IDT.KEYS with four keys of known values: 1 signs, 2 may verify
// only, 3 may be changed, 4 may be exported. 5 and 6 are a pair of RSA keys;
// and one key that others made has no handle. It stays open from one request to
// the next, as in a program that runs for long.
class World {
 public:
  static constexpr const char* kName = "IDT.KEYS";
  // Lives in the same partition.
  static constexpr const char* kOtherName = "IDT.GONE";
  // Of NewToken().
  static constexpr const char* kNewName = "IDT.NEW";
  static constexpr const char* kAppl = "APPL1";
  static constexpr const char* kUser = "USER1";
  static constexpr ObjectId kSigner{1, 'T'};
  static constexpr ObjectId kVerifier{2, 'T'};
  static constexpr ObjectId kChangeable{3, 'T'};
  static constexpr ObjectId kExportable{4, 'T'};
  static constexpr ObjectId kRsaPrivate{5, 'T'};
  static constexpr ObjectId kRsaPublic{6, 'T'};
  // The label of the key of others.
  static constexpr const char* kTheirs = "theirs";
  static constexpr std::size_t kKeys = 5;
  static constexpr std::size_t kObjects = 6;

  World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  // Lets go of the module and of the store.
  void Close();
  // As a program does when it begins. Errors: as Directory::Open().
  Status TryOpen();
  // Opens what is closed, and finds the keys.
  void Open();

  Directory& directory() { return *directory_; }
  Icsf& icsf() { return *icsf_; }
  Token& token() { return *token_; }
  std::shared_ptr<Token> TokenOf(const char* name);
  const Key& signer() const { return *signer_; }
  const Key& verifier() const { return *verifier_; }
  FaultModule& fault() { return fault_; }
  CallLog& log() { return log_; }

  // The one text that is signed, and its MAC by OpenSSL.
  static std::span<const std::uint8_t> text();
  static const std::vector<std::uint8_t>& value();
  static const std::vector<std::uint8_t>& right_mac();

  // A number was given out: it must be a new one.
  void SpendNumber(std::uint32_t number);

  // A directory without tokens, for CreateToken() with a store of its own.
  std::unique_ptr<Directory> OpenWithoutToken();
  // The folders of the module's tokens beside those of the set-up.
  std::set<std::filesystem::path> NewTokens() const;
  void RemoveNewTokens();

  // PINs that were refused are tried again after this.
  void WritePinsAnew();

  // What a session that is opened now sees of each token: a login of the user
  // only while sigtoken has a session, and never one of the SO.
  void ExpectNoLoginLeft();

  // Nothing is open, made or lost but what was there at the beginning.
  void ExpectAsBefore();

 private:
  void CheckAsBefore();
  std::filesystem::path so_pin_file() const;
  void WriteSoPin() const;
  std::set<std::filesystem::path> Folders() const;
  void MakeKeys();
  void MakeRsaKeys(Token& token);

  PrivateSoftHsm2 hsm_;
  FaultModule fault_;
  CallLog log_;
  TemporaryFolder folder_;
  Configuration configuration_;
  std::set<std::filesystem::path> folders_;
  std::unique_ptr<Directory> directory_;
  std::unique_ptr<Icsf> icsf_;
  std::shared_ptr<Token> token_;
  std::optional<Key> signer_;
  std::optional<Key> verifier_;
  std::size_t sessions_ = 0;
  std::size_t objects_ = 0;
  std::uint32_t highest_ = 0;
};

}  // namespace sigtoken::testing

#endif  // TESTS_MATRIX_WORLD_H_
