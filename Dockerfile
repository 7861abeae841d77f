# Builds the program of a Rust project into a small image. Names no project: nothing to edit.

FROM --platform=${BUILDPLATFORM:-BuildKit-is-needed} rust:1.97-slim-trixie AS rust

FROM alpine:3.24 AS alpine

FROM rust AS rust-amd64
ENV CARGO_BUILD_TARGET=x86_64-unknown-linux-musl GCC=gcc-x86-64-linux-gnu

FROM rust AS rust-arm64
ENV CARGO_BUILD_TARGET=aarch64-unknown-linux-musl GCC=gcc-aarch64-linux-gnu

# toolchain compiles for the image's platform on the builder's own: nothing is emulated. Build scripts
# that ask git learn from one that fails what they would from git, as the build context has no .git.
FROM rust-${TARGETARCH} AS toolchain
ARG APT_PACKAGES TARGETARCH
RUN dpkg --add-architecture "$TARGETARCH" && \
    apt-get update && \
    apt-get install --yes --no-install-recommends \
        "$GCC" jq make "musl-tools:$TARGETARCH" perl $APT_PACKAGES && \
    { command -v git || ln -s false /usr/bin/git; } && \
    rm -rf /var/lib/apt/lists/*
# A project's configuration may name linkers, and a git that has keys, of its developers' machines.
# For atomics on arm64, gcc would call what asks musl for a function that it hides.
# The date is that of all stages, as what is compiled from C is compiled again when it changes.
ENV CARGO_HOME=/cargo \
    CARGO_NET_GIT_FETCH_WITH_CLI=false \
    CARGO_PROFILE_RELEASE_STRIP=symbols \
    CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS=cargo:token \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=cc \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld \
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=cc \
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld \
    CC_aarch64_unknown_linux_musl=musl-gcc \
    CFLAGS_aarch64_unknown_linux_musl=-mno-outline-atomics \
    SOURCE_DATE_EPOCH=0
SHELL ["/bin/bash", "-euo", "pipefail", "-O", "nullglob", "-c"]

# sources splits the build context: src is what the program is made of, skeleton decides the
# dependencies, with a stub for each source that Cargo looks for, and program says what to build.
# They share a folder, as BuildKit looks through the one around what it copies.
FROM toolchain AS sources
ARG BIN
COPY . /context/src
RUN --network=none <<EOF
cd /context
mkdir skeleton toolchain
[ -f src/Cargo.lock ] ||
    { echo "error: there is no Cargo.lock: make one with 'cargo generate-lockfile'" >&2; exit 1; }
# Cargo lists the workspace. Packages beside it are where the paths of dependencies lead. It runs
# where it finds the configuration, and no toolchain file, as that may ask for a download.
ln -s src/.cargo .
metadata() {
    path=$1
    while [ -n "$path" ]; do
        (cd /context && cargo metadata --no-deps --offline --format-version 1 --manifest-path "$path/Cargo.toml") ||
            return
        path=$(jq -rs 'map(.packages[]) | map(.dependencies[].path // empty) -
            map(.manifest_path | rtrimstr("/Cargo.toml")) | first // empty' "$2")
    done > "$2"
}
metadata /context/src /metadata
# The program is the only one, else the one with its package's name, else its package's default, else
# the NAME of a package NAME-cli.
jq -rs --arg bin "${BIN-}" 'first | .workspace_default_members as $default |
    [.packages[] | . as $package | .targets[] | select(.kind == ["bin"]) + {$package}] |
    if $bin != "" then map(select(.name == $bin))
    else (map(select(.package.id | IN($default[]))) | select(. != [])) // . end |
    first((., map(select(.name == .package.name)), map(select(.name == .package.default_run)),
        map(select(.name + "-cli" == .package.name))) | select(length == 1)) // . |
    if . == [] then "error: the project has no program \($bin)\n" | halt_error(1)
    elif length > 1 then "error: choose a program with --build-arg BIN=name: \(map(.name) | join(" "))\n" |
        halt_error(1)
    else .[] | "--manifest-path", (.package.manifest_path | ltrimstr("/context/src/")), "--bin", .name, "--features",
        (.["required-features"] // [] | join(",")) end' /metadata > program
# The installed toolchain serves a project that asks for it, or for the stable one, by any name.
for file in src/rust-toolchain*; do
    channel=$(sed -nE 's/^( *channel *= *)?"?([a-z0-9.-]+)"? *(#.*)?$/\2/p' "$file")
    installed=$(rustc --version | cut -d ' ' -f 2)
    case ${channel:-stable} in
        stable | "$installed" | "${installed%.*}") rm "$file" ;;
        *) cp "$file" toolchain ;;
    esac
done
cd src
jq -r '.packages[].manifest_path, .workspace_root + "/Cargo.toml" | ltrimstr("/context/src/")' /metadata |
    sort -u | xargs -d '\n' cp -rL --parents -t ../skeleton Cargo.lock .cargo* rust-toolchain*
# Lints are for sources.
find ../skeleton -name Cargo.toml -exec perl -0pi -e 's/^\[(workspace\.)?lints.*?(?=^\[|\z)|^lints\b.*?\n//gms' {} +
# Build scripts, which Cargo runs with OUT_DIR, have to succeed.
echo '#![allow(warnings)] fn main() { std::env::var("OUT_DIR").expect("stub"); }' > /stub
jq -r '.packages[].targets[].src_path | sub("^/context/src"; "/context/skeleton")' /metadata |
    xargs -d '\n' -I {} install -D -m 644 /stub {}
# The project's versions decide no dependency: 0.0.0 does as well, if nothing asks for another.
cp -r ../skeleton ../masked
find ../masked -name Cargo.toml -exec sed -i -e '/^\[.*package\]/,/^\[/ s/^version *= *".*/version = "0.0.0"/' \
    -e '/path *=/ s/\bversion *= *"[^"]*"/version = "*"/' {} +
