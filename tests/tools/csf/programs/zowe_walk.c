/*
 * Does what Zowe's C client of these services does, one step after the other,
 * and ends with status 1 at the first thing that is not as it should be.
 */
#include <csfbext.h>
#include <csnpdefs.h>
#include <stdio.h>
#include <stdlib.h>

#define TOKEN_NAME "ZOWE.WALK"
#define RECORD_BYTES 116
#define HANDLE_BYTES 44
#define MAC_BYTES 64 /* The room; SHA-256 needs 32. */
#define PAGE 10
#define KEYS 12

struct handle {
  char name[32];
  char sequence[8];
  char category[4];
};

static int return_code;
static int reason_code;
static int exit_length;
static unsigned char exit_data[4];

static void end_of_step(const char* step, int good) {
  printf("%s: %d/%d\n", step, return_code, reason_code);
  if (good) return;
  printf("%s is not as it should be\n", step);
  exit(1);
}

static void must(const char* step) { end_of_step(step, return_code == 0); }

/* Appends to a list what a CK_ATTRIBUTE says; gives the list's new length. */
static int append(unsigned char* list, int length,
                  const CK_ATTRIBUTE* attribute) {
  unsigned short value_length = (unsigned short)attribute->ulValueLen;
  memcpy(list + length, &attribute->type, 4);
  memcpy(list + length + 4, &value_length, 2);
  memcpy(list + length + 6, attribute->pValue, value_length);
  return length + 6 + value_length;
}

static int make_list(unsigned char* list, const CK_ATTRIBUTE* attributes,
                     unsigned short count) {
  int length = 2;
  int i;
  memcpy(list, &count, 2);
  for (i = 0; i < count; i++) length = append(list, length, &attributes[i]);
  return length;
}

/* Where the value of `type` lies in a list, or NULL. */
static const unsigned char* find(const unsigned char* list,
                                 CK_ATTRIBUTE_TYPE type,
                                 unsigned short* value_length) {
  unsigned short count;
  memcpy(&count, list, 2);
  for (list += 2; count > 0; count--) {
    CK_ATTRIBUTE_TYPE found;
    memcpy(&found, list, 4);
    memcpy(value_length, list + 4, 2);
    if (found == type) return list + 6;
    list += 6 + *value_length;
  }
  return NULL;
}

static struct handle token_handle(void) {
  struct handle handle;
  memset(&handle, ' ', sizeof handle);
  memcpy(handle.name, TOKEN_NAME, strlen(TOKEN_NAME));
  return handle;
}

static void create_token(void) {
  struct handle handle = token_handle();
  int rules = 1;
  int length = 68;
  char record[68];
  memset(record, ' ', 64);
  memcpy(record, "ZOWE", 4);
  memcpy(record + 32, "WALK", 4);
  memset(record + 64, 0, 4);
  CSFPTRC6(&return_code, &reason_code, &exit_length, exit_data, &handle, &rules,
           "TOKEN   ", &length, record);
  must("create token");
}

/* By name, `page` tokens a page. */
static int token_is_listed(int page) {
  char records[16 * RECORD_BYTES];
  char last[HANDLE_BYTES];
  int rules = 1;
  int no_length = 0;
  int found = 0;
  memset(last, ' ', sizeof last);
  do {
    int length = sizeof records;
    int count = page;
    int i;
    CSFPTRL6(&return_code, &reason_code, &exit_length, exit_data, last, &rules,
             "TOKEN   ", &no_length, NULL, &length, &count, records);
    if (return_code != 0 && !(return_code == 4 && reason_code == 3017)) break;
    for (i = 0; i < count; i++) {
      const char* record = records + i * RECORD_BYTES;
      memcpy(last, record, 32);
      if (memcmp(record, TOKEN_NAME "     ", strlen(TOKEN_NAME) + 5) == 0) {
        found += memcmp(record + 32, "ZOWE ", 5) == 0;
      }
    }
  } while (return_code == 4);
  return found;
}

