#include "signer/idt/inspect.h"

#include "signer/jws/compact.h"
#include "signer/jws/strict_json.h"

namespace sigtoken {

Result<InspectedToken> InspectIdt(std::string_view token) {
  SIGTOKEN_ASSIGN(const CompactJws jws, CompactJws::Parse(token));
  SIGTOKEN_TRY(JsonObject::Parse(jws.header(), "the header"));
  SIGTOKEN_TRY(JsonObject::Parse(jws.payload(), "the payload"));
  return InspectedToken{jws.header(), jws.payload()};
}

}  // namespace sigtoken
