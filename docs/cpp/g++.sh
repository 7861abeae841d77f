#!/bin/sh
# Compiles C++ for the machine RUST_ARCH, which the project's Dockerfile sets.
set -eu
machine=$RUST_ARCH
# Build scripts find that this is a clang, and name the target as rustc does, which zig does not
# know.
for argument; do
    shift
    case $argument in --target=*) ;; *) set -- "$@" "$argument" ;; esac
done
# What zig would keep of each file has no place in the layers of who compiles.
ZIG_LOCAL_CACHE_DIR=$(mktemp -d)
trap 'rm -r "$ZIG_LOCAL_CACHE_DIR"' EXIT
export ZIG_LOCAL_CACHE_DIR ZIG_GLOBAL_CACHE_DIR="/opt/zig/cache/$machine"
# Checks for undefined behaviour would need a library of their own.
/opt/zig/zig c++ -target "$machine-linux-musl" -fno-sanitize=undefined "$@"
