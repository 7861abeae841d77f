#!/bin/sh
# Stands in for rustup, of a toolchain that cannot be added to.
set -eu
case "$*" in
    "target add "*)
        shift 2
        for target; do
            [ -d "$(rustc --print sysroot)/lib/rustlib/$target/lib" ] || {
                echo "error: this stand-in has no standard library for $target" >&2
                exit 1
            }
        done
        ;;
    *)
        echo "error: this stand-in for rustup does not know '$*'" >&2
        exit 1
        ;;
esac
