// The table of codes: CK_RV to ICSF, and what each code means.

#ifndef PKCS11_BASE_CODES_H_
#define PKCS11_BASE_CODES_H_

#include <p11-kit/pkcs11.h>

#include <span>
#include <string>
#include <string_view>

#include "pkcs11/base/icsf_code.h"

namespace sigtoken {

// One CK_RV: its name in PKCS #11 v2.40, section 11.1, and the ICSF codes that
// it becomes at the edge.
struct CkRvRow {
  CK_RV rv;
  std::string_view name;
  IcsfCode icsf;
  std::string_view meaning;
};

// One ICSF code. `source` is the document that gives it, or "ours".
struct IcsfRow {
  IcsfCode code;
  std::string_view meaning;
  std::string_view source;
  std::string_view cure;
};

// Both tables rise by their code.
std::span<const CkRvRow> CkRvRows();
std::span<const IcsfRow> IcsfRows();

// Null for a code that the table does not have.
const CkRvRow* FindCkRv(CK_RV rv);
const IcsfRow* FindIcsf(IcsfCode code);

// "CKR_PIN_INCORRECT"; "CKR 0xCE534351" for a code that the table lacks.
std::string CkRvName(CK_RV rv);

// What to do about it; of a code that the table lacks, whom to ask.
std::string_view CureOf(CK_RV rv);

// Codes without a row, vendors' codes among them, are 12/0: a device that
// answers in a way that nobody knows is not available.
IcsfCode IcsfOf(CK_RV rv);

}  // namespace sigtoken

#endif  // PKCS11_BASE_CODES_H_