awk -v RS= -v ORS='\n\n' '!/\nsource = / { sub(/version = "[^"]*"/, "version = \"0.0.0\"") } 1' Cargo.lock |
    sed -f <(jq -r '.packages[] | "s/^ \"\(.name) \(.version)\",/ \"\(.name) 0.0.0\",/"' /metadata) > ../masked/Cargo.lock
patches=$(awk '/^\[/ { patch = /^\[(patch|replace)/ } patch' Cargo.toml .cargo/config*)
unasked() { jq -es 'all(.[].packages[].dependencies[]; .path == null or .req == "*")' "$1" > /dev/null; }
if [ -z "$patches" ] && { unasked /metadata || { metadata /context/masked /masked && unasked /masked; }; }
then rm -r ../skeleton && mv ../masked ../skeleton; fi
# What is not built is no reason to compile again, nor is a README that no source mentions.
jq -r '.packages[].targets[] | select(.kind[0] | IN("bench", "example", "test")).src_path' /metadata |
    xargs -r -d '\n' -n 1 cp /stub
grep -rqi --include '*.rs' readme . || rm -f README*
# Vendored crates are dependencies. With a patch that leads into the project, all of it may be one.
find . -name .cargo-checksum.json -printf '%h\n' | xargs -r -d '\n' cp -r --parents -t ../skeleton
[[ $patches != *path* ]] || cp -r . ../skeleton
EOF

# compiler has what the project's toolchain file asks for, if it does.
FROM toolchain AS compiler
WORKDIR /src
COPY --from=sources /context/toolchain .
# Crates link with -ldl, -lm and the like, which are empty archives in musl, as its libc has it all.
RUN rustc --version && rustup target add "$CARGO_BUILD_TARGET" && \
    cp "/usr/lib/${CARGO_BUILD_TARGET%%-*}-linux-musl"/lib[!c]*.a \
        "$(rustc --print target-libdir --target "$CARGO_BUILD_TARGET")"
ARG FEATURES PROFILE=release

