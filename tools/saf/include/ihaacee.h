/*
 * ihaacee.h: the Accessor Environment Element (ACEE), which stands for a user.
 * Of macro IHAACEE it has what identity tokens need, under the names of z/OS
 * Security Server RACF Data Areas, "ACEE"; its layout is not z/OS's.
 */
#ifndef SIGTOKEN_SAF_IHAACEE_H_
#define SIGTOKEN_SAF_IHAACEE_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ACEEACEE: four characters, no NUL. */
#define ACEE_EYECATCHER "ACEE"

/* NOLINTNEXTLINE(modernize-use-using): this is C. */
typedef struct ACEE {
  char ACEEACEE[4]; /* ACEE_EYECATCHER */
  uint8_t ACEEUSRL; /* the length of the user ID, 1-8 */
  char ACEEUSRI[8]; /* the user ID, upper case, blanks behind */
  char ACEERSVD[51];
} ACEE;

/*
 * Makes an ACEE for `userid`, of 1 to 8 characters A-Z 0-9 @ # $ and a NUL.
 * Nobody is authenticated by that: who calls has done it. Gives 0; 8 where
 * `acee` or `userid` is NULL, or it is no user ID, and then writes nothing.
 */
int acee_init(ACEE* acee, const char* userid);

#ifdef __cplusplus
}
#endif

#endif /* SIGTOKEN_SAF_IHAACEE_H_ */
