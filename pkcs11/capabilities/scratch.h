// Scratch: objects that a check makes in a token, and that are gone behind it.

#ifndef PKCS11_CAPABILITIES_SCRATCH_H_
#define PKCS11_CAPABILITIES_SCRATCH_H_

#include <p11-kit/pkcs11.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"
#include "pkcs11/capabilities/known.h"
#include "pkcs11/cryptoki/attributes.h"
#include "pkcs11/cryptoki/session.h"
#include "pkcs11/store/host_lock.h"
#include "pkcs11/tokens/token.h"

namespace sigtoken {

// By these a scratch object is known, to the run that comes behind one that was
// interrupted too: one of the labels, and a CKA_ID (of a data object
// CKA_OBJECT_ID or CKA_VALUE) that begins so and goes on at random. Nothing
// else in the token is ever changed or destroyed.
inline constexpr std::string_view kScratchLabel = "sigtoken hsm test";
inline constexpr std::string_view kRenamedScratchLabel =
    "sigtoken hsm test, renamed";
inline constexpr std::string_view kScratchIdPrefix = "sigtoken-hsm-test:";

// How a key of sigtoken's is made: keygen/ says it (keygen/key_recipe.h).
struct KeyRecipe {
  // The whole template, optional protections too, without CKA_LABEL, CKA_ID,
  // CKA_VALUE and CKA_VALUE_LEN.
  Attributes attributes;
  // The protections that are given up where a module does not take them, in
  // this order.
  struct Optional {
    CK_ATTRIBUTE_TYPE type;
    std::string name;
  };
  std::vector<Optional> optional;
};

// How long each rate of signatures is measured. Ours.
inline constexpr std::chrono::milliseconds kMeasured{100};

struct ScratchKey {
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  std::string id;                     // CKA_ID.
  std::vector<std::string> not_kept;  // Of the recipe's optional protections.
};

// The objects of one check. Its user holds the host lock as long as it lives,
// so that what it makes is seen by nobody else on this host, and two runs do
// not take each other's objects for what an interrupted one has left.
class Scratch {
 public:
  Scratch(Token& token, const HostLock::Exclusive& held,
          const KeyRecipe& recipe, Known& known,
          std::chrono::milliseconds measured = kMeasured)
      : token_(token),
        held_(held),
        recipe_(recipe),
        known_(known),
        measured_(measured) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() = default;

  Token& token() const { return token_; }
  const HostLock::Exclusive& held() const { return held_; }
  Known& known() const { return known_; }
  std::chrono::milliseconds measured() const { return measured_; }

  Result<Session> Open(Access access = Access::kReadWrite) const {
    return token_.OpenSession(held_, access);
  }

  static std::string NewId();

  // Keys in the token by the recipe, without the optional protections that the
  // module refuses. Errors: as the module gave them.
  Result<ScratchKey> GenerateKey(std::size_t bytes);
  Result<ScratchKey> ImportKey(std::span<const std::uint8_t> value);
  // One of 64 bytes, which all algorithms take: generated, else imported.
  Result<ScratchKey> MakeKey();
  // The same, without optional protections: it may be changed and copied.
  Result<ScratchKey> MakePlainKey(const std::string& id);

  // A key of 64 bytes with these attributes (tokens/trial_key.h) that ends with
  // `owner`: generated, else imported. Errors: what C_GenerateKey answered.
  static Result<CK_OBJECT_HANDLE> SessionKeyWith(Session& owner,
                                                 const Attributes& attributes);
  // One that signs and verifies; where the module makes none for a session, one
  // in the token.
  Result<CK_OBJECT_HANDLE> SigningKey(Session& owner);

  // A key of 64 bytes in the token with these attributes: generated, or
  // imported where the module generates none. Errors: as the module gave them.
  Result<CK_OBJECT_HANDLE> MakeWith(Session& session,
                                    const Attributes& attributes);

  // The recipe's template of a plain key with that CKA_ID and the scratch
  // label.
  Attributes PlainTemplate(const std::string& id) const;

  // What `make` makes in the token, which is remembered to be destroyed. A
  // check that calls it gives its object a scratch label and ID. Refused where
  // the module does not destroy what it has made.
  using Make = std::function<Result<CK_OBJECT_HANDLE>(Session&)>;
  Result<CK_OBJECT_HANDLE> Keep(Session& session, const Make& make);

  // Destroys one of them. CKR_OK is a claim: whether it is gone a search shows.
  Status Destroy(Session& session, CK_OBJECT_HANDLE object);

  // The scratch keys with that CKA_ID.
  static Result<std::vector<CK_OBJECT_HANDLE>> Find(Session& session,
                                                    const std::string& id);

  // Destroys all that was made, and whatever else in the token is a scratch
  // object: gives how many there were of these. It does not look where nothing
  // was made. Errors: what the module answered to those that it does not
  // destroy.
  Result<std::size_t> CleanUp();
  // The same, and looks in any case.
  Result<std::size_t> Sweep() {
    may_be_made_ = true;
    return CleanUp();
  }

 private:
  using Create =
      std::function<Result<CK_OBJECT_HANDLE>(Session&, const Attributes&)>;
  Result<ScratchKey> MakeByRecipe(const Create& create);
  Error NoKey(Error error) const;
  Result<std::size_t> TryToCleanUp();

  Token& token_;
  const HostLock::Exclusive& held_;
  const KeyRecipe& recipe_;
  Known& known_;
  std::chrono::milliseconds measured_;
  bool may_be_made_ = false;
  std::vector<CK_OBJECT_HANDLE> objects_;  // Not yet destroyed.
};

// All scratch objects in the token, whoever made them.
Result<std::vector<CK_OBJECT_HANDLE>> FindScratchObjects(Session& session);

}  // namespace sigtoken

#endif  // PKCS11_CAPABILITIES_SCRATCH_H_
