#!/usr/bin/env bash
# The whole soak: a million requests, or as its arguments say (--help).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools/install-deps.sh
cmake --preset release
cmake --build --preset release --target sigtoken_soak
build/release/bin/sigtoken_soak "$@"
