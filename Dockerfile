# Builds the program of a Cargo project, statically linked, into a small image. Nothing to edit; copy its .dockerignore too.
#   docker build --tag app .   With --target on-scratch it has no base, so no shell, and the program is the entry point.
# Needs Cargo.lock, Docker 23 or podman 5.4. For amd64, arm64. Runs as user 1000. Scanners see its crates. Build arguments:
#   BIN           the program, if the project has several
#   CARGO_FLAGS   options of cargo build, like --no-default-features --features "tls json"
#   PROFILE       Cargo's profile; release, the default, is stripped of symbols
#   APT_PACKAGES  Debian packages of tools, like cmake protobuf-compiler; not of libraries or C++, as Debian's are for glibc
#   BUILD_ENV     variables that the project's own code reads at compile time, like GIT_SHA=1a2b3c; no secrets
#   FILES         files and folders that the program reads when it runs: static/a becomes /static/a
#   INCREMENTAL   any word turns on incremental compilation, and names the cache of what it compiles; not for releases
# Private crates: --ssh default --secret id=cargo,src=$HOME/.cargo/credentials.toml --secret id=git,src=$HOME/.gitconfig
ARG PROFILE=release BIN="" CARGO_FLAGS="" APT_PACKAGES="" BUILD_ENV="" FILES="" INCREMENTAL=""

# Debian, because its rustc is faster than alpine's. It runs on the builder's platform, and cross-compiles for others.
FROM --platform=$BUILDPLATFORM rust:1.99-slim-trixie AS rust
FROM alpine:3.24 AS alpine
FROM rust AS rust-amd64
ENV RUST_ARCH=x86_64 CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=x86_64-linux-musl-gcc
FROM rust AS rust-arm64
ENV RUST_ARCH=aarch64 CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=aarch64-linux-musl-gcc
# Cargo.toml, because COPY needs a match. In a stage, with --chmod, so that its edits or another umask rerun no later stage.
FROM rust AS toolchain-file
COPY --chmod=644 Cargo.toml rust-toolchain* /project/

