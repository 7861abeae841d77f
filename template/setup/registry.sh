#!/bin/sh
# Prints the path of Debian's docker-registry. Unpacks it in the cache first, if it is not there.
set -eu
. "$(dirname "$0")/common.sh"

program=$cache/registry/usr/bin/docker-registry
if ! [ -x "$program" ]; then
    rm -rf "$cache/registry"
    mkdir -p "$cache/registry"
    cd "$cache/registry"
    logged registry apt-get download docker-registry
    dpkg-deb --extract ./*.deb .
fi
echo "$program"
