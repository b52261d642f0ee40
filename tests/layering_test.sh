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
# What C libraries share knows none of them.
only tools/c_library tools/c_library pkcs11

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
order pkcs11 base icsf cryptoki deadline store setup tokens objects capabilities
order signer mac jws racf audit idt idta

refuse 'only pkcs11 calls Cryptoki' < <(
  sources keygen signer tools |
    xargs -0r grep -nHE '(->|\.)C_[A-Z]|(^|[^A-Za-z_"])C_[A-Z][A-Za-z]+\(' |
    grep -vE '^[^:]*:[0-9]+: *//')

# Elsewhere nobody could see that the call does not come back.
refuse 'Cryptoki is called by way of Call()' < <(
  sources pkcs11 |
    xargs -0r grep -nHE '(->|\.)C_[A-Z][A-Za-z]+\(' |
    grep -vE '^[^:]*:[0-9]+: *//')

# Usage: never WHY NAME..., functions that no layer calls, as a member or by
# their plain name. A comment may speak of them.
never() {
  local why=$1 names
  shift
  names=$(IFS='|' && echo "$*")
  refuse "$why" < <(
    sources pkcs11 keygen signer tools |
      xargs -0r grep -nHE "(^|[^A-Za-z0-9_])($names)[[:space:]]*(\(|\)\(|,)" |
      grep -vE '^[^:]*:[0-9]+: *//' |
      grep -vE '^pkcs11/capabilities/raw_calls\.cc:.*C_(SetAttributeValue|GetMechanismInfo)')
}
# Two of them a test of a module tries in objects of its own.
# A key is what it was made. SoftHSM2 answers CKR_OK to a change that it could
# not write, and leaves the key's file cut short (disk full, measured).
never 'keys are not changed after they are made' C_SetAttributeValue
# NSS names key sizes that it goes beyond, openCryptoki counts bits (measured):
# only a key that signs shows that one of its size can.
never 'no module is believed what it says of a mechanism' C_GetMechanismInfo
# In parts, an error leaves a session busy in the middle, and p11-kit refuses an
# empty part, which others take (measured). One call takes the whole text.
never 'a text is signed in one call' C_SignUpdate C_SignFinal \
  C_VerifyUpdate C_VerifyFinal
# Modules leave exit handlers behind, which then run into nothing: openCryptoki
# ends in SIGSEGV (measured).
never 'no module is unloaded' dlclose p11_kit_module_release \
  p11_kit_modules_release p11_kit_modules_finalize_and_release

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
