// Disks of a test's own: small ones that are full, and such that nobody writes.

#ifndef TESTS_MOUNT_NAMESPACE_H_
#define TESTS_MOUNT_NAMESPACE_H_

#include <cstddef>
#include <filesystem>

namespace sigtoken::testing {

// Mounts that this process and its children alone see, and that end with them.
// For a forked child (tests/modules/module_fixture.h, RunForked()) with one
// thread: root needs no more, others get a user namespace in which they are
// root. A test fails where the machine has neither.
class MountNamespace {
 public:
  MountNamespace();

  // A disk in memory, in the place of what the folder shows.
  void MountDisk(const std::filesystem::path& folder, std::size_t bytes) const;
  // The folder as it is, where nobody can change anything: root neither.
  void MakeReadOnly(const std::filesystem::path& folder) const;
  // The folder as it was before the last of these.
  void Unmount(const std::filesystem::path& folder) const;
};

// Takes up all that is left of a disk but that many pages, for its lifetime.
class Filler {
 public:
  Filler(std::filesystem::path folder, std::size_t pages_left);
  Filler(const Filler&) = delete;
  Filler& operator=(const Filler&) = delete;
  ~Filler();

 private:
  std::filesystem::path file_;
};

}  // namespace sigtoken::testing

#endif  // TESTS_MOUNT_NAMESPACE_H_
