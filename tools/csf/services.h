// What ICSF's callable services stand on: the tokens as ICSF shows them.

#ifndef TOOLS_CSF_SERVICES_H_
#define TOOLS_CSF_SERVICES_H_

#include "pkcs11/objects/icsf.h"
#include "tools/c_library/process.h"

namespace sigtoken::c_library {

struct Services {
  explicit Services(Directory& directory) : icsf(directory) {}

  Icsf icsf;
};

}  // namespace sigtoken::c_library

#endif  // TOOLS_CSF_SERVICES_H_
