/*
 * racroute.h: RACROUTE REQUEST=VERIFY, as far as identity tokens go.
 *
 * Keywords and codes are those of z/OS Security Server RACROUTE Macro
 * Reference, "RACROUTE REQUEST=VERIFY", with the changes of APAR OA63462; a
 * keyword is a member of a structure here, since C has no such macros.
 *
 * !!  THIS LIBRARY CHECKS NO PASSWORDS, AND KEEPS NONE. PASSWRD and PHRASE  !!
 * !!  say that there was one and that THE CALLER HAS VERIFIED IT. Whoever   !!
 * !!  passes on what a user has typed, unverified, lets everybody in.       !!
 *
 * The configuration is that of the program sigtoken (SIGTOKEN_CONFIG,
 * SIGTOKEN_HOME), read at the first call. With SIGTOKEN_SAF_MESSAGES=1 in the
 * environment each refusal, each IDTA that was not looked at and each token
 * that was not made also writes one line to stderr that says why. Any number of
 * threads may call at once.
 */
#ifndef SIGTOKEN_SAF_RACROUTE_H_
#define SIGTOKEN_SAF_RACROUTE_H_

#include <ihaacee.h>
#include <irrpidta.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ENVIR= */
#define RACROUTE_ENVIR_CREATE 0
#define RACROUTE_ENVIR_CHANGE 1
#define RACROUTE_ENVIR_DELETE 2
#define RACROUTE_ENVIR_VERIFY 3

/* PASSCHK= */
#define RACROUTE_PASSCHK_YES 0
#define RACROUTE_PASSCHK_NO 1
#define RACROUTE_PASSCHK_NOMFA 2

/* RELEASE=, the first one with which an IDTA is looked at. */
#define RACROUTE_RELEASE_IDTA "PLV0001"

/*
 * The keywords. What is 0 or NULL is left out, so that a program sets what it
 * needs and lives with keywords that come later:
 *
 *   RACROUTE_VERIFY keywords = {.SIZE = sizeof keywords, .IDTA = &idta};
 *
 * START, ENVRIN, ICRX and IDID: whether they are there is all that is looked
 * at. USERID, PASSWRD, NEWPASS, PHRASE and NEWPHRASE begin with 1 byte length;
 * length 0 is as good as NULL. Of passwords and phrases no more than that byte
 * is read.
 */
/* NOLINTNEXTLINE(modernize-use-using): this is C. */
typedef struct RACROUTE_VERIFY {
  size_t SIZE;         /* sizeof(RACROUTE_VERIFY) */
  int32_t ENVIR;       /* RACROUTE_ENVIR_... */
  int32_t PASSCHK;     /* RACROUTE_PASSCHK_... */
  const char* RELEASE; /* "PLV0001"; NULL is IBM's default, "1.6", with which
                          no IDTA is looked at */
  const void* START;
  const void* ENVRIN;
  const void* ICRX;
  const void* IDID;
  const void* USERID;    /* length, 1-8 characters; upper case */
  const char* APPL;      /* 8 characters, blanks behind, or fewer and a NUL;
                            upper case. Blanks alone are as good as NULL */
  const void* PASSWRD;   /* length 1-8: of a password that was right */
  const void* NEWPASS;   /* length 1-8 */
  const void* PHRASE;    /* length 9-100: of a phrase that was right */
  const void* NEWPHRASE; /* length 9-100 */
  const char* AMR;   /* ours: how the caller has authenticated the user, where
                        that was not a password or a phrase alone: values of
                        the claim amr with blanks between, and a NUL */
  struct IDTA* IDTA; /* in/out */
  struct ACEE* ACEE; /* out: the user, after 0/0/0 with ENVIR=CREATE; zeros
                        after 0/0/0 with ENVIR=DELETE */
} RACROUTE_VERIFY;

/*
 * Gives the SAF return code, too; outputs that are NULL are not written. Codes
 * are hexadecimal: SAF/RACF/reason.
 *   0/0/0    the user is who the request says. A token came back if
 *            IDTA_SAF_IDT_RETURN is on; else IDTA_IDT_Gen_RC says why not
 *   4/4/0    the user is not defined ([users] strict)
 *   8/8/0    the signature of the token does not fit, which is counted against
 *            the user; or nothing in the request authenticates anybody
 *   8/C/0    the password or phrase that the token stands for has expired
 *   8/10/0   the new password or phrase does not go with the request
 *   8/1C/0   the user is revoked
 *   8/6C/x   the token is refused: F expired, 14 not signed, 15 no key is
 *            configured, 1A the class IDTDATA is not active; from A01 on
 *            ours. A0B and A0C: not decided, the token may be good. A0D: the
 *            request could not be put on record (a full disk), and the IDTA is
 *            as it was; make room, and call again
 *   8/70/1   the buffer is too small; IDTA_IDT_Len says how many bytes it must
 *            have. 8/70/A01 and on: a keyword or a field of the IDTA is wrong
 *            (ours)
 *   8/74/1   the user is not fully authenticated (mfa-exp, mfa-newinv,
 *            mfa-nmi), and is not in. A token that says how far it came is
 *            there if IDTA_SAF_IDT_RETURN is on. Prompt the user again, and
 *            call with that token and with what has been verified now: AMR
 *            ("mfa-comp saf-pwd"), or USERID with PASSWRD or PHRASE; after
 *            mfa-exp and mfa-newinv with NEWPASS or NEWPHRASE too
 * `sigtoken explain` says what a code means and what to do.
 *
 * With IDTA_IDT_Len of 0 the user is authenticated by what the request says,
 * and a token is made. Else the buffer has a token of that many bytes, which
 * authenticates its user; with 8/6C and 8/8 the length is 0 afterwards. A new
 * token may take its place. Of the IDTA, IDTA_IDT_Len, IDTA_IDT_Gen_RC and
 * IDTA_IDT_Prop_Out are written, the last two at each call whose IDTA_ID,
 * IDTA_Version and IDTA_Length are right; the buffer only where a token is
 * made, and nothing behind it.
 *
 * Beside a token PASSWRD and PHRASE are ignored where its amr has a SAF value
 * (saf-pwd, saf-phr, saf-ptkt, saf-acee), and, which is ours, without USERID.
 * Else, and with AMR, a new token takes its place that says how the user is
 * authenticated now.
 */
int32_t racroute_verify(const RACROUTE_VERIFY* keywords,
                        int32_t* SAF_return_code, int32_t* RACF_return_code,
                        int32_t* RACF_reason_code);

#ifdef __cplusplus
}
#endif

#endif /* SIGTOKEN_SAF_RACROUTE_H_ */
