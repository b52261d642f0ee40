/*
 * irrsia00.h: initACEE, of which this library has function code X'07': an
 * identity token for the user whom an ACEE stands for.
 *
 * Parameters, their order and their codes are those of z/OS Security Server
 * RACF Callable Services, "initACEE (IRRSIA00)", with the changes of APAR
 * OA63462.
 *
 * The configuration is that of the program sigtoken (SIGTOKEN_CONFIG,
 * SIGTOKEN_HOME), read at the first call. With SIGTOKEN_SAF_MESSAGES=1 in the
 * environment each refusal also writes one line to stderr that says why. Any
 * number of threads may call at once.
 */
#ifndef SIGTOKEN_SAF_IRRSIA00_H_
#define SIGTOKEN_SAF_IRRSIA00_H_

#include <ihaacee.h>
#include <irrpidta.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Function_code */
#define INTA_CREATE 1
#define INTA_DELETE 2
#define INTA_PURGE 3
#define INTA_REGISTER 4
#define INTA_DEREGISTER 5
#define INTA_QUERY 6
#define INTA_GENIDT 7

/*
 * Every parameter is a pointer: the document's "name of an area". NULL stands
 * for a parameter that is not given; an output that is NULL is not written.
 *
 *   Work_area         not looked at; nothing is written there
 *   ALET (all)        0: there is one address space
 *   Function_code     1 byte, INTA_GENIDT
 *   APPL_id           1 byte length, 1-8, and the application's name, in upper
 *                     case
 *
 *   ACEE2_ptr         the address of the ACEE (ihaacee.h)
 *
 *   IDTA_ptr          the address of the IDTA (irrpidta.h), whose IDTA_IDT_Len
 *                     is 0
 *
 * No other parameter goes with this function (OA63462, 3.4.1, table 6). One
 * that is given all the same must be zero in what is looked at:
 *
 *   Attributes                          4 bytes
 *   RACF_userid, Password, Logstring,
 *   Security_label, SERVAUTH_name,
 *   Password_phrase                     1 byte, the length
 *   Certificate                         4 bytes, the length
 *   ENVR_in, ENVR_out                   4 bytes, the length of the object
 *   Variable_list                       4 bytes, the number of variables
 *   ACEE_ptr, Output_area, X500name,
 *   IDID_area                           an address
 *
 * Gives the SAF return code, too. Codes are decimal: SAF/RACF/reason.
 *   0/0/0    the token is in the buffer, IDTA_IDT_Len bytes of it
 *   8/8/4    parameter list error: another function, or a parameter that is
 *            missing, wrong, or not of this function. It comes before all else.
 *   8/8/8    internal error; also, a request that could not be put on record
 *   8/8/16   the class IDTDATA is not active
 *   8/12/x   a field of the IDTA is wrong: 1 eyecatcher, 2 version, 3 length,
 *            4 pointer, 5 the buffer is too small, and IDTA_IDT_Len says how
 *            many bytes it must have (set it back to 0), 6 IDTA_IDT_Len is not
 *            0, 7 type
 *   8/16/x   no token can be made; x is IDTA_IDT_Gen_RC (irrpidta.h). 8/16/4
 *            also where the configuration or the store cannot be read.
 * `sigtoken explain` says what a code means and what to do.
 *
 * Of the IDTA, IDTA_IDT_Len, IDTA_IDT_Gen_RC and IDTA_IDT_Prop_Out are written,
 * the buffer only with 0/0/0, and nothing behind the token.
 */
int32_t IRRSIA00(
    void* Work_area, const int32_t* SAF_return_code_ALET,
    int32_t* SAF_return_code, const int32_t* RACF_return_code_ALET,
    int32_t* RACF_return_code, const int32_t* RACF_reason_code_ALET,
    int32_t* RACF_reason_code, const void* Function_code,
    const void* Attributes, const void* RACF_userid, ACEE* const* ACEE_ptr,
    const void* APPL_id, const void* Password, const void* Logstring,
    const void* Certificate, const void* ENVR_in, const void* ENVR_out,
    void* const* Output_area, void* const* X500name, const void* Variable_list,
    const void* Security_label, const void* SERVAUTH_name,
    const void* Password_phrase, void* const* IDID_area,
    const int32_t* ACEE2_ALET, ACEE* const* ACEE2_ptr, IDTA* const* IDTA_ptr);

#ifdef __cplusplus
}
#endif

#endif /* SIGTOKEN_SAF_IRRSIA00_H_ */
