// Configuration: what sigtoken.toml says.

#ifndef PKCS11_SETUP_CONFIGURATION_H_
#define PKCS11_SETUP_CONFIGURATION_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/back_off.h"
#include "pkcs11/base/result.h"
#include "pkcs11/icsf/handle.h"
#include "pkcs11/icsf/token_name.h"
#include "pkcs11/setup/home.h"
#include "pkcs11/setup/pin_source.h"
#include "pkcs11/setup/uri.h"

namespace sigtoken {

// [[token.key]]: a key that was in the token already, under a handle of ours.
struct BoundKey {
  ObjectId object;  // Category T or Y.
  Uri uri;          // Names a label or an ID, and nothing of how to get there.
};

// [[token]]: an ICSF token name, bound to a token of some PKCS#11 module.
struct BoundToken {
  TokenName name;
  Uri uri;           // Has an absolute module-path and says which token.
  std::string init;  // The module's initialisation string; may be empty.
  std::optional<PinSource> pin_source;     // Of the URI: the user's PIN.
  std::optional<PinSource> so_pin_source;  // Lets a free slot be initialised.
  std::vector<BoundKey> keys;              // No two under one handle.
  bool isolated = false;   // The module runs in a helper process.
  std::string place = {};  // FILE:LINE:COLUMN of its URI, for messages.
};

// What becomes of a request whose audit record cannot be written.
enum class AuditFailure {
  kRefuse,    // It fails: nobody gets a token, or comes in, unrecorded.
  kContinue,  // It goes on, and its answer says so.
};

// A token that a URI alone names, bound as a [[token]] of it would be. Errors:
// kParameterInvalid.
Result<BoundToken> BindToken(const TokenName& name, std::string_view uri,
                             std::string init);

// [audit]: where requests are recorded (signer/audit/audit_log.h).
struct AuditSettings {
  std::filesystem::path file;  // Absolute; `home`/audit.jsonl if unsaid.
  std::int64_t max_bytes = 67'108'864;  // A file that would outgrow it rotates.
  int keep = 8;                         // How many rotated files stay.
  AuditFailure on_failure = AuditFailure::kRefuse;
};

// How long a device that does not answer is left alone. Not in the file: tests
// have shorter ones.
struct DevicePauses {
  // Between two looks for a token that its module does not show.
  std::chrono::milliseconds look{250};
  // Between two tries to open the device anew.
  BackOff::Pauses opening = {};
};

struct Configuration {
  std::filesystem::path home;                 // Absolute.
  std::optional<std::filesystem::path> file;  // Where all else was read.
  bool embedded = true;  // Whether the embedded store is used.
  std::string default_appl = "OMVSAPPL";
  // Of the calls of a module in one request.
  std::chrono::seconds deadline{5};
  DevicePauses pauses = {};
  std::filesystem::path store_path;  // Absolute; `home`/sigtoken.db if unsaid.
  std::vector<BoundToken> tokens;    // No two of one name.
  AuditSettings audit = {};
  // [users] strict: a user who is not defined is refused.
  bool strict_users = false;
};

inline constexpr std::size_t kMaxConfigurationBytes = 1'048'576;

// Reads the text of a configuration file. Everything in it must be known and of
// its type; every message begins with FILE:LINE:COLUMN. Errors:
// kParameterInvalid.
Result<Configuration> ParseConfiguration(std::string_view text,
                                         const std::filesystem::path& file,
                                         const std::filesystem::path& home);

// Finds the home directory and the configuration file (setup/home.h) and reads
// that; without one, the embedded store alone is configured. A file that others
// than root and the effective user may change is refused: it loads code.
// Errors: kParameterInvalid.
Result<Configuration> LoadConfiguration(const Environment& environment,
                                        const SetupOptions& options);

}  // namespace sigtoken

#endif  // PKCS11_SETUP_CONFIGURATION_H_
