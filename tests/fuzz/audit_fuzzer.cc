// Can a line that is no audit record break the unload, or leave its columns?

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "signer/audit/audit_fields.h"
#include "signer/audit/audit_unload.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace sigtoken;
  const auto line =
      UnloadAuditRecord({reinterpret_cast<const char*>(data), size});
  if (!line) return 0;
  const AuditEvent event = line->starts_with("INITACEE ")
                               ? AuditEvent::kInitAcee
                               : AuditEvent::kJobInit;
  if (line->size() != AuditFieldsOf(event).back().end) std::abort();
  for (const char c : *line) {
    if (c < ' ' || c > '~') std::abort();
  }
  // Between the fields there is nothing.
  for (const AuditField& field : AuditFieldsOf(event)) {
    if ((*line)[field.start - 2] != ' ') std::abort();
  }
  return 0;
}
