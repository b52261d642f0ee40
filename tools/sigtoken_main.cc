// The program sigtoken.

#include "tools/cli/application.h"
#include "tools/cli/process.h"

int main(int argc, char** argv) {
  sigtoken::cli::HardenProcess();
  return sigtoken::cli::RunSigtoken(argc, argv);
}
