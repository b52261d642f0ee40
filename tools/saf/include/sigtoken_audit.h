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
 * its own. Any number of processes with one file may take the same SIGHUP: what
 * one has rotated, no other rotates again for a signal of the same time, 10
 * seconds more or less. A child of fork() does not inherit the wish, and a
 * process that makes no more requests does not fulfil it: `sigtoken audit
 * rotate` rotates at once, always.
 */
void sigtoken_audit_rotate(void);

#ifdef __cplusplus
}
#endif

#endif /* SIGTOKEN_SAF_SIGTOKEN_AUDIT_H_ */
