#include "tests/fault_module.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace sigtoken::testing {

FaultModule::FaultModule(const std::string& wraps, const std::string& counts) {
  Script("");
  environment_ = {{"SIGTOKEN_FAULT_WRAPS", wraps},
                  {"SIGTOKEN_FAULT_SCRIPT", folder_.path() / "script"},
                  {"SIGTOKEN_FAULT_LOG", folder_.path() / "log"},
                  {"SIGTOKEN_FAULT_LOG_ONLY", counts}};
  for (const auto& [name, value] : environment_) {
    const char* before = std::getenv(name.c_str());
    before_[name] =
        before != nullptr ? std::optional<std::string>(before) : std::nullopt;
    setenv(name.c_str(), value.c_str(), 1);
  }
}

FaultModule::~FaultModule() {
  for (const auto& [name, value] : before_) {
    if (value) {
      setenv(name.c_str(), value->c_str(), 1);
    } else {
      unsetenv(name.c_str());
    }
  }
}

void FaultModule::Script(std::string_view text) {
  // Each version keeps a name of its own, so that no two have the same inode:
  // that is what the module tells them apart by.
  const auto version =
      folder_.Write("script." + std::to_string(++scripts_), text);
  const auto fresh = folder_.path() / "script.new";
  std::filesystem::create_hard_link(version, fresh);
  std::filesystem::rename(fresh, folder_.path() / "script");
}

void FaultModule::Release(const std::string& name) const {
  folder_.Write(name, "");
}

void FaultModule::WaitUntilHung(const std::string& name) const {
  while (!std::filesystem::exists(folder_.path() / (name + ".reached"))) {
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

std::size_t FaultModule::Calls(std::string_view function) const {
  return Count(std::string(function) + " ");
}

std::size_t FaultModule::Answers(std::string_view function, CK_RV rv) const {
  std::ostringstream begin;
  begin << function << " 0x" << std::hex << std::uppercase << rv << ' ';
  return Count(begin.str());
}

long FaultModule::OpenSessions() const {
  std::ifstream log(folder_.path() / "log");
  std::string last;
  for (std::string line; std::getline(log, line);) last = line;
  const auto at = last.rfind(' ');
  return at == std::string::npos ? 0 : std::stol(last.substr(at));
}

std::size_t FaultModule::Count(const std::string& begin) const {
  std::ifstream log(folder_.path() / "log");
  std::size_t lines = 0;
  for (std::string line; std::getline(log, line);) {
    if (line.starts_with(begin)) ++lines;
  }
  return lines;
}

}  // namespace sigtoken::testing
