/*
 * Loads the library that its argument names, uses it, closes it, and ends with
 * status 7: what the library left behind must still be there at exit.
 */
#define _POSIX_C_SOURCE 200809L

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef int32_t service(int32_t*, int32_t*, const int32_t*, const void*,
                        const void*, void*);

int main(int argc, char** argv) {
  int32_t return_code = -1;
  int32_t reason_code = -1;
  unsigned char number[8];
  int status = 0;
  pid_t child;
  service* random_number;
  void* library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  if (library == NULL) {
    fprintf(stderr, "%s\n", argc > 1 ? dlerror() : "no library");
    return 1;
  }
  /* C99 has no cast from an object's pointer to a function's. */
  *(void**)&random_number = dlsym(library, "CSNBRNG");
  if (random_number == NULL || random_number(&return_code, &reason_code, NULL,
                                             NULL, "RANDOM  ", number) != 0) {
    fprintf(stderr, "%d/%d\n", return_code, reason_code);
    return 1;
  }
  if (dlclose(library) != 0) return 1;
  /* Handlers of fork() are in it too. */
  child = fork();
  if (child == 0) return 7;
  if (waitpid(child, &status, 0) != child) return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
