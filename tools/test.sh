#!/usr/bin/env bash
# Installs what is needed, builds, and runs all tests, the storms of processes
# too. Arguments go to ctest: tools/test.sh -R HandleTest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools/install-deps.sh
cmake --preset release
cmake --build --preset release
ctest --preset release --output-junit "$PWD/build/release/tests.xml" "$@"
