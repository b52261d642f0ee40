/*
 * Leaves 10,000 chains of CSFPHMG behind that nobody ends, and ends itself
 * with status 7; with status 1 when a service does not do its work.
 */
#include <csfbext.h>
#include <csnpdefs.h>

#define RIGHT 7
#define WRONG 1
#define CHAINS 10000

static int32_t return_code = -1;
static int32_t reason_code = -1;
static char handle[] = "UNFINISHED                                  ";

static int make_token(void) {
  int32_t rules = 1;
  int32_t length = 68;
  char record[68];
  memset(record, ' ', 64);
  memset(record + 64, 0, 4);
  return CSFPTRC(&return_code, &reason_code, NULL, NULL, handle, &rules,
                 "TOKEN   ", &length, record) == 0;
}

static int append(unsigned char* list, int length, CK_ATTRIBUTE_TYPE type,
                  const void* value, unsigned short size) {
  memcpy(list + length, &type, 4);
  memcpy(list + length + 4, &size, 2);
  memcpy(list + length + 6, value, size);
  return length + 6 + size;
}

static int make_key(void) {
  CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
  CK_KEY_TYPE key_type = CKK_GENERIC_SECRET;
  CK_BBOOL yes = CK_TRUE;
  CK_ULONG bytes = 32;
  unsigned short count = 4;
  unsigned char list[64];
  int32_t rules = 1;
  int32_t none = 0;
  int32_t length = 2;
  memcpy(list, &count, 2);
  length = append(list, length, CKA_CLASS, &object_class, sizeof object_class);
  length = append(list, length, CKA_KEY_TYPE, &key_type, sizeof key_type);
  length = append(list, length, CKA_TOKEN, &yes, sizeof yes);
  length = append(list, length, CKA_VALUE_LEN, &bytes, sizeof bytes);
  return CSFPGSK(&return_code, &reason_code, NULL, NULL, handle, &rules,
                 "KEY     ", &length, list, &none, NULL) == 0;
}

static int begin_chain(void) {
  unsigned char chain[128] = {0};
  unsigned char mac[32];
  int32_t rules = 2;
  int32_t text_length = 4;
  int32_t text_id = 0;
  int32_t chain_length = sizeof chain;
  int32_t mac_length = sizeof mac;
  return CSFPHMG(&return_code, &reason_code, NULL, NULL, &rules,
                 "SHA-256 FIRST   ", &text_length, "text", &text_id,
                 &chain_length, chain, handle, &mac_length, mac) == 0;
}

int main(void) {
  int i;
  if (!make_token() || !make_key()) return WRONG;
  for (i = 0; i < CHAINS; i++) {
    if (!begin_chain()) return WRONG;
  }
  return RIGHT;
}
