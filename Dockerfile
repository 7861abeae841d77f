# Builds the program of any Rust project into a small static image. Nothing to edit:
#   docker build --tag app .
#   docker build --tag app --target on-scratch --build-arg BIN=server --build-arg FILES="static templates" .
# Build arguments, all optional:
#   BIN           the program, if neither default-run nor the name of a default member tells which one
#   CARGO_FLAGS   options of cargo build, like --no-default-features --features "tls json"
#   PROFILE       Cargo's profile
#   APT_PACKAGES  Debian packages that crates need to compile, like cmake protobuf-compiler libprotobuf-dev
#   BUILD_ENV     variables that the project's own code reads at compile time, like GIT_SHA=1a2b3c; no secrets
#   FILES         what the program reads at run time; copied to /, where it starts
# Private dependencies: --ssh default, --secret id=cargo,src=credentials.toml, --secret id=git,src=.gitconfig
ARG PROFILE=release BIN="" CARGO_FLAGS="" APT_PACKAGES="" BUILD_ENV="" FILES=""

# Debian, because rustc is slower on musl. Its platform is the builder's own, so that nothing is emulated.
FROM --platform=$BUILDPLATFORM rust:1.99-slim-trixie AS rust
FROM alpine:3.24 AS alpine
FROM rust AS rust-amd64
ENV MUSL=x86_64 CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=x86_64-linux-musl-gcc
FROM rust AS rust-arm64
ENV MUSL=aarch64 CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=aarch64-linux-musl-gcc
FROM rust AS toolchain-file
COPY --chmod=644 Cargo.toml rust-toolchain* /project/

# toolchain compiles for musl, because a program that is linked with musl needs no library of its image.
FROM rust-$TARGETARCH AS toolchain
ARG APT_PACKAGES TARGETARCH
# make and perl compile OpenSSL and the like, git tells build scripts a version, jq is for the scripts below.
# A toolchain file that asks for stable, or for 1.99, gets the toolchain that is there.
RUN dpkg --add-architecture "$TARGETARCH" && apt-get update && \
    apt-get install --yes --no-install-recommends "gcc-$(echo "$MUSL" | tr _ -)-linux-gnu" \
        git jq make "musl-dev:$TARGETARCH" perl $APT_PACKAGES && rm -rf /var/lib/apt/lists/* && \
    ln -s "$(rustc --print target-libdir)/../bin/rust-lld" /usr/local/bin/ld.lld && \
    for name in stable "${RUST_VERSION%.*}"; do \
        ln -s "$(rustc --print sysroot)" "$RUSTUP_HOME/toolchains/$name-$(uname -m)-unknown-linux-gnu"; done
# The C compiler and linker, by the name that build scripts look for. lld links a second faster than GNU ld.
COPY --chmod=755 <<"gcc" /usr/local/bin/$MUSL-linux-musl-gcc
#!/bin/sh
exec $MUSL-linux-gnu-gcc -specs /usr/lib/$MUSL-linux-musl/musl-gcc.specs "$@" -fuse-ld=lld -Wl,--no-dynamic-linker,-z,text
gcc
# The last two lines undo what .cargo/config.toml may say about the developers' machines: env wraps rustc as if nothing did.
ENV CARGO_HOME=/cargo SOURCE_DATE_EPOCH=0 SQLX_OFFLINE=true CFLAGS_aarch64_unknown_linux_musl=-mno-outline-atomics \
    BINDGEN_EXTRA_CLANG_ARGS="-isystem /usr/include/$MUSL-linux-musl" CARGO_PROFILE_RELEASE_STRIP=symbols \
    CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS=cargo:token CARGO_NET_GIT_FETCH_WITH_CLI=false RUSTC_WRAPPER=env \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=cc CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=cc RUSTC_WORKSPACE_WRAPPER=env
WORKDIR /src
# rustc makes rustup install what that file asks for. COPY needs a match where there is none: hence debian_version.
COPY --from=toolchain-file /etc/debian_version /project/rust-toolchain* ./
RUN rustc --version && rustup target add "$MUSL-unknown-linux-musl"

# skeleton holds what the dependencies follow from: manifests, lock file, configuration, and a stub for each source
# that Cargo looks for. Editing a source leaves it the same, so that the next stage stays cached.
FROM toolchain AS skeleton
ARG BIN
COPY --chmod=755 <<"skeleton" /usr/local/bin/
#!/usr/bin/env -S bash -euo pipefail
cargo metadata --no-deps --offline --format-version 1 > /metadata && mkdir /skeleton
jq -r --arg bin "$BIN" '(.workspace_default_members // []) as $default |
    [.packages[] | .bin = .targets[] | select(.bin.kind == ["bin"] and ($bin == "" or .bin.name == $bin))] |
    group_by([(.id | IN($default[])), .bin.name == (.default_run // .name)]) | last // [] | if length == 1 then first |
    "--manifest-path=\(.manifest_path | @sh) --bin=\(.bin.name) --features=\(.bin["required-features"] // [] | join(","))"
    else "error: choose a BIN (\"\($bin)\" fits \(length)): \(map(.bin.name) | join(" "))\n" | halt_error(1) end' /metadata > /program
{ jq -r '.packages[].manifest_path, .workspace_root + ("/Cargo.toml", "/Cargo.lock")' /metadata
  find /src -path /src/.cargo -print -o -name .cargo-checksum.json -printf '%h\n'; } |
    sort -u | xargs -d '\n' cp -rH --parents -t /skeleton
printf '//! Stub.\n#![allow(warnings, unused_crate_dependencies)]\nfn main() {}\n' > /stub
jq -r '.packages[].targets[].src_path' /metadata | xargs -d '\n' -I {} install -D -m 644 /stub /skeleton{}
# A package that is locked without a source, and is no member, is patched in or beside the workspace: copy all.
(( $(grep -c ^name Cargo.lock) - $(grep -c ^source Cargo.lock) == $(jq '.packages | length' /metadata) )) || cp -r . /skeleton/src
skeleton
RUN --mount=type=bind,target=/src --network=none skeleton

# dependencies compiles them in a cache that all projects share, which makes a new dependency cheap, and copies
# those of this project into the layer, which makes a fresh CI runner warm.
FROM toolchain AS dependencies
COPY --from=skeleton /skeleton/ /program /
ARG CARGO_FLAGS PROFILE
COPY --chmod=755 <<"compile" <<"dependencies" /usr/local/bin/
#!/usr/bin/env -S bash -euo pipefail
trap 'rm -f /cargo/git/db/*/FETCH_HEAD' EXIT # where git notes the URL, which may hold a token
# env -S takes quotes as a shell does. The folders are options, because a build script may run another cargo.
env -S "${BUILD_ENV-} cargo build --locked --target $MUSL-unknown-linux-musl --profile $PROFILE --target-dir /target \
    --config build.build-dir='\"/target\"' --message-format json-render-diagnostics $(cat /program) $CARGO_FLAGS" |
    jq -cR 'fromjson? | objects | .foreign = (.package_id // "path+file:" | contains("path+file:") | not)'
