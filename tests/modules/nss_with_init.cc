// NSS's softokn for tools that cannot hand over an initialisation string: it
// takes the one of the environment variable SIGTOKEN_TEST_NSS_INIT.

#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include <cstdlib>

namespace {

CK_FUNCTION_LIST functions;
CK_C_Initialize initialize;

CK_RV Initialize(void* /*arguments*/) {
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  arguments.pReserved = std::getenv("SIGTOKEN_TEST_NSS_INIT");
  return initialize(&arguments);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) CK_RV C_GetFunctionList(
    CK_FUNCTION_LIST** list) {
  void* const module = dlopen(SIGTOKEN_NSS_MODULE, RTLD_NOW);
  if (module == nullptr) return CKR_GENERAL_ERROR;
  const auto get = reinterpret_cast<CK_C_GetFunctionList>(
      dlsym(module, "C_GetFunctionList"));
  if (get == nullptr) return CKR_GENERAL_ERROR;
  CK_FUNCTION_LIST* softokn = nullptr;
  const CK_RV rv = get(&softokn);
  if (rv != CKR_OK) return rv;
  functions = *softokn;
  initialize = functions.C_Initialize;
  functions.C_Initialize = &Initialize;
  *list = &functions;
  return CKR_OK;
}
