// What the processes of the storms do.

#ifndef TESTS_STORMS_WORK_H_
#define TESTS_STORMS_WORK_H_

#include "pkcs11/setup/configuration.h"
#include "tests/storms/child.h"

namespace sigtoken::testing {

// Each opens the store for itself and gives 0, or 1 after it reported the
// error.

// Makes the token IDTTKN.JWT.SECRET.
int MakeToken(const Configuration& configuration, const Reporter& report);

// Makes `count` keys; reports "HANDLE KCV MILLISECONDS" for each.
int MakeKeys(const Configuration& configuration, int count,
             const Reporter& report);

// Makes a key and deletes it, again and again; reports "+HANDLE KCV" after it
// was made, "-HANDLE" before it is deleted.
int MakeAndDeleteKeys(const Configuration& configuration,
                      const Reporter& report);

// Opens the store and logs in, again and again.
int LogIn(const Configuration& configuration, const Reporter& report);

// Opens the store and logs in, where the kernel ends it with SIGXFSZ as
// SoftHSM2 writes its token file: a kill inside C_Login that does not have to
// be lucky.
int DieInLogIn(const Configuration& configuration, const Reporter& report);

// Signs with key 1 until killed; reports an error if there is one, else
// nothing.
int SignForever(const Configuration& configuration, const Reporter& report);

}  // namespace sigtoken::testing

#endif  // TESTS_STORMS_WORK_H_
