#!/usr/bin/env bash
# From a fresh Debian 12 to a signed and checked identity token: installs,
# builds, and shows each command that it runs and what came back. All that it
# makes is in a fresh SIGTOKEN_HOME, which it names and leaves for you to try
# more.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools/install-deps.sh
cmake --preset release
cmake --build --preset release --target sigtoken_program zweseckg

PATH=$PWD/build/release/bin:$PATH
SIGTOKEN_HOME=$(mktemp -d "${TMPDIR:-/tmp}/sigtoken-quickstart-XXXXXX")
export SIGTOKEN_HOME
echo "SIGTOKEN_HOME is $SIGTOKEN_HOME"
cd "$SIGTOKEN_HOME"

# Shows a command, runs it as it stands, and checks its exit status.
run() {
  local wanted=$1 status=0
  printf '\n$ %s\n' "$2"
  bash -c "$2" || status=$?
  ((status == wanted)) || {
    echo "quickstart: exit status $status, not $wanted" >&2
    exit 1
  }
  ((status == 0)) || echo "(exit status $status)"
}

printf '\n== A token, and a key in it that never leaves it\n'
run 0 'sigtoken token create IDTTKN.JWT.SECRET'
run 0 'sigtoken key generate --token IDTTKN.JWT.SECRET --alg HS256 --label demo'

printf '\n== The same with what Zowe'"'"'s sample job ZWESECKG does\n'
run 0 'zweseckg'

printf '\n== The profile that names the key, as a RACF administrator types it\n'
run 0 'sigtoken racf "RDEFINE IDTDATA JWT.APPL01.USER01.SAF IDTPARMS(SIGTOKEN(IDTTKN.JWT.SECRET) SIGSEQNUM(1) SIGCAT(T) SIGALG(HS256) ANYAPPL IDTTIMEOUT(30))"'
run 0 'sigtoken racf "SETROPTS CLASSACT(IDTDATA) RACLIST(IDTDATA)"'
run 0 'sigtoken racf "RLIST IDTDATA JWT.APPL01.USER01.SAF IDTPARMS NORACF"'

printf '\n== USER01 gets an identity token for APPL01, and it is checked\n'
run 0 'sigtoken idt generate --appl APPL01 --user USER01 > token.jwt && cat token.jwt'
run 0 'sigtoken idt inspect token.jwt'
run 0 'sigtoken idt validate --appl APPL01 token.jwt'

printf '\n== Refused: an application without a profile, another key, and the time after it has expired\n'
run 4 'sigtoken idt validate --appl OTHER token.jwt'
run 4 'sigtoken idt validate --appl APPL01 --key IDTTKN.JWT.SECRET:2T --alg HS256 token.jwt'
run 4 'sigtoken idt validate --appl APPL01 --at 2042-01-01T00:00:00Z token.jwt'
run 0 'sigtoken explain 8/6C/15'
run 0 'sigtoken explain 8/6C/F'

printf '\nAll of it is in SIGTOKEN_HOME. To go on:\n'
# shellcheck disable=SC2016  # The reader's own PATH.
printf '  export SIGTOKEN_HOME=%q PATH=%q:"$PATH"\n' "$SIGTOKEN_HOME" \
  "${PATH%%:*}"
