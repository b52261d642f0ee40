#include "tests/mount_namespace.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

namespace sigtoken::testing {
namespace {

void Expect(bool done, const std::string& what) {
  if (!done) ADD_FAILURE() << what << ": " << std::strerror(errno);
}

void Write(const std::string& file, const std::string& text) {
  std::ofstream stream(file);
  stream << text << std::flush;
  Expect(stream.good(), "write " + file);
}

}  // namespace

MountNamespace::MountNamespace() {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (user == 0) {
    Expect(unshare(CLONE_NEWNS) == 0, "unshare");
  } else {
    Expect(unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0, "unshare");
    // user_namespaces(7): who may not set groups may write his own alone.
    Write("/proc/self/setgroups", "deny");
    Write("/proc/self/uid_map", "0 " + std::to_string(user) + " 1");
    Write("/proc/self/gid_map", "0 " + std::to_string(group) + " 1");
  }
  // What is mounted from here on is not passed on to where we came from.
  Expect(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0,
         "make mounts private");
}

void MountNamespace::MountDisk(const std::filesystem::path& folder,
                               std::size_t bytes) const {
  const std::string options = "mode=0700,size=" + std::to_string(bytes);
  Expect(mount("none", folder.c_str(), "tmpfs", 0, options.c_str()) == 0,
         "mount a disk");
}

void MountNamespace::MakeReadOnly(const std::filesystem::path& folder) const {
  Expect(mount(folder.c_str(), folder.c_str(), nullptr, MS_BIND, nullptr) == 0,
         "mount a folder once more");
  Expect(mount("none", folder.c_str(), nullptr,
               MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0,
         "make it read-only");
}

void MountNamespace::Unmount(const std::filesystem::path& folder) const {
  // What is open in it stays open.
  Expect(umount2(folder.c_str(), MNT_DETACH) == 0, "unmount");
}

Filler::Filler(std::filesystem::path folder, std::size_t pages_left)
    : file_(std::move(folder) / "filler") {
  struct statvfs disk {};
  Expect(statvfs(file_.parent_path().c_str(), &disk) == 0, "statvfs");
  const int file = open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const auto bytes =
      static_cast<off_t>((disk.f_bavail - pages_left) * disk.f_bsize);
  Expect(bytes == 0 || posix_fallocate(file, 0, bytes) == 0, "fill the disk");
  close(file);
}

Filler::~Filler() { std::filesystem::remove(file_); }

}  // namespace sigtoken::testing
