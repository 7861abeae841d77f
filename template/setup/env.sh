#!/bin/sh
# Prints exports for `eval`. With them, `make` works in any project on this machine, and `cargo test` here.
set -eu
here=$(dirname "$0")
sh "$here/engine.sh"
. "$here/common.sh"
# At the same time as the images, because both take minutes on a bare machine.
sh "$here/generate.sh" >/dev/null &
compiling=$!
flags=$(sh "$here/images.sh")
wait "$compiling"
if [ -d "$engine" ]; then
    echo "export PATH='$engine/usr/bin:$engine/usr/sbin':\"\$PATH\" DOCKER_CONFIG='$DOCKER_CONFIG'"
fi
echo "export BUILD_FLAGS='$flags' CARGO_GENERATE='$(sh "$here/generate.sh")'"