# toolchain compiles for musl, because a program that is linked statically with musl needs no libc in its image.
FROM rust-$TARGETARCH AS toolchain
ARG APT_PACKAGES TARGETARCH
# make, perl: OpenSSL. git: build scripts. jq, rsync, cargo-auditable, ld.lld: see below. Last line: "stable" needs no download.
RUN dpkg --add-architecture "$TARGETARCH" && apt-get update && apt-get install --yes --no-install-recommends cargo-auditable \
        "gcc-$(echo "$RUST_ARCH" | tr _ -)-linux-gnu" git jq make "musl-dev:$TARGETARCH" perl rsync $APT_PACKAGES && \
    rm -rf /var/lib/apt/lists/* && ln -s "$(rustc --print target-libdir)/../bin/rust-lld" /usr/local/bin/ld.lld && \
    ln -s "$(rustc --print sysroot)" "$RUSTUP_HOME/toolchains/stable-$(uname -m)-unknown-linux-gnu"
# Outline atomics need glibc. Last two lines undo what .cargo/config.toml may set: wrappers (env runs rustc), ssh, linkers.
ENV CARGO_HOME=/cargo SOURCE_DATE_EPOCH=0 SQLX_OFFLINE=true CFLAGS_aarch64_unknown_linux_musl=-mno-outline-atomics \
    BINDGEN_EXTRA_CLANG_ARGS="-isystem /usr/include/$RUST_ARCH-linux-musl" CARGO_PROFILE_RELEASE_STRIP=symbols \
    RUSTC_WRAPPER=env CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER=env CARGO_NET_GIT_FETCH_WITH_CLI=false \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=cc CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=cc
WORKDIR /app/src
# Here rustc makes rustup install what a toolchain file asks for. debian_version lets COPY match some file.
COPY --from=toolchain-file /etc/debian_version /project/rust-toolchain* ./
RUN rustc --version && rustup target add "$RUST_ARCH-unknown-linux-musl"
# musl-gcc, as the cc crate calls it. lld for speed. Last option: the specs ask for a dynamic loader, even in static programs.
COPY --chmod=755 <<"gcc" /usr/local/bin/$RUST_ARCH-linux-musl-gcc
#!/bin/sh
exec "$RUST_ARCH-linux-gnu-gcc" -specs "/usr/lib/$RUST_ARCH-linux-musl/musl-gcc.specs" "$@" -fuse-ld=lld -Wl,--no-dynamic-linker
gcc

# skeleton contains what dependencies are compiled from, and a stub for each target. Editing a source does not change it.
FROM toolchain AS skeleton
ARG BIN
COPY --chmod=755 <<"skeleton" /usr/local/bin/
#!/usr/bin/env -S bash -euo pipefail
cargo metadata --no-deps --offline --format-version 1 > /meta; mkdir -p /out/app/src # BuildKit reads all beside what it copies
# Pick the program: default members first, then a package's default-run or namesake; group_by sorts the best last. Ties fail.
jq -r --arg bin "$BIN" '.workspace_default_members as $default | [.packages[] | .bin = .targets[] |
    select(.bin.kind == ["bin"])] | map(.bin.name) as $names | map(select($bin == "" or .bin.name == $bin)) |
    group_by([(.id | IN($default[]?)), .bin.name == (.default_run // .name)]) | last // [] | if length == 1 then first |
    "--manifest-path=\(.manifest_path | @sh) --bin=\(.bin.name) --features=\(.bin["required-features"] // [] | join(","))"
    else "error: choose a BIN of \($names): \"\($bin)\" matches \(length)\n" | halt_error end' /meta > /out/bin-flags
# Copy manifests, lock file, configuration, toolchain file, and vendored crates, which are known by .cargo-checksum.json.
{ jq -r '.packages[].manifest_path, .workspace_root + ("/Cargo.toml", "/Cargo.lock")' /meta
  find /app/src -regex '/app/src/\(.cargo\|rust-toolchain.*\)' -print -o -name .cargo-checksum.json -printf '%h\n'; } |
    sort -u | xargs -d '\n' cp -rH --parents -t /out
mapfile -t stubs < <(jq -r '"/out" + .packages[].targets[].src_path' /meta); mkdir -p "${stubs[@]%/*}"
for stub in "${stubs[@]}"; do echo '#![allow(warnings, unused_crate_dependencies)] #![doc="A stub."] fn main() {}' > "$stub"; done
# Packages without a source in Cargo.lock are local. If there are not as many as members, some are outside: copy all, as new.
(( $(grep -c ^name Cargo.lock) - $(grep -c ^source Cargo.lock) == $(jq '.packages|length' /meta) )) || exec cp -r . /out/app/src
find /out -exec touch -hd 2000-01-01 {} + # because podman's cache compares times, unlike BuildKit's
skeleton

RUN --mount=type=bind,target=/app/src --network=none skeleton && tar -cf /t --sort=name --mtime=@0 /out && sha256sum /t > /out/sum

# dependencies compiles crates in cache mounts. All builds on a builder share them, so must trust each other. Build scripts see
# secrets, but keep none. The layer holds third-party crates, for fresh CI runners. podman reruns this only if /sum differs.
FROM toolchain AS dependencies
ARG APT_PACKAGES CARGO_FLAGS PROFILE
COPY --from=skeleton /out/bin-flags /out/sum /
COPY --chmod=755 <<"compile" <<"dependencies" <<"image" /usr/local/bin/
#!/usr/bin/env -S CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS=cargo:token bash -euo pipefail
trap 'rm -f /cargo/git/db/*/FETCH_HEAD' EXIT # its URL may hold a token. Above: no keyring here, whatever config.toml says
# env -S splits and unquotes. Not variables: a build script's cargo would inherit them. build-dir: config.toml may set it.
env -S "${BUILD_ENV-} cargo $* build --locked --target $RUST_ARCH-unknown-linux-musl --profile $PROFILE $(cat /bin-flags) \
    --target-dir /target --config build.build-dir='\"/target\"' --message-format json-render-diagnostics $CARGO_FLAGS" |
    jq -cR 'fromjson? | objects | .third_party = (.package_id // "path+file:" | contains("path+file:") | not)' # not all is JSON
