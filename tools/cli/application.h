// The command line of sigtoken: its options, nouns and verbs.

#ifndef TOOLS_CLI_APPLICATION_H_
#define TOOLS_CLI_APPLICATION_H_

namespace sigtoken::cli {

// Parses the arguments, runs what they ask for, prints, and gives the exit
// status.
int RunSigtoken(int argc, char** argv);

}  // namespace sigtoken::cli

#endif  // TOOLS_CLI_APPLICATION_H_
