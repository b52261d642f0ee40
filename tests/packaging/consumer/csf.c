/* Finds the services and says which key it would ask for. */
#include <csfbext.h>
#include <csnpdefs.h>
#include <stdio.h>

int main(void) {
  int32_t return_code = 0;
  int32_t reason_code = 0;
  CSFPSKE(&return_code, &reason_code);
  if (return_code != 12 || reason_code != 8) return 1;
  printf("IDTTKN.JWT.SECRET:00000001T\n");
  return 0;
}
