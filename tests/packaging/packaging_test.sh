#!/usr/bin/env bash
# Installs a build below a fresh prefix, and builds and runs programs with its
# CMake package and with its pkg-config files: one of the C++ library, and one in
# C of each C library.
# Usage: packaging_test.sh BUILD_FOLDER COMPILER C_COMPILER
set -euo pipefail
build=$1
compiler=$2
c_compiler=$3
consumer=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/consumer
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
prefix=$folder/prefix

fail() {
  echo "packaging: $*" >&2
  exit 1
}

cmake --install "$build" --prefix "$prefix" >"$folder/install.log"

# A header that shows a library of ours to others makes it theirs to install.
headers=$prefix/include/sigtoken
foreign=$(grep -rnE '^ *# *include <' "$headers" |
  grep -vE '<([a-z0-9_]+|p11-kit/[a-z0-9-]+\.h|(sys/)?[a-z]+\.h)>' || true)
[[ -z $foreign ]] || fail "installed headers include foreign ones: $foreign"

# Prints what the program should.
check() {
  local answer
  answer=$("$@") || fail "$1 ended with status $?"
  [[ $answer == IDTTKN.JWT.SECRET:00000001T ]] || fail "$1 wrote '$answer'"
}

cmake -G Ninja -S "$consumer" -B "$folder/cmake" \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_C_COMPILER="$c_compiler" \
  -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
cmake --build "$folder/cmake" >"$folder/build.log" || fail "$(cat "$folder/build.log")"
check "$folder/cmake/consumer"
check "$folder/cmake/consumer_csf"
check "$folder/cmake/consumer_saf"

# Every installed header must compile without the sources at hand.
(cd "$headers" && find . -name '*.h' -printf '#include "%P"\n' | sort) \
  >"$folder/headers.cc"
[[ -s $folder/headers.cc ]] || fail 'no headers were installed'
library_folder=$(dirname "$(find "$prefix" -name libsigtoken.so)")
export PKG_CONFIG_PATH=$library_folder/pkgconfig
# Unquoted: flags are words.
"$compiler" -std=c++20 -Wall -Wextra -Werror -o "$folder/plain" \
  "$consumer/main.cc" "$folder/headers.cc" \
  $(pkg-config --cflags --libs sigtoken)
LD_LIBRARY_PATH=$library_folder check "$folder/plain"

for library in csf saf; do
  "$c_compiler" -std=c99 -Wall -Wextra -Werror -o "$folder/$library" \
    "$consumer/$library.c" $(pkg-config --cflags --libs sigtoken-$library)
  LD_LIBRARY_PATH=$library_folder check "$folder/$library"
done

# The programs stand alone: they need no libsigtoken.
"$prefix/bin/sigtoken" --version >/dev/null || fail 'sigtoken does not run'
echo 'the programs of others build and run'