compile
#!/usr/bin/env -S bash -euo pipefail
# Files of foreign crates alone enter the layer, so that no stub can ship. They have the hashes that Cargo reports
# in their paths, as in librand-0123456789abcdef.rlib. Empty folders go along, as a build script may have made them.
compile | jq -r 'select(.foreign) | (.filenames // [.out_dir])[] | capture("[-/](?<hash>[0-9a-f]{16})").hash' > /hashes
find /target '(' ! -type d -o -empty ')' | grep -F -f /hashes -e .rustc_info | xargs -d '\n' cp -a --parents -t /opt
dependencies
# All builds of a builder share both caches: crates and what is compiled of them, but no program and no secret.
# Cargo locks the first; the second is locked until the files are copied. Builds share trust with their builder.
RUN --mount=type=cache,id=rust-cargo,target=/cargo --mount=type=cache,id=rust-target,target=/target,sharing=locked \
    --mount=type=ssh --mount=type=secret,id=cargo,target=/cargo/credentials.toml \
    --mount=type=secret,id=git,target=/root/.gitconfig dependencies

# build compiles the project on top of that layer. /rootfs is for both images, /scratch for the one without a base.
FROM dependencies AS build
COPY --from=alpine /etc/passwd /etc/group /rootfs/etc/
ARG BUILD_ENV CARGO_FLAGS FILES PROFILE INCREMENTAL=""
COPY --chmod=755 <<"image" /usr/local/bin/
#!/usr/bin/env -S bash -euo pipefail
rm -rf /target && ln -s /opt/target /target
CARGO_INCREMENTAL=${INCREMENTAL:+1} compile > /messages
jq -r 'select(.foreign and .fresh == false).target.name' /messages | sort -u |
    xargs -r echo "warning: compiled again, because the layer of dependencies lacks them:" >&2
program=$(jq -r '.executable // empty' /messages) name=$(basename "$program")
install -D -t /rootfs/usr/local/bin "$program"
[ "$name" = app ] || ln -s "$name" /rootfs/usr/local/bin/app
echo "$name:x:1000:1000::/:/sbin/nologin" >> /rootfs/etc/passwd; echo "$name:x:1000:" >> /rootfs/etc/group
[ -z "$FILES" ] || cp -rH --parents -t /rootfs $FILES
install -D -m 644 -t /scratch/etc/ssl/certs /etc/ssl/certs/ca-certificates.crt
chmod -R a=rX,u+w /rootfs /scratch && install -d -m 1777 /scratch/tmp
find /rootfs /scratch -exec touch -hd "@$SOURCE_DATE_EPOCH" {} + # so that equal sources make equal images
image
# Build scripts may write beside the sources (rw). INCREMENTAL, which `make run` sets, names the project's own cache.
RUN --mount=type=bind,target=/src,rw --mount=type=cache,id=rust-cargo,target=/cargo --mount=type=ssh \
    --mount=type=cache,id=incremental$INCREMENTAL,target=/opt/target/$MUSL-unknown-linux-musl/$PROFILE/incremental \
    --mount=type=secret,id=cargo,target=/cargo/credentials.toml --mount=type=secret,id=git,target=/root/.gitconfig image

FROM scratch AS on-scratch
COPY --from=build /rootfs/ /scratch/ /
USER 1000:1000
# Arguments go to the program, as there is no other. On alpine, a container may run another command.
ENTRYPOINT ["/usr/local/bin/app"]

FROM alpine AS on-alpine
COPY --from=build /rootfs/ /
USER 1000:1000
CMD ["app"]
