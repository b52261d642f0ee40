/*
 * csfbext.h: ICSF's callable services for C programs, on any PKCS#11 module.
 * Programs that call them on z/OS compile unchanged; link with
 *
 *   pkg-config --cflags --libs sigtoken-csf
 *
 * Parameters, their order and their lengths are those of the z/OS ICSF
 * Application Programmer's Guide, chapter "Using PKCS #11 callable services",
 * under each service's name.
 *
 * Every service begins with the same four parameters:
 *   return_code       out  0 done; 4 done, look at the reason code; 8 the
 *                          request is at fault; 12 ICSF is not available
 *                          (here: the PKCS#11 module, its token or the store);
 *                          16 a fault of this library
 *   reason_code       out  why; `sigtoken explain RETURN/REASON` says what a
 *                          pair means and what to do
 *   exit_data_length  in   not looked at; may be NULL
 *   exit_data         in   not looked at; may be NULL
 * and gives back the return code as its value, too.
 *
 * In all services:
 *   - An integer is an int32_t behind a pointer. A length counts bytes.
 *   - A rule array has 8 characters for each keyword, blanks behind:
 *     "KEY     ". At most 3 keywords.
 *   - A handle has 44 characters and no NUL: the name of the token 32, the
 *     sequence number of an object 8, its category 1, blanks 3. In the handle
 *     of a token only the first 32 are looked at.
 *   - An attribute list ("Attribute list format") has at most 32752 bytes:
 *     2 bytes with the number of attributes and for each of them 4 bytes type,
 *     2 bytes length, value (csnpdefs.h). Integers in it are in the byte order
 *     of the machine, as for the same source on z/OS; CK_ULONG has 4 bytes.
 *   - text_id is 0: there are no other address spaces to take the text from.
 *   - chain_data has 128 bytes (or more, of which the first 128 count), on
 *     every call. After FIRST they refer to a state object of this process,
 *     and their first 44 bytes are its handle: end the chain with LAST, or
 *     free it by CSFPTRD with the rule OBJECT. A child of fork() cannot go on
 *     with its parent's chains.
 *   - Where a length or a count is 0, its array may be NULL. Any other NULL is
 *     8/3002; a NULL for return_code or reason_code is not written.
 *   - With a return code of 8 or more every output is as it was, but for a
 *     length: with 8/3003 the length parameter of the output that was too
 *     short says how many bytes it needs.
 *   - Lengths that cannot be are 8/11000, rule arrays 8/3000.
 *   - Any number of threads may call at once.
 *
 * The configuration is that of the program sigtoken (SIGTOKEN_CONFIG,
 * SIGTOKEN_HOME), read at the first call. With SIGTOKEN_CSF_MESSAGES=1 in the
 * environment each refusal also writes one line to stderr that says why.
 */
#ifndef SIGTOKEN_CSF_CSFBEXT_H_
#define SIGTOKEN_CSF_CSFBEXT_H_

#include <stdint.h>
/*
 * Not for this header: programs are written (Zowe's sample job ZWESECKG among
 * them) that call memcpy() and include no more than <stdio.h>, csfbext.h and
 * csnpdefs.h. z/OS forgives them, compilers here do not.
 */
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Bytes are passed as void *, since programs hold them as they like: in arrays
 * of char, of unsigned char, in structures. None of them needs a cast, and
 * none gets a warning. What is only read is const, and takes both.
 *
 * Each service has a second name that ends in 6, for callers in AMODE 64. Both
 * do the same here, and this declares both; it is gone at the end.
 */
#define SIGTOKEN_CSF_BOTH(name, ...) \
  int32_t name(__VA_ARGS__);         \
  int32_t name##6(__VA_ARGS__)

/*
 * Token record create. With the rule TOKEN (and RECREATE) it makes a token;
 * attribute_list is a record of 68 bytes: manufacturer 32, model 16, serial
 * number 16, blanks behind each, and 4 zeros. With OBJECT it makes an object in
 * the token that `handle` names, with OBJECT and COPY a copy of the object that
 * it names.
 *   handle  in/out  44 characters; the object's handle comes back
 */
SIGTOKEN_CSF_BOTH(CSFPTRC, int32_t* return_code, int32_t* reason_code,
                  const int32_t* exit_data_length, const void* exit_data,
                  void* handle, const int32_t* rule_array_count,
                  const void* rule_array, const int32_t* attribute_list_length,
                  const void* attribute_list);

