/*
 * One call of initACEE or RACROUTE REQUEST=VERIFY, as standard input says: a
 * line each for the parameters that are given. Prints the three codes, the IDTA
 * and the bytes of the token in it.
 */
#include <irrsia00.h>
#include <racroute.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char line[4 << 20];
static char buffer[2 << 20];

/* The bytes of a hexadecimal text, at most `room`. */
static size_t from_hex(const char* text, unsigned char* bytes, size_t room) {
  size_t count = 0;
  unsigned int byte;
  while (count < room && sscanf(text + 2 * count, "%2x", &byte) == 1)
    bytes[count++] = (unsigned char)byte;
  return count;
}

static void print_hex(const char* name, const unsigned char* bytes,
                      size_t count) {
  size_t i;
  printf("%s ", name);
  for (i = 0; i < count; ++i) printf("%02X", bytes[i]);
  printf("\n");
}

/* Room that lasts as long as the program. */
static char* room(size_t bytes) {
  static char all[4 << 20];
  static size_t used;
  char* begin = all + used;
  if (bytes > sizeof all - used) abort();
  used += bytes;
  return begin;
}

/* One byte length, and the text. */
static const void* counted(const char* text) {
  char* area = room(strlen(text) + 2);
  area[0] = (char)strlen(text);
  strcpy(area + 1, text);
  return area;
}

static char* copy(const char* text) {
  return strcpy(room(strlen(text) + 1), text);
}

int main(void) {
  RACROUTE_VERIFY keywords = {0};
  IDTA idta = {0}, *idta_address = &idta;
  ACEE acee = {0}, *acee_address = &acee;
  unsigned char image[IDTA_LENGTH];
  const unsigned char function = INTA_GENIDT;
  const void* appl_id = "";
  int32_t saf = -1, racf = -1, reason = -1;
  int init_acee = 0;

  keywords.SIZE = sizeof keywords;
  keywords.IDTA = &idta;
  keywords.ACEE = &acee;
  while (fgets(line, sizeof line, stdin) != NULL) {
    char* value;
    line[strcspn(line, "\n")] = '\0';
    value = strchr(line, ' ');
    if (value == NULL) return 2;
    *value++ = '\0';
    if (strcmp(line, "service") == 0)
      init_acee = strcmp(value, "initacee") == 0;
    else if (strcmp(line, "appl") == 0)
      appl_id = counted(value), keywords.APPL = copy(value);
    else if (strcmp(line, "user") == 0) {
      keywords.USERID = counted(value);
      /* Of what is no user there is no ACEE. */
      (void)acee_init(&acee, value);
    } else if (strcmp(line, "release") == 0)
      keywords.RELEASE = copy(value);
    else if (strcmp(line, "envir") == 0)
      keywords.ENVIR = atoi(value);
    else if (strcmp(line, "passchk") == 0)
      keywords.PASSCHK = atoi(value);
    else if (strcmp(line, "start") == 0)
      keywords.START = "";
    else if (strcmp(line, "envrin") == 0)
      keywords.ENVRIN = "";
    else if (strcmp(line, "icrx") == 0)
      keywords.ICRX = "";
    else if (strcmp(line, "idid") == 0)
      keywords.IDID = "";
    else if (strcmp(line, "passwrd") == 0)
      keywords.PASSWRD = "\6secret";
    else if (strcmp(line, "phrase") == 0)
      keywords.PHRASE = "\16my long secret";
    else if (strcmp(line, "newpass") == 0)
      keywords.NEWPASS = "\5other";
    else if (strcmp(line, "newphrase") == 0)
      keywords.NEWPHRASE = "\16another secret";
    else if (strcmp(line, "amr") == 0)
      keywords.AMR = copy(value);
    else if (strcmp(line, "idta") == 0) {
      from_hex(value, image, sizeof image);
      irrpidta_decode(image, buffer, &idta);
    } else if (strcmp(line, "token") == 0)
      from_hex(value, (unsigned char*)buffer, sizeof buffer);
    else
      return 2;
  }

  if (init_acee)
    IRRSIA00(NULL, NULL, &saf, NULL, &racf, NULL, &reason, &function, NULL,
             NULL, NULL, appl_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
             NULL, NULL, NULL, NULL, NULL, NULL, &acee_address, &idta_address);
  else
    racroute_verify(&keywords, &saf, &racf, &reason);

  printf("codes %d %d %d\n", (int)saf, (int)racf, (int)reason);
  irrpidta_encode(&idta, image);
  print_hex("idta", image, sizeof image);
  print_hex("token", (const unsigned char*)buffer,
            idta.IDTA_IDT_Len <= sizeof buffer ? idta.IDTA_IDT_Len : 0);
  printf("acee %.*s\n", (int)acee.ACEEUSRL, acee.ACEEUSRI);
  return 0;
}
