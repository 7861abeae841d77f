# shellcheck shell=sh
# What the scripts beside it share. To be sourced, with `set -eu`.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/rust-docker-template

say() {
    echo "setup: $*" >&2
}

fail() {
    echo "error: $*" >&2
    exit 1
}

# logged NAME COMMAND...: runs the command with its output in a log, and shows the end of it on failure.
logged() {
    log=$cache/$1.log
    shift
    mkdir -p "$cache"
    "$@" >"$log" 2>&1 </dev/null || {
        tail -n 30 "$log" >&2
        fail "'$1' failed, see $log"
    }
}

# mirror LABEL: where this machine's apt finds packages of the label Debian or Debian-Security.
mirror() {
    # shellcheck disable=SC2016 # The field is apt's to replace.
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' "Label: $1" |
        head -n 1
}

# The client and the plugin that engine.sh unpacked, if any, go before the machine's own.
prefer_unpacked() {
    if [ -d "$cache/engine" ]; then
        PATH=$cache/engine/usr/bin:$cache/engine/usr/sbin:$PATH
        DOCKER_CONFIG=$cache/docker
        export PATH DOCKER_CONFIG
    fi
}
prefer_unpacked
