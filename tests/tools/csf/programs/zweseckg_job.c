/*
 * Makes a secret key as Zowe's sample job ZWESECKG does, with the same calls
 * and no more headers than it has: memcpy() comes with csfbext.h.
 */
#include <csfbext.h>
#include <csnpdefs.h>
#include <stdio.h>

#define ATTRIBUTES 4

static void print_hex(const unsigned char* bytes, int length) {
  int i;
  for (i = 0; i < length; i++) {
    printf(" %02x", bytes[i]);
    if (i % 8 == 7 || i == length - 1) printf("\n");
  }
}

int main(void) {
  CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
  CK_KEY_TYPE key_type = CKK_GENERIC_SECRET;
  CK_BBOOL yes = TRUE;
  CK_ULONG key_length = 32;
  CK_ATTRIBUTE wanted[ATTRIBUTES];

  int return_code = 0;
  int reason_code = 0;
  int exit_data_length = 0;
  unsigned char exit_data[4] = {0};
  /* Name 32, sequence number 8, category 1, blanks 3. */
  char handle[45] = "IDTTKN.JWT.SECRET                       T   ";
  int rule_array_count = 1;
  char rule_array[] = "KEY     ";
  unsigned char list[32752];
  int list_length = 0;
  int parms_length = 0;
  char parms[4] = {0};
  unsigned short count = ATTRIBUTES;
  int i;

  wanted[0].type = CKA_CLASS;
  wanted[0].pValue = &object_class;
  wanted[0].ulValueLen = sizeof object_class;
  wanted[1].type = CKA_KEY_TYPE;
  wanted[1].pValue = &key_type;
  wanted[1].ulValueLen = sizeof key_type;
  wanted[2].type = CKA_TOKEN;
  wanted[2].pValue = &yes;
  wanted[2].ulValueLen = sizeof yes;
  wanted[3].type = CKA_VALUE_LEN;
  wanted[3].pValue = &key_length;
  wanted[3].ulValueLen = sizeof key_length;

  memcpy(list, &count, sizeof count);
  list_length = sizeof count;
  for (i = 0; i < ATTRIBUTES; i++) {
    unsigned short length = (unsigned short)wanted[i].ulValueLen;
    memcpy(list + list_length, &wanted[i].type, sizeof wanted[i].type);
    list_length += (int)sizeof wanted[i].type;
    memcpy(list + list_length, &length, sizeof length);
    list_length += (int)sizeof length;
    memcpy(list + list_length, wanted[i].pValue, length);
    list_length += length;
  }

  CSFPGSK(&return_code, &reason_code, &exit_data_length, exit_data, handle,
          &rule_array_count, rule_array, &list_length, list, &parms_length,
          parms);

  if (return_code != 0) {
    printf("\nKey Generate failed:\n");
    printf(" Return Code = %04d\n", return_code);
    printf(" Reason Code = %04d\n", reason_code);
  }
  printf("\nAttribute struct:\n");
  print_hex(list, list_length);
  printf("\nHandle:\n");
  printf("\n%s\n", handle);
  return return_code;
}
