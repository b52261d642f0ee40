/*
 * sigtoken_audit.h: the audit records of initACEE and RACROUTE, which go to the
 * file that [audit] of the configuration names.
 */
#ifndef SIGTOKEN_SAF_SIGTOKEN_AUDIT_H_
#define SIGTOKEN_SAF_SIGTOKEN_AUDIT_H_

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Before this process writes its next record, FILE becomes FILE.1 and a new
 * file is begun. May be called at any time, by any thread, and in a signal
 * handler: a server calls it in that of SIGHUP. The library has no handlers of
 * its own. Of several processes with one file, one is to call it, and that one
 * makes requests: a child of fork() does not inherit the wish. Where none does,
 * `sigtoken audit rotate` does it at once.
 */
void sigtoken_audit_rotate(void);

#ifdef __cplusplus
}
#endif

#endif /* SIGTOKEN_SAF_SIGTOKEN_AUDIT_H_ */