compile
#!/usr/bin/env -S bash -euo pipefail
# No stub enters the layer, only files with third-party crates' hashes, like librand-0123456789abcdef.rlib, and .rustc_info.
compile | jq -r 'select(.third_party) | (.filenames // [.out_dir])[] | capture("[-/](?<hash>[0-9a-f]{16})").hash' > /hashes
find /target '(' ! -type d -o -empty ')' | grep -F -f /hashes -e .rustc_info | xargs -d '\n' cp -a --parents -t /opt
find /opt/target -exec touch -hd 2037-01-01 {} + # newer than any git checkout, or Cargo reruns build scripts
dependencies
#!/usr/bin/env -S bash -euo pipefail
rm -rf /target; ln -s /opt/target /target # Cargo has recorded paths in /target, which was a cache mount
if [ "$INCREMENTAL" ]; then # /app, a cache, begins anew if the clock went back, copying was cut off, or a build wrote sources
    exec 9< /app; flock 9; ln -sfn /app/target /target; echo "$BUILD_ENV $APT_PACKAGES" > /new/app/src/.build-env # for rsync
    anew=$(find /app -newermt now -o -path /app/half -o -path '/app/src/*' -newer /app); mkdir -p /app/half /app/target
    [ -z "$anew" ] || find /app -mindepth 2 -delete; rsync -rlpc --delete --itemize-changes /new/app/src/ ./ > /changes
    # Macros and build scripts may read files that Cargo is not told of. If more has changed than edits in these, compile all.
    ! grep -Evq '^>f[^+].*(\.rs|Cargo\.toml|Cargo\.lock)$' /changes || find /target/ ! -type d ! -path '*/incremental/*' -delete
    cp -a --update=none /opt/target /app; find /target/ -newermt 2036-01-01 -exec touch -hd "$(date -Ins)" {} + # not 2037
    rmdir /app/half; CARGO_INCREMENTAL=1 compile > /messages
else CARGO_INCREMENTAL='' compile auditable > /messages; fi # for releases: with the list of crates that scanners read
jq -rn '"warning: compiled again: \(first(inputs | select(.third_party and .fresh == false)).package_id)"' /messages >&2
program=$(jq -r '.executable // empty' /messages); name=$(basename "$program")
install -D -t /image/any/usr/local/bin "$program"; [ "$name" = app ] || ln -s "$name" /image/any/usr/local/bin/app
echo "$name:x:1000:1000::/:/sbin/nologin" >> /image/any/etc/passwd; echo "$name:x:1000:" >> /image/any/etc/group
install -D -m 644 -t /image/scratch/etc/ssl/certs /etc/ssl/certs/ca-certificates.crt; mkdir -m 1777 /image/scratch/tmp
find /image -exec touch -hd "@$SOURCE_DATE_EPOCH" {} + # reproducible layers; FILES keep their times, as browsers compare them
[ -z "$FILES" ] || cp -rH --parents --preserve=timestamps -t /image/any $FILES; chmod -R a=rX,u+w /image/any
image

RUN --mount=type=cache,id=rust-cargo,target=/cargo --mount=type=bind,from=skeleton,source=/out/app/src,target=/app/src,rw \
    --mount=type=cache,id=rust-target-$APT_PACKAGES,target=/target,sharing=locked --mount=type=ssh \
    --mount=type=secret,id=cargo,target=/cargo/credentials.toml --mount=type=secret,id=git,target=/root/.gitconfig dependencies

FROM dependencies AS build
COPY --from=alpine /etc/passwd /etc/group /image/any/etc/
ARG APT_PACKAGES BUILD_ENV CARGO_FLAGS FILES INCREMENTAL PROFILE
RUN --mount=type=cache,id=rust-incremental-$INCREMENTAL,target=/app --mount=type=bind,target=${INCREMENTAL:+/new}/app/src,rw \
    --mount=type=cache,id=rust-cargo,target=/cargo --mount=type=ssh \
    --mount=type=secret,id=cargo,target=/cargo/credentials.toml --mount=type=secret,id=git,target=/root/.gitconfig image

FROM scratch AS on-scratch
COPY --from=build /image/any/ /image/scratch/ /
USER 1000:1000
ENTRYPOINT ["/usr/local/bin/app"]
FROM alpine AS on-alpine
COPY --from=build /image/any/ /
USER 1000:1000
CMD ["app"]