static struct handle import_key(void* value, CK_ULONG value_length) {
  CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
  CK_KEY_TYPE key_type = CKK_GENERIC_SECRET;
  CK_BBOOL yes = CK_TRUE;
  CK_ATTRIBUTE attributes[] = {
      {CKA_CLASS, NULL, sizeof object_class},
      {CKA_KEY_TYPE, NULL, sizeof key_type},
      {CKA_TOKEN, NULL, sizeof yes},
      {CKA_SIGN, NULL, sizeof yes},
      {CKA_VALUE, NULL, value_length},
      {CKA_LABEL, "KEY_HS256", 9},
      {CKA_APPLICATION, "ZOWE", 4},
  };
  unsigned char list[1024];
  struct handle handle = token_handle();
  int rules = 1;
  int length;
  attributes[0].pValue = &object_class;
  attributes[1].pValue = &key_type;
  attributes[2].pValue = &yes;
  attributes[3].pValue = &yes;
  attributes[4].pValue = value;
  length = make_list(list, attributes, 7);
  CSFPTRC6(&return_code, &reason_code, &exit_length, exit_data, &handle, &rules,
           "OBJECT  ", &length, list);
  must("import key");
  return handle;
}

/* The first object of that class and label, 10 a page. */
static struct handle find_object(CK_OBJECT_CLASS object_class, char* label) {
  CK_ATTRIBUTE attributes[] = {
      {CKA_CLASS, NULL, sizeof object_class},
      {CKA_LABEL, NULL, 0},
  };
  unsigned char list[1024];
  struct handle handles[10];
  struct handle from = token_handle();
  int rules = 1;
  int search_length;
  int length = sizeof handles;
  int count = 10;
  attributes[0].pValue = &object_class;
  attributes[1].pValue = label;
  attributes[1].ulValueLen = (CK_ULONG)strlen(label);
  search_length = make_list(list, attributes, 2);
  CSFPTRL6(&return_code, &reason_code, &exit_length, exit_data, &from, &rules,
           "OBJECT  ", &search_length, list, &length, &count, handles);
  end_of_step("find object",
              return_code == 0 && count == 1 && length == HANDLE_BYTES);
  return handles[0];
}

/* RFC 4231, section 4.3: test case 2. */
static void sign(const struct handle* key, unsigned char* mac) {
  static const unsigned char right[32] = {
      0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24,
      0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27,
      0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43};
  char text[] = "what do ya want for nothing?";
  unsigned char chain[128] = {0};
  int rules = 2;
  int text_length = (int)strlen(text);
  int alet = 0;
  int chain_length = sizeof chain;
  int mac_length = MAC_BYTES;
  CSFPHMG6(&return_code, &reason_code, &exit_length, exit_data, &rules,
           "SHA-256 ONLY    ", &text_length, text, &alet, &chain_length, chain,
           key, &mac_length, mac);
  end_of_step("sign", return_code == 0 && mac_length == sizeof right &&
                          memcmp(mac, right, sizeof right) == 0);
}

static void delete_it(const char* step, const struct handle* handle,
                      const char* rule) {
  int rules = 1;
  CSFPTRD6(&return_code, &reason_code, &exit_length, exit_data, handle, &rules,
           rule);
  must(step);
}

/* That the MAC is right, and that it is not when one bit is not. */
static void verify(const struct handle* key, const unsigned char* mac) {
  char text[] = "what do ya want for nothing?";
  unsigned char changed[MAC_BYTES];
  unsigned char chain[128] = {0};
  int rules = 2;
  int text_length = (int)strlen(text);
  int alet = 0;
  int chain_length = sizeof chain;
  int mac_length = 32;
  CSFPHMV6(&return_code, &reason_code, &exit_length, exit_data, &rules,
           "SHA-256 ONLY    ", &text_length, text, &alet, &chain_length, chain,
           key, &mac_length, mac);
  must("verify");
  memcpy(changed, mac, sizeof changed);
  changed[31] ^= 1;
  CSFPHMV6(&return_code, &reason_code, &exit_length, exit_data, &rules,
           "SHA-256 ONLY    ", &text_length, text, &alet, &chain_length, chain,
           key, &mac_length, changed);
  end_of_step("verify a wrong one", return_code == 4 && reason_code == 8000);
}

/* All objects of the token, 10 a page: 12 keys are two pages, and no key is on
 * both. */
