/*
 * Calls one service with what the command line says. Writes what came back, a
 * line for each thing, and then the codes: "0/0".
 *
 *   asker list TOKEN CLASS LABEL     the handles of objects (CLASS: a number)
 *   asker hash HANDLE RULES [HEX]    CSFPOWH of stdin; HEX is a signature
 *   asker hmac HANDLE RULES          CSFPHMG of stdin
 *   asker random TOKEN
 *   asker delete TOKEN RULE
 *
 * Ends with status 1 when it does not understand what it is asked for.
 */
#include <csfbext.h>
#include <csnpdefs.h>
#include <stdio.h>
#include <stdlib.h>

static int32_t return_code = -1;
static int32_t reason_code = -1;
static char handle[45];
static char text[4096];
static int32_t text_length;
static unsigned char output[4096];
static int32_t output_length = sizeof output;
static unsigned char chain[128];
static int32_t chain_length = sizeof chain;
static int32_t nothing = 0;

/* 44 characters, blanks behind. */
static void set_handle(const char* given) {
  snprintf(handle, sizeof handle, "%-44s", given);
}

static void read_text(void) {
  text_length = (int32_t)fread(text, 1, sizeof text, stdin);
}

static void write_hex(void) {
  int32_t i;
  for (i = 0; i < output_length; i++) printf("%02x", output[i]);
  printf("\n");
}

static void read_hex(const char* hex) {
  unsigned byte = 0;
  for (output_length = 0; sscanf(hex, "%2x", &byte) == 1; hex += 2) {
    output[output_length++] = (unsigned char)byte;
  }
}

static void list(const char* object_class, const char* label) {
  CK_OBJECT_CLASS number = (CK_OBJECT_CLASS)atoi(object_class);
  CK_ATTRIBUTE_TYPE type = CKA_CLASS;
  unsigned short count = 2;
  unsigned short size = sizeof number;
  char search[256];
  int32_t length = 2;
  int32_t rules = 1;
  int32_t most = 10;
  int32_t i;
  memcpy(search, &count, 2);
  memcpy(search + length, &type, 4);
  memcpy(search + length + 4, &size, 2);
  memcpy(search + length + 6, &number, size);
  length += 6 + size;
  type = CKA_LABEL;
  size = (unsigned short)strlen(label);
  memcpy(search + length, &type, 4);
  memcpy(search + length + 4, &size, 2);
  memcpy(search + length + 6, label, size);
  length += 6 + size;
  CSFPTRL(&return_code, &reason_code, NULL, NULL, handle, &rules, "OBJECT  ",
          &length, search, &output_length, &most, output);
  if (return_code > 4) return;
  for (i = 0; i < most; i++) printf("%.44s\n", (char*)output + 44 * i);
}

static void hash(const char* rules, const char* signature) {
  int32_t count = (int32_t)strlen(rules) / 8;
  read_text();
  if (signature != NULL) read_hex(signature);
  CSFPOWH(&return_code, &reason_code, NULL, NULL, &count, rules, &text_length,
          text, &nothing, &chain_length, chain, handle, &output_length, output);
  if (signature == NULL && return_code == 0) write_hex();
}

static void hmac(const char* rules) {
  int32_t count = (int32_t)strlen(rules) / 8;
  read_text();
  CSFPHMG(&return_code, &reason_code, NULL, NULL, &count, rules, &text_length,
          text, &nothing, &chain_length, chain, handle, &output_length, output);
  if (return_code == 0) write_hex();
}

static void make_random(void) {
  int32_t rules = 1;
  output_length = 16;
  CSFPPRF(&return_code, &reason_code, NULL, NULL, &rules, "PRNG    ", handle,
          &nothing, NULL, &output_length, output);
}

static void delete_it(const char* rule) {
  int32_t rules = 1;
  CSFPTRD(&return_code, &reason_code, NULL, NULL, handle, &rules, rule);
}

int main(int argc, char** argv) {
  const char* what = argc > 2 ? argv[1] : "";
  if (argc > 2) set_handle(argv[2]);
  if (strcmp(what, "list") == 0 && argc == 5) {
    list(argv[3], argv[4]);
  } else if (strcmp(what, "hash") == 0 && (argc == 4 || argc == 5)) {
    hash(argv[3], argc == 5 ? argv[4] : NULL);
  } else if (strcmp(what, "hmac") == 0 && argc == 4) {
    hmac(argv[3]);
  } else if (strcmp(what, "random") == 0 && argc == 3) {
    make_random();
  } else if (strcmp(what, "delete") == 0 && argc == 4) {
    delete_it(argv[3]);
  } else {
    fprintf(stderr, "asker cannot do that\n");
    return 1;
  }
  printf("%d/%d\n", (int)return_code, (int)reason_code);
  return 0;
}
