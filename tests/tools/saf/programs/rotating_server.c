/*
 * A server that rotates its audit file on SIGHUP. Its arguments are what
 * happens to it: "call", a request; "hup", the signal. Ends with status 7.
 */
#define _POSIX_C_SOURCE 200809L

#include <racroute.h>
#include <signal.h>
#include <sigtoken_audit.h>
#include <string.h>

static void on_hup(int number) {
  (void)number;
  sigtoken_audit_rotate();
}

int main(int argc, char** argv) {
  struct sigaction action;
  RACROUTE_VERIFY keywords = {.SIZE = sizeof keywords,
                              .USERID = "\6USER01",
                              .APPL = "APPL01",
                              .PASSWRD = "\10password"};
  int i;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_hup;
  if (sigaction(SIGHUP, &action, NULL) != 0) return 1;
  for (i = 1; i < argc; i++) {
    if (strcmp(argv[i], "hup") == 0) {
      raise(SIGHUP);
    } else if (racroute_verify(&keywords, NULL, NULL, NULL) != 0) {
      return 2;
    }
  }
  return 7;
}
