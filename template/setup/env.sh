#!/bin/sh
# Prints exports for `eval`. With them, `make` works in any project on this machine.
set -eu
here=$(dirname "$0")
sh "$here/engine.sh"
. "$here/common.sh"
flags=$(sh "$here/images.sh")
if [ -d "$engine" ]; then
    echo "export PATH='$engine/usr/bin:$engine/usr/sbin':\"\$PATH\" DOCKER_CONFIG='$DOCKER_CONFIG'"
fi
echo "export BUILD_FLAGS='$flags'"
