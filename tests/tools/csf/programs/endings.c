/*
 * Uses the library and ends in one of several ways, with status 7; with
 * status 1 when a service does not do its work.
 */
#define _POSIX_C_SOURCE 200809L

#include <csfbext.h>
#include <csnpdefs.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define RIGHT 7
#define WRONG 1

static char token[] = "ENDINGS                                     ";

static int make_token(void) {
  int32_t return_code = -1;
  int32_t reason_code = -1;
  int32_t rules = 1;
  int32_t length = 68;
  char record[68];
  memset(record, ' ', 64);
  memset(record + 64, 0, 4);
  return CSFPTRC(&return_code, &reason_code, NULL, NULL, token, &rules,
                 "TOKEN   ", &length, record) == 0;
}

static int make_random(void) {
  int32_t return_code = -1;
  int32_t reason_code = -1;
  int32_t rules = 1;
  int32_t none = 0;
  unsigned char bytes[16];
  int32_t length = sizeof bytes;
  return CSFPPRF(&return_code, &reason_code, NULL, NULL, &rules, "PRNG    ",
                 token, &none, NULL, &length, bytes) == 0;
}

static void* leave(void* unused) {
  (void)unused;
  exit(make_random() ? RIGHT : WRONG);
}

static int status_of(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child) return WRONG;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char** argv) {
  const char* way = argc > 1 ? argv[1] : "";
  if (!make_token() || !make_random()) return WRONG;
  if (strcmp(way, "return") == 0) return RIGHT;
  if (strcmp(way, "thread") == 0) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, leave, NULL) != 0) return WRONG;
    pthread_join(thread, NULL);
    return WRONG;
  }
  if (strcmp(way, "child") == 0 || strcmp(way, "idle child") == 0) {
    pid_t child = fork();
    if (child != 0) return status_of(child);
    return way[0] == 'i' || make_random() ? RIGHT : WRONG;
  }
  if (strcmp(way, "parent") == 0) {
    pid_t child = fork();
    if (child == 0) exit(make_random() ? RIGHT : WRONG);
    return status_of(child) == RIGHT && make_random() ? RIGHT : WRONG;
  }
  fprintf(stderr, "there is no way '%s'\n", way);
  return WRONG;
}
