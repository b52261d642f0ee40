/*
 * A server that rotates its audit file on SIGHUP. Its arguments are what
 * happens to it: "call", a request; "hup", the signal; "workers", 12 children
 * who get the signal, and have a request each then. Ends with status 7.
 */
#define _POSIX_C_SOURCE 200809L

#include <racroute.h>
#include <signal.h>
#include <sigtoken_audit.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
  int i, worker, status;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_hup;
  if (sigaction(SIGHUP, &action, NULL) != 0) return 1;
  for (i = 1; i < argc; i++) {
    if (strcmp(argv[i], "hup") == 0) {
      raise(SIGHUP);
    } else if (strcmp(argv[i], "workers") == 0) {
      for (worker = 0; worker < 12; worker++) {
        if (fork() != 0) continue;
        raise(SIGHUP);
        _exit(racroute_verify(&keywords, NULL, NULL, NULL) != 0);
      }
      while (wait(&status) > 0) {
        if (status != 0) return 3;
      }
    } else if (racroute_verify(&keywords, NULL, NULL, NULL) != 0) {
      return 2;
    }
  }
  return 7;
}
