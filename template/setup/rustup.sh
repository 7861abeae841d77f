#!/bin/sh
# Stands in for rustup, with the one toolchain that Debian has. It serves for older releases too.
set -eu

fail() {
    echo "error: $*" >&2
    exit 1
}

installed=$(rustc --version | cut -d ' ' -f 2)
for file in rust-toolchain rust-toolchain.toml; do
    [ -f "$file" ] || continue
    channel=$(sed -nE 's/^( *channel *= *)?"?([a-z0-9.-]+)"? *(#.*)?$/\2/p' "$file")
    case $channel in
        [0-9]*)
            newest=$(printf '%s\n' "$installed" "$channel" | sort -V | tail -n 1)
            [ "$newest" = "$installed" ] || fail "toolchain '$channel' cannot be had: this stand-in has $installed"
            echo "this stand-in takes $installed in the place of $channel" >&2
            ;;
        *) fail "toolchain '$channel' cannot be had: this stand-in has $installed" ;;
    esac
done

case "$*" in
    "target add "*)
        shift 2
        for target; do
            [ -d "$(rustc --print sysroot)/lib/rustlib/$target/lib" ] ||
                fail "this stand-in has no standard library for $target"
        done
        ;;
    *) fail "this stand-in for rustup does not know '$*'" ;;
esac
