// Known: what the checks of a module have found so far, for those behind them
// and for the verdict.

#ifndef PKCS11_CAPABILITIES_KNOWN_H_
#define PKCS11_CAPABILITIES_KNOWN_H_

#include <array>
#include <cstddef>
#include <string>

namespace sigtoken {

struct Known {
  // Token keys that sign and verify as they should, with all of the template
  // that protects them.
  bool generates = false;
  bool imports = false;
  // Whether there was a key, of whatever kind, to try MACs with.
  bool tried = false;
  // By MacAlgorithms(): whether a key signs with it.
  std::array<bool, 3> signs{};
  // Of a key whose value is known, or of one key in several threads.
  bool computes_wrong_macs = false;
  // Keys that others made and that may sign or verify.
  std::size_t keys_of_others = 0;
  // A session beside the one that logged in can be opened, and is logged in.
  bool has_sessions = true;
  // Nothing more is made in a token that does not let go of what was made.
  bool destroys = true;
  std::size_t made = 0;       // Objects in the token.
  std::size_t destroyed = 0;  // Of these, with CKR_OK.
  // What the device answered that failed to make a key; "" where none did.
  std::string device_failed;
};

}  // namespace sigtoken

#endif  // PKCS11_CAPABILITIES_KNOWN_H_
