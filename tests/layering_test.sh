#!/usr/bin/env bash
# The rules of the tree that no compiler sees: who includes whom, who calls
# Cryptoki, what lies at the top, how long a file may get.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

findings=0
# Reports each line of standard input, if there is one.
refuse() {
  local line
  while IFS= read -r line; do
    echo "$1: $line"
    findings=$((findings + 1))
  done
}

# The sources of folders, NUL behind each.
sources() {
  find "$@" \( -name '*.cc' -o -name '*.h' \) -print0
}

# A rule about nothing would hold.
for layer in pkcs11 keygen signer tools; do
  [[ -n $(find "$layer" -name '*.cc' -print -quit) ]] ||
    refuse 'has no sources' <<<"$layer"
done

# Usage: only FOLDER ALLOWED..., folders from the root.
only() {
  local folder=$1 allowed
  shift
  allowed=$(IFS='|' && echo "$*")
  refuse "$folder may include only $*" < <(
    sources "$folder" | xargs -0r grep -nHE '^ *# *include "' |
      grep -vE "include \"($allowed)/")
}
only pkcs11 pkcs11
only keygen keygen pkcs11
only signer signer pkcs11
only tools tools keygen signer pkcs11

# Below a layer, each folder may use itself and those before it.
order() {
  local layer=$1 allowed=() folder
  shift
  for folder in "$@"; do
    allowed+=("$layer/$folder")
    [[ ! -d $layer/$folder ]] || only "$layer/$folder" "${allowed[@]}" \
      $([[ $layer == pkcs11 ]] || echo pkcs11)
  done
  refuse "$layer has a folder without a place in the order" < <(
    comm -13 <(printf "$layer/%s\n" "$@" | sort) \
      <(find "$layer" -mindepth 1 -maxdepth 1 -type d | sort))
}
order pkcs11 base icsf cryptoki deadline store setup tokens
order signer mac jws racf idt

refuse 'only pkcs11 calls Cryptoki' < <(
  sources keygen signer tools |
    xargs -0r grep -nHE '(->|\.)C_[A-Z]|(^|[^A-Za-z_"])C_[A-Z][A-Za-z]+\(' |
    grep -vE '^[^:]*:[0-9]+: *//')

refuse 'the top level is fixed; not agreed' < <(
  find . -mindepth 1 -maxdepth 1 ! -name '.*' ! -name build \
    ! -name compile_commands.json -printf '%f\n' |
    grep -vxE 'CMakeLists\.txt|CMakePresets\.json|README\.md|LICENSE|pkcs11|keygen|signer|tools|tests')

refuse 'longer than 400 lines' < <(
  find pkcs11 keygen signer tools tests -type f \
    ! -path 'tests/vectors/*' ! -path 'tests/fuzz/corpus/*' \
    -exec wc -l {} + | awk '$1 > 400 && $2 != "total"')

if ((findings > 0)); then
  echo "$findings findings"
  exit 1
fi
echo 'the layers hold'
