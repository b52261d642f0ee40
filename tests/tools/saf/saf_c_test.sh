#!/usr/bin/env bash
# What a C programmer does: the flags of pkg-config, a C compiler, and nothing
# of C++. Also that the library shows its services and nothing else.
# Usage: saf_c_test.sh BUILD_FOLDER C_COMPILER
set -euo pipefail
build=$1
compiler=$2
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export PKG_CONFIG_PATH=$build/pkgconfig SIGTOKEN_HOME=$folder/home

fail() {
  echo "saf_c: $*" >&2
  exit 1
}

# Usage: compile PROGRAM SOURCE [FLAG]...
compile() {
  local program=$1 source=$2
  shift 2
  # Unquoted: flags are words.
  "$compiler" -std=c99 -Wall -Wextra -Werror "$@" -o "$folder/$program" \
    "$source" $(pkg-config --cflags --libs sigtoken-saf) ||
    fail "$source does not compile"
}

headers=(irrpidta.h ihaacee.h irrsia00.h racroute.h sigtoken_audit.h)
installed=$(find "$(pkg-config --variable=includedir sigtoken-saf)" -name '*.h' | wc -l)
((installed == ${#headers[@]})) || fail 'there are headers that no test includes'

# Usage: stands HEADER..., in this order, as C and as C++.
stands() {
  printf '#include <%s>\n' "$@" >"$folder/header.c"
  local language
  for language in '-x c -std=c99' '-x c -std=c11' '-x c++ -std=c++11'; do
    "$compiler" $language -Wall -Wextra -Wpedantic -Werror -fsyntax-only \
      $(pkg-config --cflags sigtoken-saf sigtoken-csf) "$folder/header.c" ||
      fail "$* do not stand with $language"
  done
}
# Each alone, each before each other, and beside ICSF's.
for first in "${headers[@]}"; do
  stands "$first" "$first"
  for second in "${headers[@]}"; do
    [[ $first == "$second" ]] || stands "$first" "$second"
  done
  stands "$first" csfbext.h csnpdefs.h "${headers[@]}"
  stands csnpdefs.h csfbext.h "$first"
done

# The eyecatcher as irrpidta.h says: where it cannot initialise, it is copied.
cat >"$folder/eyecatcher.cc" <<'END'
#include <irrpidta.h>
#include <string.h>
int main() {
  IDTA idta = {};
  memcpy(idta.IDTA_ID, IDTA_EYECATCHER, sizeof idta.IDTA_ID);
  unsigned char image[IDTA_LENGTH];
  return irrpidta_encode(&idta, image) | memcmp(image, "IDTA", 4);
}
END
"$compiler" -x c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror \
  -o "$folder/eyecatcher" "$folder/eyecatcher.cc" \
  $(pkg-config --cflags --libs sigtoken-saf) ||
  fail 'the eyecatcher cannot be copied in C++'
"$folder/eyecatcher" || fail 'in C++ the eyecatcher is another one'
# And compilers that can be told know that IDTA_ID has no NUL: GCC from 15 on
# warns else where the eyecatcher initialises it, and before that elsewhere.
cat >"$folder/nonstring.c" <<'END'
#include <irrpidta.h>
#include <string.h>
IDTA idta = {.IDTA_ID = IDTA_EYECATCHER};
int main(void) {
#ifdef SHOW
  return (int)strlen(idta.IDTA_ID);
#else
  return idta.IDTA_ID[3] == 'A' ? 0 : 1;
#endif
}
END
compile nonstring "$folder/nonstring.c"
"$folder/nonstring" || fail 'in C the eyecatcher is another one'
if "$compiler" --version | grep -q 'Free Software Foundation'; then
  ! "$compiler" -std=c99 -Wall -Werror -DSHOW -c \
    -o "$folder/nonstring.o" $(pkg-config --cflags sigtoken-saf) \
    "$folder/nonstring.c" 2>"$folder/nonstring" &&
    grep -q "declared attribute .nonstring." "$folder/nonstring" ||
    fail 'the compiler takes IDTA_ID for a text'
fi

# What the headers declare is what the library shows.
printf '#include <%s>\n' "${headers[@]}" >"$folder/header.c"
"$compiler" -E -P $(pkg-config --cflags sigtoken-saf) "$folder/header.c" |
  grep -oE '\b(IRRSIA00|racroute_verify|irrpidta_[a-z]+|acee_[a-z]+|sigtoken_[a-z_]+) *\(' |
  tr -d ' (' | sort -u >"$folder/declared"
library=$(pkg-config --variable=libdir sigtoken-saf)/libsigtoken-saf.so
nm -D --defined-only "$library" | awk '{ print $3 }' | sort -u >"$folder/shown"
diff "$folder/declared" "$folder/shown" || fail 'other symbols than services'
(($(wc -l <"$folder/declared") == 6)) || fail 'services are missing'

# A key, and a profile that names it.
"$SIGTOKEN" token create IDTTKN.JWT.SECRET >/dev/null
"$SIGTOKEN" key generate --token IDTTKN.JWT.SECRET --alg HS256 >/dev/null
"$SIGTOKEN" racf --file - >/dev/null <<END
SETROPTS CLASSACT(IDTDATA) GENERIC(IDTDATA)
RDEFINE IDTDATA JWT.APPL01.*.SAF IDTPARMS(SIGTOKEN(IDTTKN.JWT.SECRET))
SETROPTS RACLIST(IDTDATA)
END
compile server "$root/tests/tools/saf/programs/zowe_server.c"
"$folder/server" >"$folder/server.out" || fail "the server ends with $?"
[[ $(head -n 2 "$folder/server.out") == 'authenticate: 0/0/0, '*$'\nverify: 0/0/0, '* ]] ||
  fail "the server wrote $(<"$folder/server.out")"

# The README's program, in a home as its reader has it.
awk '/^## /  { here = ($0 == "## Calling initACEE and RACROUTE from C") }
     /^```/  { inside = here && ($0 == "```c"); next }
     inside' "$root/README.md" >"$folder/readme.c"
[[ -s $folder/readme.c ]] || fail 'README.md has no program in C for RACROUTE'
compile readme "$folder/readme.c"
"$folder/readme" || fail "the README's program ends with $?"
echo 'C programs build and run with the flags of pkg-config alone'
