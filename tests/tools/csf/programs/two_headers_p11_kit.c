#include <p11-kit/pkcs11.h>

unsigned long module_class(void);
unsigned long module_number_size(void);

unsigned long module_class(void) { return CKO_SECRET_KEY; }
unsigned long module_number_size(void) { return sizeof(CK_ULONG); }
