// A program of someone else: it knows the installed headers and library only,
// and takes something of each layer.

#include <cstdio>

#include "keygen/key_template.h"
#include "pkcs11/icsf/handle.h"
#include "signer/jws/compact.h"

int main() {
  const auto handle = sigtoken::Handle::ParseAny("IDTTKN.JWT.SECRET:00000001T");
  if (!handle) return 1;

  const auto jws = sigtoken::CompactJws::Parse("e30.e30.");
  if (!jws || jws->payload() != "{}") return 2;

  if (sigtoken::OptionalProtections().empty()) return 3;

  std::puts(handle->FormatShort().c_str());
  return 0;
}
