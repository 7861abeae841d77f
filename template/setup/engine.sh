#!/bin/sh
# Makes sure that a Docker engine with BuildKit answers. On a bare Debian machine, installs and starts one.
set -eu
here=$(dirname "$0")
. "$here/common.sh"

data=/var/lib/rust-docker-template
run=/run/rust-docker-template

answers() {
    docker version >/dev/null 2>&1
}

apt_14() {
    apt-get --quiet --option "Dir::Etc::SourceList=$cache/apt/sources.list" \
        --option Dir::Etc::SourceParts=- --option "Dir::State::Lists=$cache/apt/lists" \
        --option "Dir::Cache=$cache/apt" --option APT::Sandbox::User=root "$@"
}

# unpack PACKAGE...: unpacks packages of Debian 14 in the cache, not in the system. They run on Debian 12 too.
unpack() {
    uri=$(mirror Debian)
    [ -n "$uri" ] || fail "apt knows no Debian mirror: run 'apt-get update', or start a Docker engine"
    mkdir -p "$cache/apt/lists/partial" "$cache/apt/archives/partial" "$cache/docker"
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb [signed-by=$keyring] $uri forky main" >"$cache/apt/sources.list"
    logged apt-14 apt_14 update
    (cd "$cache/apt/archives" && rm -f ./*.deb && logged download apt_14 download "$@")
    for package in "$cache"/apt/archives/*.deb; do
        dpkg-deb --extract "$package" "$engine"
    done
    plugins=$engine/usr/libexec/docker/cli-plugins
    echo "{\"cliPluginsExtraDirs\": [\"$plugins\"]}" >"$cache/docker/config.json"
    prefer_unpacked
}

start() {
    uplink=$(awk '$2 == "00000000" { print $1; exit }' /proc/net/route)
    mtu=$(cat "/sys/class/net/${uplink:-lo}/mtu")
    mkdir -p "$run"
    rm -f "$run/docker.pid"
    cat >"$cache/daemon.json" <<END
{
    "data-root": "$data",
    "exec-root": "$run",
    "pidfile": "$run/docker.pid",
    "init-path": "/usr/bin/tini-static",
    "mtu": $((mtu < 1500 ? mtu : 1500)),
    "features": { "containerd-snapshotter": true }
}
END
    setsid dockerd --config-file "$cache/daemon.json" >"$cache/dockerd.log" 2>&1 </dev/null &
    for _ in $(seq 60); do
        if answers; then return; fi
        kill -0 $! 2>/dev/null || break
        sleep 1
    done
    tail -n 10 "$cache/dockerd.log" >&2
    fail "the Docker engine does not start, see $cache/dockerd.log"
}

if ! answers; then
    [ -z "${DOCKER_HOST:-}" ] || fail "no Docker engine answers at DOCKER_HOST=$DOCKER_HOST"
    [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] ||
        fail "no Docker engine answers: start one, or be root on Debian 12 or newer to have one brought"
    if ! [ -x "$engine/usr/sbin/dockerd" ]; then
        say "no Docker engine answers. Bringing one: from this Debian debootstrap, e2fsprogs, iptables, jq, runc and tini;"
        say "of Debian 14 containerd, docker.io, docker-cli, docker-buildx and docker-compose, into $engine"
        logged apt-update apt-get update
        DEBIAN_FRONTEND=noninteractive logged apt-install apt-get install --yes \
            --no-install-recommends ca-certificates debootstrap e2fsprogs iptables jq runc tini
        unpack containerd docker.io docker-cli docker-buildx docker-compose
    fi
    say "starting the engine, with its data in $data"
    start
elif ! docker buildx version >/dev/null 2>&1; then
    say "this Docker has no BuildKit. Bringing docker-cli and docker-buildx of Debian 14 into $engine"
    unpack docker-cli docker-buildx
fi
if ! docker compose version >/dev/null 2>&1; then
    say "this Docker has no compose. Bringing docker-compose of Debian 14 into $engine"
    unpack docker-compose
fi
