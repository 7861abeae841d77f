# Builds the program of a Rust project into a small image. Names no project: nothing to edit.

FROM --platform=${BUILDPLATFORM:-BuildKit-is-needed} rust:1.97-slim-trixie AS rust

FROM alpine:3.24 AS alpine

# tools adds what C dependencies and the stages below need.
FROM rust AS tools
RUN apt-get update && \
    apt-get install --yes --no-install-recommends jq make musl-tools perl && \
    rm -rf /var/lib/apt/lists/*

FROM tools AS tools-amd64
ENV CARGO_BUILD_TARGET=x86_64-unknown-linux-musl

FROM tools AS tools-arm64
ENV CARGO_BUILD_TARGET=aarch64-unknown-linux-musl

# toolchain compiles for the image's platform on the builder's own: nothing is emulated.
FROM tools-${TARGETARCH} AS toolchain
RUN rustup target add "$CARGO_BUILD_TARGET"
ENV CARGO_HOME=/cargo \
    CARGO_PROFILE_RELEASE_STRIP=symbols \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld \
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /src

# sources splits the build context: /src is what the program is made of; /skeleton decides the
# dependencies, with a stub for each source that Cargo looks for.
FROM toolchain AS sources
ARG BIN
COPY . .
RUN <<EOF
# Cargo lists the workspace. Packages beside it are where the paths of dependencies lead.
metadata() {
    cargo metadata --no-deps --offline --format-version 1 --manifest-path "$1/Cargo.toml" >> /metadata
    path=$(jq -rs 'map(.packages[]) | map(.dependencies[].path // empty) -
        map(.manifest_path | rtrimstr("/Cargo.toml")) | first // empty' /metadata)
    [ -z "$path" ] || metadata "$path"
}
metadata /src
jq -rs 'first.packages[] | "\(.name) \(.targets[] | select(.kind == ["bin"]).name)"' /metadata > /programs
sed -n "/ ${BIN:-.*}$/p" /programs > /program
[ "$(wc -l < /program)" = 1 ] ||
    { echo "error: not one program, choose with --build-arg BIN=name: $(cat /programs)" >&2; exit 1; }
mkdir /skeleton
find . -type f \( -name Cargo.toml -o -name Cargo.lock -o -path '*/.cargo/*' \) -print0 |
    xargs -0 cp --parents -t /skeleton
# Build scripts, which Cargo runs with OUT_DIR, have to succeed.
echo '#![allow(warnings)] fn main() { std::env::var("OUT_DIR").expect("stub"); }' > /stub
jq -r '.packages[].targets[].src_path | sub("^/src"; "/skeleton")' /metadata |
    xargs -d '\n' -I {} install -D -m 644 /stub {}
# What is not built is no reason to compile again, nor is a README that no source mentions.
jq -r '.packages[].targets[] | select(.kind[0] | IN("bench", "example", "test")).src_path' /metadata |
    xargs -r -d '\n' -n 1 cp /stub
grep -rqi --include '*.rs' readme . || rm -f README*
# The project's own versions decide no dependency: 0.0.0 does as well, if nothing asks for another.
cp -r /skeleton /masked
jq -r '.packages[].manifest_path, .workspace_root + "/Cargo.toml" | sub("^/src"; "/masked")' /metadata |
    sort -u | xargs -d '\n' sed -i \
        -e '/^\[.*package\]/,/^\[/ s/^version *= *".*/version = "0.0.0"/' \
        -e '/path *=/ s/version *= *"[^"]*"/version = "*"/'
awk -v RS= -v ORS='\n\n' '/\nsource = / || !/\nname = /' Cargo.lock > /masked/Cargo.lock
rm /metadata && metadata /masked
if jq -es 'all(.[].packages[].dependencies[]; .path == null or .req == "*")' /metadata > /dev/null &&
    ! grep -qrs '^\[\(patch\|replace\)' Cargo.toml .cargo; then
    rm -r /skeleton && mv /masked /skeleton
fi
EOF

# dependencies compiles them in a cache that projects share, and keeps those of this one. The layer
# has nothing of the project itself: no stub can ship. The lock file is held to below, not here.
FROM toolchain AS dependencies
COPY --from=sources /skeleton .
RUN --mount=type=cache,target=/cargo --mount=type=cache,target=/cache,sharing=locked <<EOF
cargo build --release --target-dir /cache --message-format json-render-diagnostics |
    jq -r 'select(.package_id // "path+file:" | contains("path+file:") | not) |
        (.filenames // [.out_dir])[] | capture("(?<unit>-[0-9a-f]{16})").unit' > /units
mkdir /target
find /cache ! -type d -printf '%P\n' | grep -F -f /units -e .rustc_info |
    tar --create --directory /cache --files-from - | tar --extract --directory /target
EOF

# build compiles the project, and lays out the image on scratch, and what it adds to alpine.
FROM dependencies AS build
ARG INCREMENTAL=
ARG SOURCE_DATE_EPOCH=0
RUN --mount=type=bind,from=sources,source=/src,target=/src,rw \
    --mount=type=bind,from=sources,source=/program,target=/program \
    --mount=type=bind,from=alpine,source=/etc,target=/base \
    --mount=type=cache,target=/cargo \
    --mount=type=cache,target=/target/$CARGO_BUILD_TARGET/release/incremental,id=incremental$INCREMENTAL <<EOF
read -r account program < /program
export CARGO_INCREMENTAL=${INCREMENTAL:+1}
cargo build --locked --release --target-dir /target --bin "$program"
install -D -t /scratch/usr/local/bin "/target/$CARGO_BUILD_TARGET/release/$program"
[ "$program" = app ] || ln -s "$program" /scratch/usr/local/bin/app
install -D -m 644 -t /scratch/etc/ssl/certs /etc/ssl/certs/ca-certificates.crt
install -d -m 1777 /scratch/tmp
echo "$account:x:1000:1000::/:/sbin/nologin" > /scratch/etc/passwd
echo "$account:x:1000:" > /scratch/etc/group
mkdir -p /alpine/etc
cp -a /scratch/usr /alpine
cat /base/passwd /scratch/etc/passwd > /alpine/etc/passwd
cat /base/group /scratch/etc/group > /alpine/etc/group
# Equal sources make an equal image, whenever they are built.
find /scratch /alpine -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
EOF

FROM scratch AS on-scratch
COPY --from=build /scratch/ /
USER 1000:1000
ENTRYPOINT ["/usr/local/bin/app"]

FROM alpine AS on-alpine
COPY --from=build /alpine/ /
USER 1000:1000
CMD ["app"]
