#include "pkcs11/cryptoki/call.h"

namespace sigtoken {
namespace {

thread_local CallWatch* watch_of_this_thread = nullptr;

}  // namespace

void CallWatch::Watch(CallWatch* watch) { watch_of_this_thread = watch; }

CallWatch* CallWatch::OfThisThread() { return watch_of_this_thread; }

}  // namespace sigtoken
