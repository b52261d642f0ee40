// A key, as `key generate`, `key list` and `key show` give it.

#ifndef TOOLS_CLI_KEY_JSON_H_
#define TOOLS_CLI_KEY_JSON_H_

#include <string>

#include "keygen/key_spec.h"
#include "pkcs11/tokens/object_index.h"
#include "pkcs11/tokens/token.h"
#include "tools/cli/command.h"

namespace sigtoken::cli {

// The members of a key. `with_attributes` adds "attributes".
Json KeyJson(const Token& token, const FoundKey& key, bool with_attributes);

// The same for people, over several lines.
std::string KeyText(const Token& token, const FoundKey& key);

// What a list of keys leaves out, and why: a warning for each key that cannot
// be used, a detail for each that was never whole.
void TellWhatIsLeftOut(const Token& token, const KeyList& list, Answer& answer);

// The answer of a command that made a key, or found one that was there.
Answer MadeKeyAnswer(const Token& token, const MadeKey& made);

// "IDTPARMS(SIGTOKEN(IDTTKN.JWT.SECRET) SIGSEQNUM(00000001) SIGCAT(T)
// SIGALG(HS256))", ready for RDEFINE. SIGALG is the algorithm that the key was
// made for, or RACF's default.
std::string IdtParms(const Handle& handle, const FoundKey& key);

}  // namespace sigtoken::cli

#endif  // TOOLS_CLI_KEY_JSON_H_
