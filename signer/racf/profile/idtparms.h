// IdtParms: the IDTPARMS segment of an IDTDATA profile.

#ifndef SIGNER_RACF_PROFILE_IDTPARMS_H_
#define SIGNER_RACF_PROFILE_IDTPARMS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pkcs11/base/result.h"
#include "pkcs11/icsf/handle.h"

namespace sigtoken {

// What RDEFINE and RALTER can say (OA63462, 3.2.1; the RSA algorithms and the
// labels: IBM's z/OS 3.2 education material on RACF JWT support). Nothing for
// what was not said: then the default holds.
struct IdtParms {
  std::optional<std::string> sigtoken;  // A TokenName.
  std::optional<std::uint32_t> sigseqnum;
  std::optional<char> sigcat;  // T or Y.
  std::optional<std::string> sigalg;
  std::optional<bool> anyappl;
  std::optional<int> idttimeout;  // Minutes.
  std::optional<bool> protallowed;
  std::optional<std::string> siglabelprimary;
  std::optional<std::string> sigkidprimary;

  // The defaults. IBM's documents name none for the sequence number and the
  // category, which their samples leave out: 00000001 and T are ours.
  static constexpr std::uint32_t kDefaultSequence = 1;
  static constexpr char kDefaultCategory = 'T';
  static constexpr std::string_view kDefaultAlgorithm = "HS256";
  static constexpr int kDefaultTimeout = 5;

  std::string_view algorithm() const {
    return sigalg ? std::string_view(*sigalg) : kDefaultAlgorithm;
  }
  bool any_appl() const { return anyappl.value_or(true); }
  std::chrono::minutes timeout() const {
    return std::chrono::minutes(idttimeout.value_or(kDefaultTimeout));
  }
  bool prot_allowed() const { return protallowed.value_or(false); }

  // The handle of the key, nothing without SIGTOKEN.
  std::optional<Handle> handle() const;

  friend bool operator==(const IdtParms&, const IdtParms&) = default;
};

// Whether the algorithm is one that RSA keys sign with.
bool IsRsaAlgorithm(std::string_view algorithm);

// One keyword inside of IDTPARMS( ). `set` takes what stands in its
// parentheses, folded to upper case unless it was quoted.
struct IdtParmsKeyword {
  std::string_view name;
  Status (*set)(IdtParms& parms, const std::string& value);
  void (*clear)(IdtParms& parms);  // NOname, on RALTER only; null for none.
  bool may_be_bare = false;  // ANYAPPL alone says YES (OA63462's example).
  // As the keyword's value is written in a command; nothing if it is not set.
  std::optional<std::string> (*value)(const IdtParms& parms);
  bool keeps_case = false;  // Of its value: it is written in quotes.
};

// In the manner of TSO's "IKJ56702I INVALID UID, 90000000000".
Error InvalidOperand(std::string_view keyword, const std::string& value,
                     std::string cure);

// In the order of IBM's syntax diagrams.
std::span<const IdtParmsKeyword> IdtParmsKeywords();

}  // namespace sigtoken

#endif  // SIGNER_RACF_PROFILE_IDTPARMS_H_
