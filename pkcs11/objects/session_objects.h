// Session objects: what the process knows of objects that end with it.

#ifndef PKCS11_OBJECTS_SESSION_OBJECTS_H_
#define PKCS11_OBJECTS_SESSION_OBJECTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "pkcs11/cryptoki/objects.h"
#include "pkcs11/icsf/handle.h"

namespace sigtoken {

// What the state store knows of a token object, of a session object. The
// objects themselves are the module's, and are found by their address as those
// in the token are; they go with the token's login.
struct SessionRecord {
  std::size_t bytes = 0;  // As generated or given; 0 where that says nothing.
  AttributeValues kept;   // What the module does not keep.
};

// Thread safe.
class SessionObjects {
 public:
  // The number of the next session object of a token: its own count, from 1, in
  // each process.
  std::uint32_t NextSequence(const TokenName& token);

  void Put(const Handle& handle, SessionRecord record);
  std::optional<SessionRecord> Find(const Handle& handle) const;
  void Remove(const Handle& handle);
  void RemoveAllOf(const TokenName& token);

 private:
  mutable std::mutex mutex_;
  std::map<TokenName, std::uint32_t> last_sequence_;
  std::map<Handle, SessionRecord> records_;
};

}  // namespace sigtoken

#endif  // PKCS11_OBJECTS_SESSION_OBJECTS_H_
