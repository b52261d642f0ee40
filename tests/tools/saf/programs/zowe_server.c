/*
 * Does what Zowe's server does for /saf/authenticate and /saf/verify: a
 * RACROUTE REQUEST=VERIFY with a password that makes an identity token, and one
 * with the token and no password. Then the same by initACEE, and what both
 * answer to areas that are not right. Writes one line for each call.
 *
 * With an argument, only a RACROUTE for that token.
 */
#include <irrsia00.h>
#include <racroute.h>
#include <stdio.h>
#include <string.h>

#define MAX_JWT_LENGTH (2 * 1024)

static char buffer[MAX_JWT_LENGTH];
static IDTA idta;
static ACEE acee;

static void set_up(unsigned length) {
  memset(buffer, '?', sizeof buffer);
  memset(&idta, 0, sizeof idta);
  memcpy(idta.IDTA_ID, IDTA_EYECATCHER, sizeof idta.IDTA_ID);
  idta.IDTA_Version = IDTA_VERSION;
  idta.IDTA_Length = IDTA_LENGTH;
  idta.IDTA_IDT_Buffer_Ptr = buffer;
  idta.IDTA_IDT_Buffer_Len = length;
  idta.IDTA_IDT_Type = IDTA_IDT_TYPE_JWT;
  idta.IDTA_IDT_Prop_In = IDTA_End_User_IDT;
}

static int is_untouched(void) {
  size_t i;
  for (i = 0; i < sizeof buffer; i++) {
    if (buffer[i] != '?') return 0;
  }
  return 1;
}

static void report(const char* what, const char* format, int32_t saf,
                   int32_t racf, int32_t reason) {
  printf("%s: ", what);
  printf(format, (unsigned)saf, (unsigned)racf, (unsigned)reason);
  printf(", gen_rc = %d, prop_out = %X, token %s, buffer %s\n",
         idta.IDTA_IDT_Gen_RC, (unsigned)idta.IDTA_IDT_Prop_Out,
         idta.IDTA_IDT_Len == 0      ? "none"
         : idta.IDTA_IDT_Len == 1024 ? "of 1024"
                                     : "there",
         is_untouched() ? "untouched" : "written");
}

static void call_racroute(const char* what, const char* release,
                          const char* password) {
  static char user[] = "\6USER01";
  int32_t saf = -1;
  int32_t racf = -1;
  int32_t reason = -1;
  RACROUTE_VERIFY keywords = {.SIZE = sizeof keywords,
                              .RELEASE = release,
                              .USERID = user,
                              .APPL = "APPL01  ",
                              .PASSWRD = password,
                              .IDTA = &idta,
                              .ACEE = &acee};
  racroute_verify(&keywords, &saf, &racf, &reason);
  report(what, "%X/%X/%X", saf, racf, reason);
  keywords.ENVIR = RACROUTE_ENVIR_DELETE;
  racroute_verify(&keywords, NULL, NULL, NULL);
}

static void call_initacee(const char* what) {
  unsigned char function = INTA_GENIDT;
  int32_t alet = 0;
  int32_t saf = -1;
  int32_t racf = -1;
  int32_t reason = -1;
  char work_area[1024];
  ACEE user;
  ACEE* user_address = &user;
  IDTA* idta_address = &idta;
  acee_init(&user, "USER01");
  IRRSIA00(work_area, &alet, &saf, &alet, &racf, &alet, &reason, &function,
           NULL, NULL, NULL, "\6APPL01", NULL, NULL, NULL, NULL, NULL, NULL,
           NULL, NULL, NULL, NULL, NULL, NULL, &alet, &user_address,
           &idta_address);
  report(what, "%d/%d/%d", saf, racf, reason);
}

int main(int argc, char** argv) {
  set_up(sizeof buffer);
  if (argc > 1) {
    idta.IDTA_IDT_Len = (uint32_t)strlen(argv[1]);
    if (idta.IDTA_IDT_Len > sizeof buffer) return 1;
    memcpy(buffer, argv[1], idta.IDTA_IDT_Len);
    call_racroute("verify", RACROUTE_RELEASE_IDTA, "\0");
    return 0;
  }
  call_racroute("authenticate", RACROUTE_RELEASE_IDTA, "\10password");
  call_racroute("verify", RACROUTE_RELEASE_IDTA, "\0");
  set_up(sizeof buffer);
  call_initacee("initACEE");
  call_racroute("verify", RACROUTE_RELEASE_IDTA, "\0");
  call_initacee("initACEE with a token");
  set_up(IDTA_IDT_BUFFER_LEN_MIN - 1);
  call_racroute("authenticate into 1023", RACROUTE_RELEASE_IDTA, "\10password");
  set_up(IDTA_IDT_BUFFER_LEN_MIN - 1);
  call_initacee("initACEE into 1023");
  set_up(sizeof buffer);
  call_racroute("authenticate without RELEASE", NULL, "\10password");
  return 0;
}
