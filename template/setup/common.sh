# shellcheck shell=sh
# Functions that the scripts of the template share. Source this after `set -eu`.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/rust-docker-template
# Packages of Docker that engine.sh unpacks.
engine=$cache/engine-14

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
    : >"$log"
    if [ -t 2 ]; then
        # Shows the log's last line on a terminal, in place, until the command or this script ends.
        while sleep 1 && kill -0 $$ 2>/dev/null; do
            printf '\r\033[K%.78s\r' "$(tail -n 1 "$log")" >&2
        done &
    fi
    "$@" >"$log" 2>&1 </dev/null || {
        tail -n 30 "$log" >&2
        fail "'$1' failed, see $log"
    }
    if [ -t 2 ]; then
        kill $!
        printf '\033[K' >&2
    fi
}

# mirror LABEL: prints the URL from which this machine's apt gets packages of Debian or Debian-Security.
mirror() {
    # shellcheck disable=SC2016 # apt-get replaces the field, not the shell.
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' "Label: $1" |
        head -n 1
}

# Prefers the Docker client and plugin that engine.sh unpacked, if any, to the machine's own.
prefer_unpacked() {
    if [ -d "$engine" ]; then
        PATH=$engine/usr/bin:$engine/usr/sbin:$PATH
        DOCKER_CONFIG=$cache/docker
        export PATH DOCKER_CONFIG
    fi
}
prefer_unpacked
