#!/usr/bin/env bash
# Runs the commands of README.md as a reader would who copies them one after
# another: all blocks that begin with ```sh, in one shell, in a fresh copy of
# this tree and a fresh home.
# Usage: readme_commands.sh [LINE]...
# Each LINE is a line of those blocks that is left out, having been run already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

commands=$(awk '/^```/ { inside = ($0 ~ /^```sh *$/); next } inside' README.md)
for line in "$@"; do
  grep -qxF -- "$line" <<<"$commands" || {
    echo "README.md has no command '$line'" >&2
    exit 1
  }
  commands=$(grep -vxF -- "$line" <<<"$commands")
done
[[ -n $commands ]] || {
  echo 'README.md has no commands' >&2
  exit 1
}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/home" "$folder/sigtoken" "$folder/temporary"
# What a clone would have, with what is not committed yet.
git ls-files -z --cached --others --exclude-standard |
  tar --create --null --ignore-failed-read --files-from=- |
  tar --extract --directory="$folder/sigtoken"

cd "$folder/sigtoken"
env -u SIGTOKEN_HOME -u SIGTOKEN_CONFIG -u XDG_DATA_HOME -u XDG_CONFIG_HOME \
  HOME="$folder/home" TMPDIR="$folder/temporary" CCACHE_BASEDIR="$PWD" \
  bash -euxo pipefail -c "$commands"
