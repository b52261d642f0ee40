// What the services leave in an IDTA.

#ifndef SIGNER_IDTA_WRITE_BACK_H_
#define SIGNER_IDTA_WRITE_BACK_H_

#include "signer/idt/generate.h"
#include "signer/idta/idta.h"

namespace sigtoken {

// First of all: what an earlier request left in generation code and output
// properties says nothing of this one (OA63462, "Error Handling when Generating
// an IDT": without a token IDTA_SAF_IDT_Return is off). What is no IDTA, by its
// eyecatcher, version and length, is not written to.
void ClearOutputs(Idta& idta);

// The refusal of a field. Of the IDTA only the length changes, and that where
// the buffer is too small.
GenerateResult RefuseIdta(const IdtaFinding& finding, Idta& idta);

// Generation code, output properties, and the length of the token that came
// back, or that the buffer must have.
void WriteBack(const GenerateResult& result, Idta& idta);

}  // namespace sigtoken

#endif  // SIGNER_IDTA_WRITE_BACK_H_
