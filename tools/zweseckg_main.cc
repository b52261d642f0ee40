// The program zweseckg: what Zowe's sample job of that name does.

#include "tools/cli/process.h"
#include "tools/cli/zweseckg.h"

int main(int argc, char** argv) {
  sigtoken::cli::HardenProcess();
  return sigtoken::cli::RunZweseckg(argc, argv);
}
