// What this process knows of fork(): whether it is a child of one, and which
// of them are there to start a program.

#ifndef PKCS11_BASE_FORKS_H_
#define PKCS11_BASE_FORKS_H_

namespace sigtoken {

// Counted up in every child: getpid() would cost a system call at each use.
unsigned ForkGeneration();

// For its lifetime, a fork() of this thread makes a child that does nothing but
// start a program. It gets no store, no lock and no module, so nobody is waited
// for.
class ForkToExec {
 public:
  ForkToExec();
  ForkToExec(const ForkToExec&) = delete;
  ForkToExec& operator=(const ForkToExec&) = delete;
  ~ForkToExec();

  static bool OfThisThread();
};

}  // namespace sigtoken

#endif  // PKCS11_BASE_FORKS_H_
