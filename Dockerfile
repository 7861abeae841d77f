# Builds the program of a Rust project into a small image. Names no project: nothing to edit.

FROM --platform=${BUILDPLATFORM:-BuildKit-is-needed} rust:1.97-slim-trixie AS rust

FROM alpine:3.24 AS alpine

# tools adds what the stages below and C dependencies need.
FROM rust AS tools
RUN apt-get update && \
    apt-get install --yes --no-install-recommends jq make musl-tools perl && \
    rm -rf /var/lib/apt/lists/*
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
ENV CARGO_HOME=/cargo \
    CARGO_PROFILE_RELEASE_STRIP=symbols \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld \
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld
WORKDIR /src

FROM tools AS tools-amd64
ENV CARGO_BUILD_TARGET=x86_64-unknown-linux-musl

FROM tools AS tools-arm64
ENV CARGO_BUILD_TARGET=aarch64-unknown-linux-musl

# toolchain compiles for the image's platform on the builder's own: nothing is emulated.
FROM tools-${TARGETARCH} AS toolchain
RUN rustup target add "$CARGO_BUILD_TARGET"

# sources sorts the build context: /skeleton has what decides the dependencies, and a stub in
# place of each source; /src has what the program is made of.
FROM toolchain AS sources
COPY . .
RUN <<EOF
mkdir /skeleton
find . \( -name Cargo.toml -o -name Cargo.lock -o -path '*/.cargo/*' \) \
    -exec cp --parents -t /skeleton {} +
cargo metadata --no-deps --offline --format-version 1 > /metadata
jq -r '.packages[].targets[].src_path' /metadata | while read -r source; do
    install -D /dev/null "/skeleton/${source#/src/}"
    # Build scripts, which Cargo runs with OUT_DIR, must pass; a program of stubs must not.
    echo '#![allow(warnings)] fn main() { std::env::var("OUT_DIR").expect("stub"); }' \
        > "/skeleton/${source#/src/}"
done
grep -rqi --include '*.rs' readme . || rm -f README*
EOF

# dependencies compiles them in a cache that projects share, and keeps those of this project.
# The layer has nothing of the project itself, so that no stub can ship.
FROM toolchain AS dependencies
COPY --from=sources /skeleton .
RUN --mount=type=cache,target=/cargo --mount=type=cache,target=/cache,sharing=locked <<EOF
cargo build --locked --release --target-dir /cache --message-format json-render-diagnostics |
    jq -r 'select(.package_id // "path+file:" | contains("path+file:") | not) |
        (.filenames // [.out_dir])[] | capture("(?<unit>-[0-9a-f]{16})").unit' > /units
echo .rustc_info >> /units
mkdir /target && cd /cache
find . ! -type d | grep -F -f /units | xargs -d '\n' cp -a --parents -t /target
EOF

# build compiles the project, and lays out what the image adds to each base.
FROM dependencies AS build
ARG BIN
ARG SOURCE_DATE_EPOCH=0
COPY --from=sources /src .
COPY --from=sources /metadata /
COPY --from=alpine /etc/passwd /etc/group /base/
RUN --mount=type=cache,target=/cargo <<EOF
cargo build --locked --release ${BIN:+--bin "$BIN"} --target-dir /target \
    --message-format json-render-diagnostics > /build.json
program=$(jq -r '.executable // empty' /build.json)
[ -f "$program" ] || { echo "error: not one program, choose with --build-arg BIN=name: $program" >&2; exit 1; }
account=$(jq -r '.packages[].name' /metadata)
mkdir -p /rootfs/{alpine,scratch}/etc /rootfs/scratch/etc/ssl/certs
install -D -t /rootfs/scratch/usr/local/bin "$program"
cd /rootfs/scratch
[ -e usr/local/bin/app ] || ln -s "${program##*/}" usr/local/bin/app
echo "$account:x:1000:1000::/:/sbin/nologin" > etc/passwd
echo "$account:x:1000:" > etc/group
cp -a usr ../alpine
for file in passwd group; do cat "/base/$file" "etc/$file" > "../alpine/etc/$file"; done
cp /etc/ssl/certs/ca-certificates.crt etc/ssl/certs
install -d -m 1777 tmp
find /rootfs -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
EOF

FROM scratch AS on-scratch
COPY --from=build /rootfs/scratch/ /
USER 1000:1000
ENTRYPOINT ["/usr/local/bin/app"]

FROM alpine AS on-alpine
COPY --from=build /rootfs/alpine/ /
USER 1000:1000
CMD ["app"]