static void list_in_pages(void) {
  struct handle keys[KEYS];
  struct handle listed[2 * PAGE];
  struct handle from = token_handle();
  char value[] = "value";
  int rules = 1;
  int none = 0;
  int length = PAGE * HANDLE_BYTES;
  int count = PAGE;
  int i;
  int j;
  for (i = 0; i < KEYS; i++) keys[i] = import_key(value, 5);
  CSFPTRL6(&return_code, &reason_code, &exit_length, exit_data, &from, &rules,
           "OBJECT  ", &none, NULL, &length, &count, listed);
  end_of_step("the first page", return_code == 4 && reason_code == 3017 &&
                                    count == PAGE &&
                                    length == PAGE * HANDLE_BYTES);
  from = listed[PAGE - 1];
  CSFPTRL6(&return_code, &reason_code, &exit_length, exit_data, &from, &rules,
           "OBJECT  ", &none, NULL, &length, &count, listed + PAGE);
  end_of_step("the second page", return_code == 0 && reason_code == 0 &&
                                     count == KEYS - PAGE &&
                                     length == (KEYS - PAGE) * HANDLE_BYTES);
  for (i = 0; i < KEYS; i++) {
    int found = 0;
    for (j = 0; j < KEYS; j++) {
      found += memcmp(&keys[i], &listed[j], HANDLE_BYTES) == 0;
    }
    end_of_step("each key is on a page", found == 1);
    delete_it("delete key", &keys[i], "OBJECT  ");
  }
}

static struct handle create_data(void) {
  CK_OBJECT_CLASS object_class = CKO_DATA;
  CK_BBOOL yes = CK_TRUE;
  CK_ATTRIBUTE attributes[] = {
      {CKA_CLASS, NULL, sizeof object_class},
      {CKA_TOKEN, NULL, sizeof yes},
      {CKA_VALUE, "kept", 4},
      {CKA_LABEL, "DATA", 4},
      {CKA_APPLICATION, "BEFORE", 6},
  };
  unsigned char list[1024];
  struct handle handle = token_handle();
  int rules = 1;
  int length;
  attributes[0].pValue = &object_class;
  attributes[1].pValue = &yes;
  length = make_list(list, attributes, 5);
  CSFPTRC6(&return_code, &reason_code, &exit_length, exit_data, &handle, &rules,
           "OBJECT  ", &length, list);
  must("create data object");
  return handle;
}

static void set_application(const struct handle* object, char* application) {
  CK_ATTRIBUTE attribute = {CKA_APPLICATION, NULL, 0};
  unsigned char list[256];
  int no_rules = 0;
  int length;
  attribute.pValue = application;
  attribute.ulValueLen = (CK_ULONG)strlen(application);
  length = make_list(list, &attribute, 1);
  CSFPSAV6(&return_code, &reason_code, &exit_length, exit_data, object,
           &no_rules, NULL, &length, list);
  must("set application");
}

static void read_back(const struct handle* object, const char* application) {
  unsigned char list[8192];
  int no_rules = 0;
  int length = sizeof list;
  unsigned short size = 0;
  const unsigned char* value;
  CSFPGAV6(&return_code, &reason_code, &exit_length, exit_data, object,
           &no_rules, NULL, &length, list);
  must("get attributes");
  value = find(list, CKA_APPLICATION, &size);
  end_of_step("read application", value != NULL &&
                                      size == strlen(application) &&
                                      memcmp(value, application, size) == 0);
  value = find(list, CKA_VALUE, &size);
  end_of_step("read value",
              value != NULL && size == 4 && memcmp(value, "kept", 4) == 0);
}

static void make_random(void) {
  struct handle handle = token_handle();
  unsigned char bytes[40];
  unsigned char before[40];
  int rules = 1;
  int no_length = 0;
  int length = sizeof bytes;
  memset(bytes, 0, sizeof bytes);
  memcpy(before, bytes, sizeof bytes);
  CSFPPRF6(&return_code, &reason_code, &exit_length, exit_data, &rules,
           "PRNG    ", &handle, &no_length, NULL, &length, bytes);
  end_of_step("random",
              return_code == 0 && memcmp(bytes, before, sizeof bytes) != 0);
}

int main(void) {
  char key_bytes[] = "Jefe";
  unsigned char mac[MAC_BYTES] = {0};
  struct handle made;
  struct handle key;
  struct handle data;
  struct handle token = token_handle();
  create_token();
  end_of_step("find token", token_is_listed(16) == 1);
  end_of_step("find token, one a page", token_is_listed(1) == 1);
  made = import_key(key_bytes, 4);
  key = find_object(CKO_SECRET_KEY, "KEY_HS256");
  end_of_step("the key is the one that was made",
              memcmp(&made, &key, sizeof key) == 0);
  sign(&key, mac);
  verify(&key, mac);
  data = create_data();
  set_application(&data, "AFTERWARDS");
  read_back(&data, "AFTERWARDS");
  make_random();
  delete_it("delete key", &key, "OBJECT  ");
  delete_it("delete data object", &data, "OBJECT  ");
  list_in_pages();
  delete_it("delete token", &token, "TOKEN   ");
  end_of_step("the token is gone", token_is_listed(16) == 0);
  printf("done\n");
  return 0;
}
