#!/bin/sh
# Installs the linters, in the versions that requirements.txt pins, unless an earlier run did. Prints their folder.
set -eu
here=$(dirname "$0")
. "$here/../setup/common.sh"

tools=$cache/lint-$(sha256sum "$here/requirements.txt" | cut -c 1-12)
if ! [ -f "$tools/complete" ]; then
    python3 -c 'import ensurepip, venv' || fail "Python's venv is missing: install python3-venv"
    say "installing the linters into $tools"
    logged venv python3 -m venv "$tools"
    logged lint "$tools/bin/pip" install --require-hashes --requirement "$here/requirements.txt"
    touch "$tools/complete"
fi
echo "$tools/bin"
