// GenericSearch: the generic profiles that cover a resource, the most specific
// first, without a look at the others.

#ifndef SIGNER_RACF_PROFILE_GENERIC_SEARCH_H_
#define SIGNER_RACF_PROFILE_GENERIC_SEARCH_H_

#include <bitset>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkcs11/base/result.h"
#include "signer/racf/profile/profile_name.h"

namespace sigtoken {

// Walks the ranks of all generic names in their order, which is that of RACF's
// choice (ProfileName::Rank()), and leaps over all that share a beginning that
// the resource does not have. The number of leaps hangs on how many ways lead
// into the resource, not on how many profiles there are.
class GenericSearch {
 public:
  // The first rank that is not before `from`; nothing behind the last one.
  using Seek = std::function<Result<std::optional<std::string>>(
      const std::string& from)>;

  // `resource` has no generic characters and at most ProfileName::kMaxLength
  // characters. Both outlive the search.
  GenericSearch(std::string_view resource, const Seek& seek)
      : resource_(resource), seek_(&seek) {}

  // The rank of the next one that covers the resource; nothing behind the last.
  // Errors: those of the seek.
  Result<std::optional<std::string>> Next();

 private:
  // Where in the resource the beginning of a name can end. One more than its
  // length stands for a period behind its end, which ** can take away.
  using Places = std::bitset<ProfileName::kMaxLength + 2>;
  // What the last byte of the beginning was.
  enum class Last { kPeriod, kCharacter, kStar, kStars, kEnd };
  struct Beginning {
    Places places;
    Last last = Last::kPeriod;
  };

  std::optional<Beginning> Extend(const Beginning& beginning, char byte) const;
  std::optional<char> NextByte(const Beginning& beginning, char behind) const;
  Places PlacesBehindStar(const Beginning& beginning) const;
  Places PlacesBehindStars(const Beginning& beginning) const;
  bool IsWhole(const Beginning& beginning) const;

  std::string_view resource_;
  const Seek* seek_;
  std::string from_;
  bool ended_ = false;
};

// Whether the name with that rank covers `resource`.
bool Covers(const std::string& rank, std::string_view resource);

}  // namespace sigtoken

#endif  // SIGNER_RACF_PROFILE_GENERIC_SEARCH_H_
