/* One file has csnpdefs.h, two_headers_p11_kit.c has p11-kit's pkcs11.h. */
#include <csfbext.h>
#include <csnpdefs.h>

unsigned long module_class(void);
unsigned long module_number_size(void);

int main(void) {
  int32_t return_code = 0;
  int32_t reason_code = 0;
  CK_ATTRIBUTE attribute = {CKA_CLASS, NULL, sizeof(CK_OBJECT_CLASS)};
  CSFPSKE(&return_code, &reason_code);
  return return_code == 12 && reason_code == 8 &&
                 module_class() == CKO_SECRET_KEY &&
                 module_number_size() == sizeof(long) &&
                 sizeof attribute.ulValueLen == 4
             ? 0
             : 1;
}
