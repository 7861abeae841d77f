#!/bin/sh
# Makes sure that there are base images: the official ones if a registry answers, else stand-ins
# made here. Prints the options that tell `docker buildx build` where the stand-ins are.
set -eu
here=$(dirname "$0")
. "$here/common.sh"

# official STAGE: prints the image that this stage of the Dockerfile starts from.
official() {
    awk -v stage="$1" '$1 == "FROM" && $NF == stage { print $(NF - 2) }' "$here/../../Dockerfile"
}

available() {
    docker image inspect "$1" >/dev/null 2>&1 ||
        timeout 20 docker buildx imagetools inspect "$1" >/dev/null 2>&1
}

# tag FILE...: prints a tag that changes with these files, and with the certificates that the machine trusts.
tag() {
    (cd "$here" && cat "$@" /etc/ssl/certs/ca-certificates.crt) | sha256sum | cut -c 1-12
}

exists() {
    docker image inspect "$1" >/dev/null 2>&1
}

# build NAME TAG OPTION...: builds template-standin/NAME:TAG from NAME.Dockerfile, unless it exists.
build() {
    name=$1 image=template-standin/$1:$2
    shift 2
    exists "$image" && return
    say "building $image (about two minutes, progress in $cache/$name.log)"
    logged "$name" docker buildx build --progress plain \
        --output "type=image,name=$image,compression=uncompressed,unpack=true" \
        --build-context "debian=docker-image://$debian" \
        --build-context machine=/etc/ssl/certs --file "$here/$name.Dockerfile" "$@" "$here"
    for old in $(docker image ls --format '{{.Repository}}:{{.Tag}}' "template-standin/$name"); do
        [ "$old" = "$image" ] || docker image rm "$old" >&2
    done
}

rust=$(official rust) alpine=$(official alpine)
if available "$rust" && available "$alpine"; then
    exit
fi

debian_tag=$(tag debian.sh)
rust_tag=$(tag debian.sh rust.Dockerfile rustc.sh toolchain.sh dl_find_object.c)
alpine_tag=$(tag debian.sh alpine.Dockerfile)-${alpine##*:}
debian=template-standin/debian:$debian_tag

if ! exists "template-standin/rust:$rust_tag" || ! exists "template-standin/alpine:$alpine_tag"; then
    say "no registry answers for $rust and $alpine: making stand-ins from Debian's packages"
    if ! exists "$debian"; then
        say "building $debian (about half a minute, progress in $cache/debian.log)"
        [ -x "$(command -v debootstrap)" ] || fail "there is no debootstrap: install it"
        logged debian sh -c "sh '$here/debian.sh' | docker import - $debian"
    fi
    build rust "$rust_tag"
    build alpine "$alpine_tag" --build-arg "VERSION=${alpine##*:}" --platform linux/amd64,linux/arm64
fi
echo "--build-context rust=docker-image://template-standin/rust:$rust_tag" \
    "--build-context alpine=docker-image://template-standin/alpine:$alpine_tag"
