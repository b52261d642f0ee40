#include "tests/fault/control.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace sigtoken::fault {
namespace {

std::atomic<long> open_sessions = 0;

// For all that a test must not pass with.
[[noreturn]] void Die(const std::string& why) {
  std::cerr << "sigtoken-fault: " << why << std::endl;
  std::abort();
}

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::atomic<const Control*> current_control{nullptr};

}  // namespace

CK_FUNCTION_LIST* LoadWrapped() {
  static std::mutex mutex;
  static std::string loaded;
  static CK_FUNCTION_LIST* functions = nullptr;
  const std::lock_guard lock(mutex);
  const std::string path = Variable("SIGTOKEN_FAULT_WRAPS");
  if (path.empty()) Die("SIGTOKEN_FAULT_WRAPS names no module");
  if (path == loaded) return functions;
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const symbol =
      library != nullptr ? dlsym(library, "C_GetFunctionList") : nullptr;
  if (symbol == nullptr) Die(dlerror());
  const CK_RV rv = reinterpret_cast<CK_C_GetFunctionList>(symbol)(&functions);
  if (rv != CKR_OK) Die("the wrapped module gives no functions");
  loaded = path;
  return functions;
}

Control::Control(std::filesystem::path script, const char* log,
                 std::string only)
    : file_(std::move(script)), log_only_(std::move(only)) {
  if (*log == '\0') return;
  log_ = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (log_ < 0) Die("cannot write the log " + std::string(log));
}

const Control* Control::Current() {
  return current_control.load(std::memory_order_acquire);
}

void Control::ReadEnvironment() {
  static std::mutex mutex;
  static std::string known;
  static auto* const controls = new std::vector<std::unique_ptr<Control>>;
  const std::lock_guard lock(mutex);
  const std::string script = Variable("SIGTOKEN_FAULT_SCRIPT");
  const std::string log = Variable("SIGTOKEN_FAULT_LOG");
  const std::string only = Variable("SIGTOKEN_FAULT_LOG_ONLY");
  if (script + '\n' + log + '\n' + only == known) return;
  known = script + '\n' + log + '\n' + only;
  const Control* next = nullptr;
  if (!script.empty() || !log.empty()) {
    controls->emplace_back(new Control(script, log.c_str(),
                                       only.empty() ? only : ' ' + only + ' '));
    next = controls->back().get();
  }
  current_control.store(next, std::memory_order_release);
}

bool Control::Look(const std::filesystem::path& file, Stamp& stamp) {
  struct stat found {};
  if (stat(file.c_str(), &found) != 0) return false;
  stamp = {found.st_dev, found.st_ino, found.st_size, found.st_mtim};
  return true;
}

const Script& Control::TheScript() const {
  static const auto* const nothing = new Script("", "");
  if (file_.empty()) return *nothing;
  const Version* version = current_.load(std::memory_order_acquire);
  Stamp stamp;
  if (!Look(file_, stamp)) {
    if (version == nullptr) Die("there is no script " + file_.native());
    return *version->script;
  }
  if (version != nullptr && version->stamp == stamp) return *version->script;
  return Read();
}

const Script& Control::Read() const {
  const std::lock_guard lock(mutex_);
  Stamp stamp;
  std::string text;
  // Until what was read is of one version: its file may be replaced meanwhile.
  while (true) {
    Stamp before;
    Look(file_, before);
    std::ifstream stream(file_, std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(stream), {});
    if (!stream) Die("cannot read the script " + file_.native());
    if (Look(file_, stamp) && stamp == before) break;
  }
  const Version* version = current_.load(std::memory_order_acquire);
  // Another thread was here first.
  if (version != nullptr && version->stamp == stamp) return *version->script;
  auto& script = scripts_[text];
  if (script) {
    script->CountAnew();
  } else {
    script = std::make_unique<const Script>(text, file_);
  }
  versions_.push_back(
      std::make_unique<const Version>(Version{stamp, script.get()}));
  current_.store(versions_.back().get(), std::memory_order_release);
  return *script;
}

void Control::CountSessions(long by) { open_sessions += by; }

void Control::NoSessions() { open_sessions = 0; }

void Control::Log(std::string_view function, CK_RV rv) const {
  if (log_ < 0) return;
  if (!log_only_.empty() &&
      log_only_.find(' ' + std::string(function) + ' ') == std::string::npos) {
    return;
  }
  char line[80];
  const int size =
      std::snprintf(line, sizeof line, "%.*s 0x%lX %ld %ld\n",
                    static_cast<int>(function.size()), function.data(), rv,
                    static_cast<long>(getpid()), open_sessions.load());
  if (write(log_, line, static_cast<std::size_t>(size)) != size) {
    Die("cannot write the log");
  }
}

}  // namespace sigtoken::fault