# dependencies compiles them in a cache that projects share, and keeps those of this one. The layer
# has nothing of the project itself: no stub can ship.
FROM compiler AS dependencies
RUN --mount=type=bind,from=sources,source=/context/skeleton,target=/src,rw \
    --mount=type=bind,from=sources,source=/context/program,target=/program \
    --mount=type=cache,target=/cargo --mount=type=cache,target=/cache,sharing=locked \
    --mount=type=ssh --mount=type=secret,id=cargo,target=/cargo/credentials.toml \
    --mount=type=secret,id=git,target=/root/.gitconfig <<EOF
# Where git leaves the addresses that it was told, which may have a token, in the cache.
trap 'rm -f /cargo/git/db/*/FETCH_HEAD' EXIT
mapfile -t program < /program
# The cache may hold those of another project's sources, where they are not stubs.
find . -name '*.rs' -exec touch {} +
cargo build --locked --profile "$PROFILE" --features "${FEATURES-}" "${program[@]}" \
    --target-dir /cache --message-format json-render-diagnostics |
    jq -r 'select(.package_id // "path+file:" | contains("path+file:") | not) |
        (.filenames // [.out_dir])[] | capture("(?<unit>-[0-9a-f]{16})").unit' > /units || {
    errors=$(cargo update --locked --quiet --workspace 2>&1) || [[ $errors != *--locked* ]] ||
        echo "error: Cargo.lock does not fit Cargo.toml, mend it with 'cargo update --workspace'" >&2
    exit 1
}
mkdir /target
cd /cache && find . ! -type d | grep -F -f /units -e .rustc_info | xargs -d '\n' cp -a --parents -t /target
EOF

# build compiles the project, and lays out the image on scratch, and what it adds to alpine.
FROM dependencies AS build
ARG INCREMENTAL=
RUN --mount=type=bind,from=sources,source=/context/src,target=/src,rw \
    --mount=type=bind,from=sources,source=/context/program,target=/program \
    --mount=type=bind,from=alpine,source=/etc,target=/base \
    --mount=type=cache,target=/cargo \
    --mount=type=cache,target=/target/$CARGO_BUILD_TARGET/$PROFILE/incremental,id=incremental$INCREMENTAL \
    --mount=type=ssh --mount=type=secret,id=cargo,target=/cargo/credentials.toml \
    --mount=type=secret,id=git,target=/root/.gitconfig <<EOF
trap 'rm -f /cargo/git/db/*/FETCH_HEAD' EXIT
mapfile -t program < /program
export CARGO_INCREMENTAL=${INCREMENTAL:+1}
cargo build --locked --profile "$PROFILE" --features "${FEATURES-}" "${program[@]}" \
    --target-dir /target --message-format json-render-diagnostics |
    jq -r '.executable // empty' > /executable
read -r executable < /executable
name=$(basename "$executable")
install -D -t /rootfs/scratch/usr/local/bin "$executable"
[ "$name" = app ] || ln -s "$name" /rootfs/scratch/usr/local/bin/app
install -D -m 644 -t /rootfs/scratch/etc/ssl/certs /etc/ssl/certs/ca-certificates.crt
install -d -m 1777 /rootfs/scratch/tmp
echo "$name:x:1000:1000::/:/sbin/nologin" > /rootfs/scratch/etc/passwd
echo "$name:x:1000:" > /rootfs/scratch/etc/group
mkdir -p /rootfs/alpine/etc
cp -a /rootfs/scratch/usr /rootfs/alpine
cat /base/passwd /rootfs/scratch/etc/passwd > /rootfs/alpine/etc/passwd
cat /base/group /rootfs/scratch/etc/group > /rootfs/alpine/etc/group
# Equal sources make an equal image, whenever they are built.
find /rootfs/scratch /rootfs/alpine -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
EOF

FROM scratch AS on-scratch
COPY --from=build /rootfs/scratch/ /
USER 1000:1000
ENTRYPOINT ["/usr/local/bin/app"]

FROM alpine AS on-alpine
COPY --from=build /rootfs/alpine/ /
USER 1000:1000
CMD ["app"]
