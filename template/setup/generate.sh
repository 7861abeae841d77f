#!/bin/sh
# Compiles cargo-generate, unless an earlier run did. Prints the program's path.
set -eu
here=$(dirname "$0")
. "$here/common.sh"

root=$cache/cargo-generate-$(cd "$here/../generate" && cat Cargo.toml Cargo.lock src/main.rs | sha256sum | cut -c 1-12)
if ! [ -x "$root/bin/cargo-generate" ]; then
    say "compiling cargo-generate (about two minutes, progress in $cache/cargo-generate.log)"
    logged cargo-generate cargo install --debug --locked --path "$here/../generate" --root "$root" --target-dir "$root/target"
    rm -rf "$root/target"
fi
echo "$root/bin/cargo-generate"
