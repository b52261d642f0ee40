/*
 * One program with ICSF's services and RACF's, each from its own library, which
 * work on one token: signs and makes identity tokens, also in a child of
 * fork(). Ends with status 7.
 */
#define _POSIX_C_SOURCE 200809L

#include <csfbext.h>
#include <csnpdefs.h>
#include <irrsia00.h>
#include <racroute.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int sign(void) {
  int32_t return_code = -1;
  int32_t reason_code = -1;
  int32_t rules = 2;
  int32_t text_length = 5;
  int32_t text_id = 0;
  int32_t chain_length = 128;
  int32_t mac_length = 32;
  char chain[128];
  char mac[32];
  CSFPHMG(&return_code, &reason_code, NULL, NULL, &rules, "SHA-256 ONLY    ",
          &text_length, "hello", &text_id, &chain_length, chain,
          "IDTTKN.JWT.SECRET               00000001T   ", &mac_length, mac);
  if (return_code != 0) printf("CSFPHMG: %d/%d\n", return_code, reason_code);
  return return_code == 0;
}

static int make_token(void) {
  char buffer[1024];
  unsigned char function = INTA_GENIDT;
  int32_t saf = -1;
  int32_t racf = -1;
  int32_t reason = -1;
  IDTA idta = {.IDTA_ID = IDTA_EYECATCHER,
               .IDTA_Version = IDTA_VERSION,
               .IDTA_Length = IDTA_LENGTH,
               .IDTA_IDT_Buffer_Ptr = buffer,
               .IDTA_IDT_Buffer_Len = sizeof buffer,
               .IDTA_IDT_Type = IDTA_IDT_TYPE_JWT,
               .IDTA_IDT_Prop_In = IDTA_End_User_IDT};
  ACEE acee;
  ACEE* acee_address = &acee;
  IDTA* idta_address = &idta;
  acee_init(&acee, "USER01");
  IRRSIA00(NULL, NULL, &saf, NULL, &racf, NULL, &reason, &function, NULL, NULL,
           NULL, "\6APPL01", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           NULL, NULL, NULL, NULL, NULL, &acee_address, &idta_address);
  if (saf != 0) printf("IRRSIA00: %d/%d/%d\n", saf, racf, reason);
  return saf == 0;
}

int main(void) {
  int status = 0;
  pid_t child;
  if (!sign() || !make_token() || !sign() || !make_token()) return 1;
  child = fork();
  if (child == 0) return make_token() && sign() ? 7 : 1;
  if (waitpid(child, &status, 0) != child) return 1;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 7) return 2;
  return make_token() && sign() ? 7 : 1;
}
