// The process that a program of ours runs in.

#ifndef TOOLS_CLI_PROCESS_H_
#define TOOLS_CLI_PROCESS_H_

namespace sigtoken::cli {

// Called first in main(): nothing of the process may reach a core file or a
// debugger of the same user, files are private, a reader that goes away
// and a file that may not grow are failed writes and no signals (p11-kit's
// client dies of SIGPIPE otherwise), the three standard descriptors are open,
// lest a store's file become one, and nobody else uses the modules.
void HardenProcess();

}  // namespace sigtoken::cli

#endif  // TOOLS_CLI_PROCESS_H_