/*
 * Token record delete. With the rule TOKEN the token and everything in it, with
 * OBJECT one object or the state object of a chain, which is 8/3027 when it is
 * gone already.
 */
SIGTOKEN_CSF_BOTH(CSFPTRD, int32_t* return_code, int32_t* reason_code,
                  const int32_t* exit_data_length, const void* exit_data,
                  const void* handle, const int32_t* rule_array_count,
                  const void* rule_array);

/*
 * Token record list. With the rule TOKEN, records of 116 bytes: name 32,
 * manufacturer 32, model 16, serial number 16, date 8 (yyyymmdd), time 8
 * (hhmmssth, both UTC), flags 4. With OBJECT, handles of 44 bytes of the
 * objects that fit search_template, an attribute list.
 *   handle              in      blanks, or the token whose objects are listed;
 *                               to go on, the last one that came back
 *   output_list_length  in/out  the room; the bytes that came back
 *   handle_count        in/out  at most how many; how many came back
 * 4/3017: there are more.
 */
SIGTOKEN_CSF_BOTH(CSFPTRL, int32_t* return_code, int32_t* reason_code,
                  const int32_t* exit_data_length, const void* exit_data,
                  const void* handle, const int32_t* rule_array_count,
                  const void* rule_array, const int32_t* search_template_length,
                  const void* search_template, int32_t* output_list_length,
                  int32_t* handle_count, void* output_list);

/*
 * Generate secret key, with the rule KEY; parms_list_length is 0. What the
 * attributes do not say is safer here than on z/OS: the key is sensitive, and
 * not extractable.
 *   handle  in/out  44 characters; the key's handle comes back
 */
SIGTOKEN_CSF_BOTH(CSFPGSK, int32_t* return_code, int32_t* reason_code,
                  const int32_t* exit_data_length, const void* exit_data,
                  void* handle, const int32_t* rule_array_count,
                  const void* rule_array, const int32_t* attribute_list_length,
                  const void* attribute_list, const int32_t* parms_list_length,
                  const void* parms_list);

/*
 * Get attribute value: all attributes of an object. CKA_VALUE is not among
 * them unless the object is extractable and not sensitive.
 *   attribute_list_length  in/out  the room; the bytes that came back
 */
SIGTOKEN_CSF_BOTH(CSFPGAV, int32_t* return_code, int32_t* reason_code,
                  const int32_t* exit_data_length, const void* exit_data,
                  const void* handle, const int32_t* rule_array_count,
                  const void* rule_array, int32_t* attribute_list_length,
                  void* attribute_list);

/* Set attribute value: of those that may be changed. */
SIGTOKEN_CSF_BOTH(CSFPSAV, int32_t* return_code, int32_t* reason_code,
                  const int32_t* exit_data_length, const void* exit_data,
                  const void* handle, const int32_t* rule_array_count,
                  const void* rule_array, const int32_t* attribute_list_length,
                  const void* attribute_list);

/*
 * Generate HMAC. The rule array names the algorithm and FIRST, MIDDLE, LAST or
 * ONLY, which holds where none of them is there.
 *   hmac_length  in/out  the room; the bytes that came back, 0 on FIRST and
 *                        MIDDLE
 */
SIGTOKEN_CSF_BOTH(CSFPHMG, int32_t* return_code, int32_t* reason_code,
                  const int32_t* exit_data_length, const void* exit_data,
                  const int32_t* rule_array_count, const void* rule_array,
                  const int32_t* text_length, const void* text,
                  const int32_t* text_id, int32_t* chain_data_length,
                  void* chain_data, const void* key_handle,
                  int32_t* hmac_length, void* hmac);

/*
 * Verify HMAC, with the rules of CSFPHMG. 4/8000: it does not fit.
 *   hmac_length  in  at least the length of the MAC, on LAST and ONLY
 */
SIGTOKEN_CSF_BOTH(CSFPHMV, int32_t* return_code, int32_t* reason_code,
                  const int32_t* exit_data_length, const void* exit_data,
                  const int32_t* rule_array_count, const void* rule_array,
                  const int32_t* text_length, const void* text,
                  const int32_t* text_id, int32_t* chain_data_length,
                  void* chain_data, const void* key_handle,
                  const int32_t* hmac_length, const void* hmac);

