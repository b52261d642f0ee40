/*
 * Uses the library and ends in one of several ways, with status 7; with
 * status 1 when a service does not do its work.
 */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <racroute.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RIGHT 7
#define WRONG 1

static int make_token(void) {
  char buffer[1024];
  IDTA idta = {.IDTA_ID = IDTA_EYECATCHER,
               .IDTA_Version = IDTA_VERSION,
               .IDTA_Length = IDTA_LENGTH,
               .IDTA_IDT_Buffer_Ptr = buffer,
               .IDTA_IDT_Buffer_Len = sizeof buffer,
               .IDTA_IDT_Type = IDTA_IDT_TYPE_JWT,
               .IDTA_IDT_Prop_In = IDTA_End_User_IDT};
  RACROUTE_VERIFY keywords = {.SIZE = sizeof keywords,
                              .RELEASE = RACROUTE_RELEASE_IDTA,
                              .USERID = "\6USER01",
                              .APPL = "APPL01",
                              .PASSWRD = "\10password",
                              .IDTA = &idta};
  return racroute_verify(&keywords, NULL, NULL, NULL) == 0 &&
         (idta.IDTA_IDT_Prop_Out & IDTA_SAF_IDT_RETURN) != 0;
}

static void* leave(void* unused) {
  (void)unused;
  exit(make_token() ? RIGHT : WRONG);
}

static int status_of(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child) return WRONG;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char** argv) {
  const char* way = argc > 1 ? argv[1] : "";
  if (!make_token()) return WRONG;
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
    return way[0] == 'i' || make_token() ? RIGHT : WRONG;
  }
  if (strcmp(way, "parent") == 0) {
    pid_t child = fork();
    if (child == 0) exit(make_token() ? RIGHT : WRONG);
    return status_of(child) == RIGHT && make_token() ? RIGHT : WRONG;
  }
  fprintf(stderr, "there is no way '%s'\n", way);
  return WRONG;
}
