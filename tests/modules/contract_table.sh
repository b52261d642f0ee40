#!/usr/bin/env bash
# The contract suite as a table: a line for each test, a column for each module.
# Usage: contract_table.sh FILE, which is what 'ctest --output-junit FILE' wrote.
# Fails where a test was not run on each module, or failed. Tests that only some
# modules can have are not of the contract: they are named SomeModules/...
set -euo pipefail

awk '
  # <testcase name="Contract/KeysTest.AKeyIsDeletedOnce/nss  # ..." ...
  #   status="run">
  match($0, /<testcase name="Contract\/[^ "]+/) {
    split(substr($0, RSTART + 25, RLENGTH - 25), part, "/")
    test = part[1]
    module = part[2]
    if (!(module in column)) {
      column[module] = ++modules
      name[modules] = module
    }
    if (!(test in row)) {
      row[test] = ++tests
      title[tests] = test
    }
    result[test, module] = /status="run"/ ? "passed" : "FAILED"
  }
  END {
    printf "%-72s", "contract"
    for (m = 1; m <= modules; ++m) printf " %-8s", name[m]
    print ""
    for (t = 1; t <= tests; ++t) {
      printf "%-72s", title[t]
      for (m = 1; m <= modules; ++m) {
        cell = result[title[t], name[m]]
        if (cell != "passed") bad = 1
        printf " %-8s", cell == "" ? "NOT RUN" : cell
      }
      print ""
    }
    exit bad || tests == 0
  }' "$1"