/*
 * Pseudo-random function. With the rule PRNG, prf_output_length random bytes
 * (1 or more); `handle` names a token.
 */
SIGTOKEN_CSF_BOTH(CSFPPRF, int32_t* return_code, int32_t* reason_code,
                  const int32_t* exit_data_length, const void* exit_data,
                  const int32_t* rule_array_count, const void* rule_array,
                  const void* handle, const int32_t* parms_list_length,
                  const void* parms_list, const int32_t* prf_output_length,
                  void* prf_output);

/*
 * One-way hash, sign, or verify. The rule array names the hash; HASH, SIGN-RSA
 * or VER-RSA; and FIRST, MIDDLE, LAST or ONLY. 4/11000: the signature does not
 * fit.
 *   hash_length  in/out  the room; the bytes that came back, 0 on FIRST and
 *                        MIDDLE. With VER-RSA in: the signature's.
 *   hash         in/out  with VER-RSA the signature, which is read
 */
SIGTOKEN_CSF_BOTH(CSFPOWH, int32_t* return_code, int32_t* reason_code,
                  const int32_t* exit_data_length, const void* exit_data,
                  const int32_t* rule_array_count, const void* rule_array,
                  const int32_t* text_length, const void* text,
                  const int32_t* text_id, int32_t* chain_data_length,
                  void* chain_data, const void* handle, int32_t* hash_length,
                  void* hash);

/*
 * Random number generate: 8 bytes. `form` has 8 characters: RANDOM, or ODD or
 * EVEN for the parity of each byte. (Their 64-bit names begin with CSNE.)
 */
#define SIGTOKEN_CSF_RANDOM(name)                                      \
  int32_t name(int32_t* return_code, int32_t* reason_code,             \
               const int32_t* exit_data_length, const void* exit_data, \
               const void* form, void* random_number)
SIGTOKEN_CSF_RANDOM(CSNBRNG);
SIGTOKEN_CSF_RANDOM(CSNERNG);
SIGTOKEN_CSF_RANDOM(CSFRNG);
SIGTOKEN_CSF_RANDOM(CSFRNG6);
#undef SIGTOKEN_CSF_RANDOM

/*
 * Random number generate, long: 1 to 8192 bytes. The one keyword is the form
 * of CSNBRNG. reserved_length is 0.
 */
#define SIGTOKEN_CSF_RANDOM_LONG(name)                                  \
  int32_t name(int32_t* return_code, int32_t* reason_code,              \
               const int32_t* exit_data_length, const void* exit_data,  \
               const int32_t* rule_array_count, const void* rule_array, \
               const int32_t* reserved_length, const void* reserved,    \
               int32_t* random_number_length, void* random_number)
SIGTOKEN_CSF_RANDOM_LONG(CSNBRNGL);
SIGTOKEN_CSF_RANDOM_LONG(CSNERNGL);
SIGTOKEN_CSF_RANDOM_LONG(CSFRNGL);
SIGTOKEN_CSF_RANDOM_LONG(CSFRNGL6);
#undef SIGTOKEN_CSF_RANDOM_LONG

/*
 * The rest of the family, so that programs which name them link. They look at
 * nothing and answer 12/8 (service not available) always.
 */
#define SIGTOKEN_CSF_NOT_AVAILABLE(name) \
  SIGTOKEN_CSF_BOTH(name, int32_t* return_code, int32_t* reason_code, ...)
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPSKE); /* Secret key encrypt. */
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPSKD); /* Secret key decrypt. */
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPGKP); /* Generate key pair. */
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPPKS); /* Private key sign. */
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPPKV); /* Public key verify. */
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPUWK); /* Unwrap key. */
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPWPK); /* Wrap key. */
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPDVK); /* Derive key. */
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPDMK); /* Derive multiple keys. */
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPPD2); /* Private key structure decrypt. */
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPPE2); /* Public key structure encrypt. */
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPPS2); /* Private key structure sign. */
SIGTOKEN_CSF_NOT_AVAILABLE(CSFPPV2); /* Public key structure verify. */
#undef SIGTOKEN_CSF_NOT_AVAILABLE
#undef SIGTOKEN_CSF_BOTH

#ifdef __cplusplus
}
#endif

#endif /* SIGTOKEN_CSF_CSFBEXT_H_ */
