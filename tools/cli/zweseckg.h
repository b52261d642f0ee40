// zweseckg: one key by one call of CSFPGSK, reported as the sample job does.

#ifndef TOOLS_CLI_ZWESECKG_H_
#define TOOLS_CLI_ZWESECKG_H_

namespace sigtoken::cli {

// zweseckg [NAME]. Calls CSFPGSK with the four attributes of the sample job and
// prints its text: return and reason code in decimal if the call failed, the
// attribute list in hexadecimal as it looks on z/OS, the handle; after a
// failure that of the call, as the job does. Standard error says what the codes
// mean, and what `sigtoken key generate` would warn of. Gives the ICSF return
// code.
int RunZweseckg(int argc, char** argv);

}  // namespace sigtoken::cli

#endif  // TOOLS_CLI_ZWESECKG_H_
