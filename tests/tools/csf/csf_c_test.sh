#!/usr/bin/env bash
# What a C programmer does: the flags of pkg-config, a C compiler, and nothing
# of C++. Also that the library shows its services and nothing else.
# Usage: csf_c_test.sh BUILD_FOLDER C_COMPILER
set -euo pipefail
build=$1
compiler=$2
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export PKG_CONFIG_PATH=$build/pkgconfig SIGTOKEN_HOME=$folder/home

fail() {
  echo "csf_c: $*" >&2
  exit 1
}

# Usage: compile PROGRAM SOURCE [FLAG]...
compile() {
  local program=$1 source=$2
  shift 2
  # Unquoted: flags are words.
  "$compiler" -std=c99 -Wall -Wextra -Werror "$@" -o "$folder/$program" \
    "$source" $(pkg-config --cflags --libs sigtoken-csf) ||
    fail "$source does not compile"
}

# Each header alone, and as C++.
for header in csfbext.h csnpdefs.h; do
  echo "#include <$header>" >"$folder/header.c"
  for language in '-x c -std=c99' '-x c -std=c11' '-x c++ -std=c++11'; do
    "$compiler" $language -Wall -Wextra -Wpedantic -Werror -fsyntax-only \
      $(pkg-config --cflags sigtoken-csf) "$folder/header.c" ||
      fail "$header does not stand alone with $language"
  done
done

# What csfbext.h declares is what the library shows.
echo '#include <csfbext.h>' >"$folder/header.c"
"$compiler" -E -P $(pkg-config --cflags sigtoken-csf) "$folder/header.c" |
  grep -oE '\b(CSF|CSN)[A-Z0-9]+' | sort -u >"$folder/declared"
library=$(pkg-config --variable=libdir sigtoken-csf)/libsigtoken-csf.so
nm -D --defined-only "$library" | awk '{ print $3 }' | sort -u >"$folder/shown"
diff "$folder/declared" "$folder/shown" || fail 'other symbols than services'
(($(wc -l <"$folder/declared") == 54)) || fail 'services are missing'

programs=$root/tests/tools/csf/programs
compile job "$programs/zweseckg_job.c"
"$SIGTOKEN" token create IDTTKN.JWT.SECRET >/dev/null
"$folder/job" >"$folder/job.out" || fail "the job ends with $?"
grep -qx 'IDTTKN.JWT.SECRET               00000001T   ' "$folder/job.out" ||
  fail "the job wrote $(<"$folder/job.out")"
"$SIGTOKEN" key list | grep -qF 'IDTTKN.JWT.SECRET:00000001T' ||
  fail "key list does not show the job's key"
printf text | "$SIGTOKEN" sign --key IDTTKN.JWT.SECRET:1T --alg HS256 \
  >/dev/null || fail "the job's key does not sign"

compile walk "$programs/zowe_walk.c"
"$folder/walk" >"$folder/walk.out" || fail "the walk: $(<"$folder/walk.out")"

# The README's program, in a home as its reader has it.
awk '/^## /  { here = ($0 == "## Calling ICSF from C") }
     /^```/  { inside = here && ($0 == "```c"); next }
     inside' "$root/README.md" >"$folder/readme.c"
[[ -s $folder/readme.c ]] || fail 'README.md has no program in C'
compile readme "$folder/readme.c"
"$folder/readme" || fail "the README's program ends with $?"
echo 'C programs build and run with the flags of pkg-config alone'
