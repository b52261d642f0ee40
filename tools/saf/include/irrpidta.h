/*
 * irrpidta.h: the Identity Token Area (IDTA), in which programs hand identity
 * tokens to initACEE (irrsia00.h) and RACROUTE REQUEST=VERIFY (racroute.h), and
 * get them from there. Link with
 *
 *   pkg-config --cflags --libs sigtoken-saf
 *
 * The fields, their order and their values are those of macro IRRPIDTA in
 * IBM's document of APAR OA63462, table A. All text is ASCII, and the integers
 * of the structure are in the byte order of the machine.
 */
#ifndef SIGTOKEN_SAF_IRRPIDTA_H_
#define SIGTOKEN_SAF_IRRPIDTA_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * IDTA_ID: four characters, no NUL. In C it initialises the field. In C++,
 * where a literal with its NUL is too long for that, copy it:
 *
 *   memcpy(idta.IDTA_ID, IDTA_EYECATCHER, sizeof idta.IDTA_ID);
 */
#define IDTA_EYECATCHER "IDTA"
#define IDTA_VERSION 1
/*
 * IDTA_Length: of the area as z/OS has it, whose pointer has 4 bytes. It is 36
 * everywhere, also where sizeof(IDTA) is 40.
 */
#define IDTA_LENGTH 36
/* The least that IDTA_IDT_Buffer_Len may be. */
#define IDTA_IDT_BUFFER_LEN_MIN 1024
/* IDTA_IDT_Type: a JSON Web Token. */
#define IDTA_IDT_TYPE_JWT 1

/* IDTA_IDT_Gen_RC */
/* With IDTA_SAF_IDT_RETURN: made. Without: nobody tried to. */
#define IDTA_IDT_GEN_RC_SUCC 0
/* End users get signed tokens only, and no key is configured. */
#define IDTA_IDT_GEN_RC_UNSIGN 3
/* ICSF, here the PKCS#11 module, its token or the store, is not available. */
#define IDTA_IDT_GEN_RC_ICSF_UNAVAIL 4
/* It is, and cannot make the signature. */
#define IDTA_IDT_GEN_RC_ICSF_ERR 5
/* The key and the algorithm of the profile do not fit. */
#define IDTA_IDT_GEN_RC_ALG_ERR 7

/* Bits of IDTA_IDT_Prop_Out: a token came back; its user is fully
   authenticated; it is signed. */
#define IDTA_SAF_IDT_RETURN 0x8000
#define IDTA_IDT_AUTH_DONE 0x4000
#define IDTA_IDT_SIGNED 0x2000

/* Bit of IDTA_IDT_Prop_In: an end user will have the token, or sent it. It must
   be signed then. */
#define IDTA_End_User_IDT 0x8000

/* That IDTA_ID has no NUL, for compilers that warn about such fields. */
#ifdef __has_attribute
#if __has_attribute(nonstring)
#define IDTA_NONSTRING __attribute__((nonstring))
#endif
#endif
#ifndef IDTA_NONSTRING
#define IDTA_NONSTRING
#endif

/* NOLINTNEXTLINE(modernize-use-using): this is C. */
typedef struct IDTA {
  IDTA_NONSTRING char IDTA_ID[4]; /* in      IDTA_EYECATCHER */
  uint16_t IDTA_Version;          /* in      IDTA_VERSION */
  uint16_t IDTA_Length;           /* in      IDTA_LENGTH */
  void* IDTA_IDT_Buffer_Ptr;      /* in      the caller's, for the token */
  uint32_t IDTA_IDT_Buffer_Len;   /* in      its bytes */
  uint32_t IDTA_IDT_Len;          /* in/out  0, or the bytes of a token that is
                                             in the buffer; the token has no NUL
                                             at its end */
  uint16_t IDTA_IDT_Type;         /* in      IDTA_IDT_TYPE_JWT */
  uint16_t IDTA_IDT_Gen_RC;       /* out */
  uint16_t IDTA_IDT_Prop_Out;     /* out */
  uint16_t IDTA_IDT_Prop_In;      /* in */
  char IDTA_Reserved[8];          /* zeros */
} IDTA;
#undef IDTA_NONSTRING

/*
 * The 36 bytes as they lie in storage on z/OS, big-endian, for programs that
 * pass an area on. A pointer means nothing elsewhere: in the image it is 0 for
 * NULL and 1 for any other.
 *
 * Both give 0; 8 where `idta` or `image` is NULL, and then write nothing. No
 * field is checked: the services do that.
 */
int irrpidta_encode(const IDTA* idta, unsigned char image[IDTA_LENGTH]);

/* IDTA_IDT_Buffer_Ptr becomes `buffer`, or NULL where the image has 0. */
int irrpidta_decode(const unsigned char image[IDTA_LENGTH], void* buffer,
                    IDTA* idta);

#ifdef __cplusplus
}
#endif

#endif /* SIGTOKEN_SAF_IRRPIDTA_H_ */
