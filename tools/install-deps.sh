#!/usr/bin/env bash
# Installs what building, running and testing sigtoken needs, on Debian 12.
set -euo pipefail

packages=(
  # To build.
  g++ cmake ninja-build pkg-config
  libp11-kit-dev libsodium-dev libssl-dev libsqlitecpp-dev libsqlite3-dev
  libtomlplusplus-dev libsimdjson-dev nlohmann-json3-dev libcli11-dev
  # To run: the default token.
  softhsm2
  # To test. The fuzzers' runtime is in libclang-rt, their traces need llvm.
  git libgtest-dev libgmock-dev libbenchmark-dev
  clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev llvm-14
  ccache opensc gnutls-bin jose p11-kit p11-kit-modules libnss3-tools
)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" \
    2>/dev/null || true)
  [[ $status == installed ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  echo "All ${#packages[@]} packages that sigtoken needs are installed."
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    echo "As root, run: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get \
    --quiet --yes "$@"
}

echo "Installing: ${missing[*]}"
# Package lists may be absent, as in a container, or older than the mirror.
if ! apt_get install --no-install-recommends "${missing[@]}"; then
  echo 'Fetching the package lists and trying again.'
  apt_get update
  apt_get install --no-install-recommends "${missing[@]}"
fi
