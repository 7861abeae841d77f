#!/bin/sh
# Prints exports for `eval`. With them, `make` works in any project on this machine.
set -eu
here=$(dirname "$0")
sh "$here/engine.sh"
. "$here/common.sh"
flags=$(sh "$here/images.sh")
if [ -d "$cache/engine" ]; then
    echo "export PATH='$cache/engine/usr/bin:$cache/engine/usr/sbin':\"\$PATH\" DOCKER_CONFIG='$DOCKER_CONFIG'"
fi
echo "export BUILD_FLAGS='$flags'"
