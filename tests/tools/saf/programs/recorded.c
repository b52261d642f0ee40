/*
 * Requests whose records somebody looks at afterwards. The argument says which:
 *   refused  parameters and keywords that are refused
 *   forked   one wish for rotation, and a request in each of three children
 *   limited  a request with no room for files to grow
 *   twice    two requests
 */
#include <irrsia00.h>
#include <racroute.h>
#include <sigtoken_audit.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void request(const void* password) {
  char buffer[2048];
  IDTA idta = {.IDTA_ID = IDTA_EYECATCHER,
               .IDTA_Version = IDTA_VERSION,
               .IDTA_Length = IDTA_LENGTH,
               .IDTA_IDT_Buffer_Ptr = buffer,
               .IDTA_IDT_Buffer_Len = sizeof buffer,
               .IDTA_IDT_Type = IDTA_IDT_TYPE_JWT,
               .IDTA_IDT_Prop_In = IDTA_End_User_IDT};
  RACROUTE_VERIFY keywords = {.SIZE = sizeof keywords,
                              .RELEASE = RACROUTE_RELEASE_IDTA,
                              .APPL = "APPL01  ",
                              .USERID = "\6USER01",
                              .PASSWRD = password,
                              .IDTA = &idta};
  int32_t saf, racf, reason;
  racroute_verify(&keywords, &saf, &racf, &reason);
  printf("%X/%X/%X\n", (unsigned)saf, (unsigned)racf, (unsigned)reason);
  fflush(stdout);
}

static void init_acee(unsigned char function) {
  const int32_t attributes = 1;
  ACEE acee, *acee_address = &acee;
  int32_t saf, racf, reason;
  acee_init(&acee, "USER01");
  IRRSIA00(NULL, NULL, &saf, NULL, &racf, NULL, &reason, &function, &attributes,
           NULL, NULL, "\6APPL01", NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           NULL, NULL, NULL, NULL, NULL, NULL, &acee_address, NULL);
  printf("%d/%d/%d\n", (int)saf, (int)racf, (int)reason);
}

int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "";
  int i;
  if (strcmp(what, "refused") == 0) {
    init_acee(INTA_GENIDT);
    init_acee(INTA_CREATE);
    request("\11ninebytes");
  } else if (strcmp(what, "forked") == 0) {
    request("\6secret");
    sigtoken_audit_rotate();
    for (i = 0; i < 3; ++i) {
      if (fork() == 0) {
        request("\6secret");
        _exit(0);
      }
      wait(NULL);
    }
  } else if (strcmp(what, "limited") == 0) {
    const struct rlimit limit = {4096, 4096};
    request("\6secret");
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
    for (i = 0; i < 4; ++i) request("\6secret");
  } else if (strcmp(what, "twice") == 0) {
    request("\6secret");
    request("\6secret");
  } else {
    return 2;
  }
  return 0;
}
