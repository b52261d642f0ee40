/* Finds the services, which refuse a call without parameters. */
#include <irrsia00.h>
#include <racroute.h>
#include <sigtoken_audit.h>
#include <stdio.h>

int main(void) {
  int32_t saf = 0;
  int32_t racf = 0;
  int32_t reason = 0;
  RACROUTE_VERIFY keywords = {.SIZE = sizeof keywords, .ENVIR = 9};
  ACEE acee;
  IDTA idta = {.IDTA_ID = IDTA_EYECATCHER};
  unsigned char image[IDTA_LENGTH];
  sigtoken_audit_rotate();
  if (acee_init(&acee, "USER01") != 0) return 1;
  if (irrpidta_encode(&idta, image) != 0 || image[0] != 'I') return 2;
  if (IRRSIA00(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
               NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
               NULL, NULL, NULL, NULL, NULL) != 8) {
    return 3;
  }
  racroute_verify(&keywords, &saf, &racf, &reason);
  if (saf != 8 || racf != 0x70 || reason != 0xA01) return 4;
  printf("IDTTKN.JWT.SECRET:00000001T\n");
  return 0;
}
