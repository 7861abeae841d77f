# Builds the program of a Cargo project, statically linked with musl, into a small image.
# Version 1.0.0 of rust-docker-template, whose CHANGELOG.md says how to update this file.
#
# Copy this file and .dockerignore next to Cargo.toml and Cargo.lock. It works unmodified.
#
#   docker build --tag app .                        based on alpine, has a shell
#   docker build --tag app --target on-scratch .    no base image, no shell
#
# It requires Docker 23 or Podman 5.4, or newer, and builds for linux/amd64 and linux/arm64 without
# emulation. It does not support C++ code, or system libraries other than libc and OpenSSL.
#
# The skeleton is your project with a stub instead of each source file: manifests, Cargo.lock,
# .cargo, and a file with an empty main for each library, program, test and so on.
#
# Stage                  What it does                             Reruns when these change
# toolchain              installs Rust and a C compiler           base image
# project-toolchain      installs what the project asks for       rust-toolchain.toml
# skeleton               copies manifests, writes stub sources    any file (takes 0.2 s)
# crates                 downloads crates                         the skeleton's files
# openssl                builds OpenSSL, if the program needs it  the skeleton's files
# dependencies           compiles third-party crates              the skeleton's files
# build                  compiles your own crates                 any file
# build-incremental      the same for development, with a cache   any file
# on-alpine, on-scratch  the images
#
# A stage also reruns after one that it is based on, or if a build argument changes that it uses.
#
# Only the stage `crates` has access to secrets, and it never runs code from a crate. Build scripts
# and macros run later, without a network. If one of your build scripts has to download something,
# remove the option --network=none from the stages `dependencies`, `build` and `build-incremental`.
#
# All projects on a builder share a cache of compiled crates, so a build script of one project could
# tamper with the crates of another. If you don't trust them all, give the project its own caches,
# with Docker's predefined build argument: --build-arg BUILDKIT_CACHE_MOUNT_NS=my-project (which
# Podman does not know).
#
# For private crates, add any of these options to `docker build`. The crates are then in a layer of
# the build, but not in the image: who can read a cache that you export can read them.
#   --secret id=cargo,src=$HOME/.cargo/credentials.toml    registry tokens
#   --secret id=git,src=$HOME/.gitconfig                   git's insteadOf rules with tokens
#   --ssh default                                          ssh keys, for git. For hosts other than
#                                                          github.com, set net.ssh.known-hosts in
#                                                          .cargo/config.toml.

# The program to build, if the project has several, like "server". If two packages have a program of
# that name: "package/server". "server admin" builds both, and the images start the first.
ARG BIN=""
# Options for `cargo build`, like --no-default-features --features "tls json"
ARG CARGO_FLAGS=""
# Cargo's profile.
ARG PROFILE=release
# Debian packages with tools that build scripts call, like cmake or protobuf-compiler.
ARG APT_PACKAGES=""
# Variables that your code reads while it is compiled, like GIT_SHA=1a2b3c. Not for secrets.
ARG BUILD_ENV=""
# Files and folders that the program needs at run time, or patterns like "*.toml", relative to this
# folder. static/a becomes /static/a.
ARG FILES=""
# For development: compile incrementally, in a cache of this name. Each project needs its own.
ARG INCREMENTAL=""

# Rust's image is based on Debian, where rustc is faster than on alpine. It runs on the platform of
# the builder, and compiles for the platform of the image.
FROM --platform=$BUILDPLATFORM rust:1.99-slim-trixie AS rust
FROM alpine:3.24 AS alpine

# The platform of the image, which Docker calls amd64 or arm64, selects one of these two stages. For
# any other platform, Docker says that it finds no image called rust-… .
FROM rust AS rust-amd64
ENV RUST_ARCH=x86_64
ENV GCC_PACKAGE=gcc-x86-64-linux-gnu
FROM rust AS rust-arm64
ENV RUST_ARCH=aarch64
ENV GCC_PACKAGE=gcc-aarch64-linux-gnu


# ---- toolchain: Rust, and a C compiler for musl --------------------------------------------------
FROM rust-$TARGETARCH AS toolchain
ARG TARGETARCH
ARG APT_PACKAGES
RUN dpkg --add-architecture "$TARGETARCH" && \
    apt-get update && \
    apt-get install --yes --no-install-recommends \
        # the C compiler and the C library for the platform of the image
        "$GCC_PACKAGE" "musl-dev:$TARGETARCH" \
        # kernel headers, for all platforms
        linux-libc-dev \
        # tools that build scripts call
        make perl git $APT_PACKAGES \
        # tools that the scripts in this file call
        cargo-auditable jq rsync && \
    rm -rf /var/lib/apt/lists/*

# Three scripts in one COPY. The text of each ends at the line that repeats its name.
COPY --chmod=755 <<"set-up-toolchain" <<"musl-gcc" <<"musl-g++" /usr/local/bin/
#!/bin/bash
set -euo pipefail

# The image's toolchain is named after its version, so rustup would download another one for a
# project that asks for "stable". Make "stable" mean this image's version instead. It gets newer
# with the image.
ln -s "$(rustc --print sysroot)" "$RUSTUP_HOME/toolchains/stable-$(uname -m)-unknown-linux-gnu"

# Let gcc's option -fuse-ld=lld find the linker that comes with Rust, because it is faster than ld.
ln -s "$(rustc --print target-libdir)/../bin/rust-lld" /usr/local/bin/ld.lld

# C code may include kernel headers. Link them into the folder of musl's headers.
ln -s -t "/usr/include/$RUST_ARCH-linux-musl" \
    /usr/include/linux /usr/include/asm-generic "/usr/include/$RUST_ARCH-linux-gnu/asm"

# libc crates before 0.2.146 (June 2023), and old C code, call functions like open64, which musl has
# removed. Its headers still have lines like `#define open64 open`. Make a linker script of them
# that gives open the other name open64, and so on. It has no effect on programs without the old
# names.
grep -rhoE '^#define [a-z_]+64(_r)? [a-z_]+' "/usr/include/$RUST_ARCH-linux-musl" |
    while read -r _ old new; do
        echo "PROVIDE($old = $new);"
    done > /usr/local/lib/old-names.ld
set-up-toolchain
#!/bin/bash
# The C compiler for musl is Debian's gcc, which a specs file directs to musl-dev. Headers come from
# musl-dev, but the linked libc comes from Rust: when rustc calls this to link, it passes
# -nostartfiles, -nodefaultlibs and its own copy of musl. (Debian's musl-gcc compiles for the build
# machine only.)
options=(
    -specs "/usr/lib/$RUST_ARCH-linux-musl/musl-gcc.specs"
    -fuse-ld=lld
    # Without this, gcc asks for a dynamic loader even in static position-independent programs,
    # which then do not start on scratch.
    '-Wl,--no-dynamic-linker'
    # Threads that C code starts get 8 MB of stack, as with glibc. musl's default is 128 kB.
    '-Wl,-z,stack-size=8388608'
    # The linker script that set-up-toolchain writes.
    '-Wl,/usr/local/lib/old-names.ld'
)
if [ "$RUST_ARCH" = aarch64 ]; then
    # gcc's outline atomics choose instructions at run time, with a function that musl lacks.
    options+=(-mno-outline-atomics)
fi
# These options come last, so that they win over others, such as another linker.
exec "$RUST_ARCH-linux-gnu-gcc" "$@" "${options[@]}"
musl-gcc
#!/bin/bash
# Debian has no C++ compiler for musl. Tell build scripts that look for one.
echo "error: this Dockerfile has no C++ compiler. If there is only C code, but cmake asks for" \
    "C++, write project(name LANGUAGES C) in CMakeLists.txt" >&2
exit 1
musl-g++

RUN set-up-toolchain

# rustc calls musl-gcc to link programs.
ENV CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=musl-gcc
ENV CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=musl-gcc

# Build scripts compile C code with musl-gcc.
ENV CC_x86_64_unknown_linux_musl=musl-gcc
ENV CC_aarch64_unknown_linux_musl=musl-gcc
ENV CXX_x86_64_unknown_linux_musl=musl-g++
ENV CXX_aarch64_unknown_linux_musl=musl-g++

# bindgen, which needs APT_PACKAGES=clang, reads the headers of musl, because glibc's define some
# structs differently.
ENV BINDGEN_EXTRA_CLANG_ARGS="-isystem /usr/include/$RUST_ARCH-linux-musl"

# A project's .cargo/config.toml may name a wrapper like sccache, which is not installed here.
# Replace it with `env`: Cargo then runs `env rustc …`, which is the same as `rustc …`. (With an
# empty RUSTC_WRAPPER, Cargo would ask rustc for its version in every build.)
ENV CARGO_BUILD_RUSTC_WRAPPER=env
ENV CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER=env

# It may also name a linker for the build machine, like clang. Link build scripts with gcc instead.
ENV CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=cc
ENV CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=cc

# Cargo's own git client can use ssh keys. The command `git` cannot, as there is no ssh client here.
ENV CARGO_NET_GIT_FETCH_WITH_CLI=false

# Strip symbols, because they can be half of the program. This overrides strip in Cargo.toml, for
# the profile release and those that inherit from it. To keep symbols, set
# CARGO_FLAGS="--config profile.release.strip=false"
ENV CARGO_PROFILE_RELEASE_STRIP=symbols

# The crate sqlx checks queries against the files in .sqlx, because there is no database here.
ENV SQLX_OFFLINE=true

# This stage has only rust-toolchain.toml, if there is one, so that the next one reruns only if that
# changes. COPY needs at least one file, so it also takes Cargo.toml, which is then deleted.
FROM rust AS toolchain-file
WORKDIR /out/files
# If this fails with "not found": this file belongs in the folder of Cargo.toml and Cargo.lock.
COPY Cargo.toml rust-toolchain* ./
RUN rm Cargo.toml

FROM toolchain AS project-toolchain
WORKDIR /app
COPY --from=toolchain-file /out/files/ ./
# The first call to rustc makes rustup install what the toolchain file asks for.
RUN rustc --version && \
    rustup target add "$RUST_ARCH-unknown-linux-musl"


# ---- skeleton: manifests, and stubs instead of sources -------------------------------------------
# This runs after every edit. If only sources were edited, it makes the same files as before. Docker
# compares their content, and reuses the layers of the stages `crates` and `dependencies`.

FROM project-toolchain AS skeleton
ARG BIN

COPY --chmod=755 \
    <<"make-skeleton" <<"list-programs" <<"choose-program" <<"choose-programs" <<"add-other-files" \
    /usr/local/bin/
#!/bin/bash
# Makes the skeleton of /app in /out/skeleton/app, and writes what Cargo knows about the packages to
# /metadata.
set -euo pipefail
if [ ! -e Cargo.lock ]; then
    echo "error: there is no Cargo.lock beside the Dockerfile: type cargo generate-lockfile," \
        "or in a workspace build at its root, or let .dockerignore pass the file" >&2
    exit 1
fi
cargo metadata --no-deps --offline --format-version 1 > /metadata
mkdir -p /out/skeleton/app

# Copy the workspace's manifests, Cargo.lock, Cargo's configuration and the toolchain file. With
# --parents, a file like /app/Cargo.toml becomes /out/skeleton/app/Cargo.toml.
jq -r '.packages[].manifest_path, (.workspace_root + "/Cargo.toml")' /metadata | sort -u > /members
xargs -d '\n' cp --parents -t /out/skeleton < /members
cp Cargo.lock /out/skeleton/app
find . -maxdepth 1 '(' -name .cargo -o -name 'rust-toolchain*' ')' \
    -exec cp -r -t /out/skeleton/app {} +

# Write a stub for each library, program, build script and so on. It has a main for those that need
# one. Its attributes keep it compiling in projects that deny warnings or missing documentation.
stub='#![allow(warnings, unused_crate_dependencies)] #![doc = "A stub."] fn main() {}'
jq -r '"/out/skeleton" + .packages[].targets[].src_path' /metadata > /stubs
xargs -d '\n' dirname < /stubs | xargs -d '\n' mkdir -p
while read -r file; do echo "$stub" > "$file"; done < /stubs
make-skeleton
#!/usr/bin/env -S jq --from-file
# A script for jq. It reads /metadata, and prints the project's programs.

# Cargo before 1.71 does not print the default members.
(.workspace_default_members // .workspace_members) as $default_members
| [
    .packages[] as $package
    | $package.targets[]
    | select(.kind == ["bin"])
    | {
        name,
        package: $package.name,
        version: $package.version,
        description: $package.description,
        license: $package.license,
        path: "\($package.name)/\(.name)",
        is_default_run: (.name == $package.default_run),
        is_in_default_member: ($package.id | IN($default_members[])),
        features: (."required-features" // [])
      }
  ]
list-programs
#!/usr/bin/env -S jq --from-file
# A script for jq. It reads the output of list-programs, and prints one program. Candidates are
# those called NAME, or all if NAME is empty. Of several, it prefers, in this order,
# - those of the workspace's default members, like `cargo run`
# - the default-run, like `cargo run`
# - the one named after its package, if all belong to one package

# Keeps the programs that meet the condition, or all if none does.
def prefer(condition): map(select(condition)) as $preferred
    | if $preferred == [] then . else $preferred end;
def are_of_one_package: (map(.package) | unique | length) == 1;

. as $programs
| map(select(env.NAME == "" or env.NAME == .name or env.NAME == .path))
| prefer(.is_in_default_member)
| prefer(.is_default_run)
| if are_of_one_package then prefer(.name == .package) end
| if length != 1 then
    "error: BIN=\"\(env.NAME)\" has to name one of these programs: \($programs | map(.path))\n"
    | halt_error
  end
| first
choose-program
#!/bin/bash
# Writes the programs that BIN names into programs.json, and options for Cargo to program-options.
set -euo pipefail
list-programs /metadata > /programs
# If BIN is empty, the quotes are one empty word, so this runs once.
for name in ${BIN:-""}; do
    NAME=$name choose-program /programs
done > /out/skeleton/programs.json

# Print options for `cargo build`, one per line.
jq -r '
    "--bin=\(.name)",
    # If BIN is empty or one name in a default member, Cargo finds the program. Otherwise, tell it
    # the package.
    if .is_in_default_member and (env.BIN == "" or env.BIN == .name) then empty
    else "--package=\(.package)" end,
    # Turn on the features without which Cargo would refuse to build the program.
    if .features == [] then empty else "--features=\(.features | join(","))" end
' /out/skeleton/programs.json > /out/skeleton/program-options

if grep -qx -e --bin=app /out/skeleton/program-options &&
    [ "$(head -n 1 /out/skeleton/program-options)" != --bin=app ]; then
    echo "error: BIN has to name app first, because the images start the program app" >&2
    exit 1
fi
choose-programs
#!/bin/bash
# Adds to the skeleton the files outside of the workspace's members that Cargo needs.
set -euo pipefail

# Copy packages that are not members of the workspace in full, because some are dependencies, such
# as vendored or patched ones: each folder with a Cargo.toml that is not in /members. Editing them
# reruns the next stages.
find /app -name Cargo.toml | sort > /all
comm -23 /all /members | xargs -d '\n' -r dirname > /other-packages
xargs -d '\n' -r cp -r --parents -t /out/skeleton < /other-packages

# Copy symbolic links, as links, because they may lead to packages.
find /app -type l | while read -r link; do
    [ -e "/out/skeleton$link" ] || echo "$link"
done > /links
xargs -d '\n' -r cp --no-dereference --parents -t /out/skeleton < /links

# With its key `include`, .cargo/config.toml may name files that are not copied yet. Then Cargo
# fails here, so copy the whole project.
cd /out/skeleton/app
if [ -d .cargo ] && ! cargo metadata --no-deps --offline --format-version 1 &> /log; then
    cp -r /app/. .
    echo "note: Cargo's configuration includes files of this project, so each edit downloads and" \
        "compiles all crates again" >&2
fi
add-other-files

RUN --mount=type=bind,target=/app \
    make-skeleton && \
    choose-programs && \
    add-other-files

# For releases: `docker build --target programs --output . .` writes programs.json, with the names
# and versions of the programs that BIN chooses.
FROM scratch AS programs
COPY --from=skeleton /out/skeleton/programs.json /


# ---- crates: downloads ---------------------------------------------------------------------------
# They are in a layer, not in a cache mount, so that no other project can change them, and so that
# CI can keep them.

FROM project-toolchain AS crates
COPY --from=skeleton /out/skeleton/app/ ./

COPY --chmod=755 <<"download-crates" <<"download-openssl-source" /usr/local/bin/
#!/bin/bash
set -euo pipefail
options=(
    --target "$RUST_ARCH-unknown-linux-musl"
    # The build machine, where build scripts and macros run.
    --target "$(uname -m)-unknown-linux-gnu"
    # Read tokens from credentials.toml. A keyring that the project may ask for is not there.
    --config 'registry.global-credential-providers = ["cargo:token"]'
)
cargo fetch --locked "${options[@]}"
if grep -q '^name = "openssl-sys"' Cargo.lock; then download-openssl-source; fi

# If .gitconfig rewrites URLs to contain a token, Cargo saves them in FETCH_HEAD, and nowhere else.
find /usr/local/cargo -name FETCH_HEAD -delete
download-crates
#!/bin/bash
# The crate openssl-sys may need OpenSSL. Its sources are in the crate openssl-src. That is seldom
# in the project's Cargo.lock, so take its newest version, from the registry or mirror that the
# project uses. The next stage finds out whether it is needed, but has no network.
set -euo pipefail
mkdir /openssl
cat > /openssl/Cargo.toml <<EOF
[package]
name = "openssl"
version = "0.0.0"
# Cargo wants a source file, but compiles none here.
[lib]
path = "/dev/null"
[dependencies]
openssl-src = "300"
EOF
provider='registry.global-credential-providers = ["cargo:token"]'
if ! cargo fetch --manifest-path /openssl/Cargo.toml --config "$provider" |& tee /log; then
    # A folder of vendored crates may lack it. That matters only if the program needs OpenSSL. Any
    # other error ends the build.
    grep -q '^error: no matching package named' /log
fi
download-openssl-source

RUN --mount=type=secret,id=cargo,target=/usr/local/cargo/credentials.toml \
    --mount=type=secret,id=git,target=/root/.gitconfig \
    --mount=type=ssh \
    download-crates
# From now on Cargo does not try to download anything.
ENV CARGO_NET_OFFLINE=true


# ---- openssl: a library, for programs that need it ----------------------------------------------

FROM crates AS openssl
ARG CARGO_FLAGS
COPY --from=skeleton /out/skeleton/program-options /

COPY --chmod=755 <<"needs-openssl" <<"build-openssl" <<"take-openssl" /usr/local/bin/
#!/bin/bash
# Exit status 0 means yes: the program uses openssl-sys, which links OpenSSL, and not openssl-src,
# which builds it.
# Cargo.lock also has crates of features that are off, so this asks `cargo tree`.
set -euo pipefail
grep -q '^name = "openssl-sys"' Cargo.lock || exit 1
# cargo tree has no option --bin.
sed '/^--bin/d' /program-options > /flags
echo "$CARGO_FLAGS" >> /flags
options=(
    --locked
    --target "$RUST_ARCH-unknown-linux-musl"
    --edges "normal,build"
    --prefix none
)
# This fails if CARGO_FLAGS has options that only `cargo build` knows. Then the answer is yes,
# because an OpenSSL that nobody uses only costs time.
xargs cargo tree "${options[@]}" < /flags > /used || exit 0
grep -q '^openssl-sys ' /used && ! grep -q '^openssl-src ' /used
needs-openssl
#!/bin/bash
# build-openssl SOURCE: builds OpenSSL in /tmp/new. Programs with it read certificates in /etc/ssl.
set -euo pipefail
options=(
    no-shared
    # The crate does not have the sources of these.
    no-legacy
    no-module
    no-tests
    # These need functions that musl does not have.
    no-async
    no-engine
    --prefix=/opt/openssl
    --openssldir=/etc/ssl
    --libdir=lib
    CC=musl-gcc
)
cp -r "$1" /tmp/openssl
cd /tmp/openssl
./Configure "linux-$RUST_ARCH" "${options[@]}"
make --silent --jobs "$(nproc)"
make --silent install_sw DESTDIR=/tmp/new
rm -r /tmp/openssl
build-openssl
#!/bin/bash
# Copies OpenSSL to /opt/openssl from a cache, because it takes two minutes to build.
set -euo pipefail
cargo metadata --manifest-path /openssl/Cargo.toml --format-version 1 > /metadata
manifest=$(jq -r '.packages[] | select(.name == "openssl-src") | .manifest_path' /metadata)
crate=$(dirname "$manifest")
# The checksum makes an edited build-openssl build again.
built=/cache/$RUST_ARCH-$(basename "$crate")-$(sha256sum /usr/local/bin/build-openssl | cut -c 1-8)
if [ ! -e "$built" ]; then
    build-openssl "$crate/openssl"
    # Copy it under another name first, so that an interrupted build leaves no half of it there.
    rm -rf "$built.new"
    cp -r /tmp/new/opt/openssl "$built.new"
    mv "$built.new" "$built"
    rm -r /tmp/new
fi
cp -r "$built/." /opt/openssl
take-openssl

# If the program does not need OpenSSL, /opt/openssl stays empty.
RUN --network=none \
    --mount=type=cache,id=rust-openssl,target=/cache,sharing=locked \
    mkdir /opt/openssl && \
    if needs-openssl; then take-openssl; fi

# The crate openssl-sys looks for OpenSSL here.
ENV X86_64_UNKNOWN_LINUX_MUSL_OPENSSL_DIR=/opt/openssl
ENV AARCH64_UNKNOWN_LINUX_MUSL_OPENSSL_DIR=/opt/openssl


# ---- dependencies: third-party crates, compiled --------------------------------------------------
# They are compiled in a cache mount, so that adding a dependency does not recompile the others.
# Then they are copied into the layer, because CI can keep layers, but not cache mounts.

FROM openssl AS dependencies
ARG APT_PACKAGES
ARG CARGO_FLAGS
ARG PROFILE

COPY --chmod=755 <<"compile" <<"compile-skeleton" <<"keep-dependencies" /usr/local/bin/
#!/bin/bash
# Runs Cargo with the arguments, such as `build` or `auditable build`, and the options below. Writes
# Cargo's messages to /messages, one JSON object per line.
set -euo pipefail

# Splits a text into words, and prints one per line. Like a shell, xargs keeps "two words" together.
split() {
    xargs --no-run-if-empty printf '%s\n' <<< "$1"
}

# Write files, because they let an error of `split`, such as a missing quote, end the build.
split "$CARGO_FLAGS" > /flags
# BUILD_ENV is not set in `dependencies`, so that changing it does not recompile dependencies.
split "${BUILD_ENV-}" > /variables
mapfile -t flags < /flags
mapfile -t variables < /variables
mapfile -t program < /program-options
options=(
    "${program[@]}"
    --locked
    --profile "$PROFILE"
    --target "$RUST_ARCH-unknown-linux-musl"
    --target-dir /target
    # The project's configuration may name another folder for intermediate files.
    --config 'build.build-dir = "/target"'
    --message-format json-render-diagnostics
)

env "${variables[@]}" cargo "$@" "${options[@]}" "${flags[@]}" |
    # Macros may print lines that are not JSON.
    jq --compact-output --raw-input 'fromjson? | objects' > /messages
compile
#!/bin/bash
# An error of the compiler does not end the build here, because a third-party crate may need a file
# that the skeleton lacks: for example, [patch] replaces one of its dependencies with a member,
# which is a stub here. The stage `build` compiles the crate again, with all files of the project,
# and shows the errors that remain.
set -euo pipefail
export CARGO_TERM_COLOR=never
progress() { sed --unbuffered -n '/ Compiling /p'; }
touch /note
if ! compile build |& tee /log | progress; then
    # Stop if no file can be missing: Cargo did not run, a compiler was killed, or the disk is full.
    if ! grep -q '^error' /log || grep -q -e '(signal: ' -e 'No space left on device' /log; then
        cat /log >&2
        exit 1
    fi
    # This fails again, but compiles what it can.
    compile build --keep-going |& progress || true
    reason=$(grep -m 1 '^error' /log)
    echo "note: third-party crates need more than manifests, so each build compiles them: $reason" \
        > /note
fi
compile-skeleton
#!/bin/bash
# Copies the compiled third-party crates of this project from /target to /opt/target. /target has
# more: compiled stubs, and crates of other projects.
set -euo pipefail

# Cargo's messages name files that it produced for each crate, or the out_dir of a build script that
# has run. All files of a crate have the same 16 digits in their paths:
#   /target/release/deps/librand-0123456789abcdef.rlib              until Cargo 1.99
#   /target/release/build/rand/0123456789abcdef/out/librand.rlib    since Cargo 1.100
# (If this changes again, `build` recompiles the crates, which only takes longer.)
# Leave out packages in folders (path+file://), because they may be stubs.
jq -r 'select(.reason == "compiler-artifact" or .reason == "build-script-executed")
    | select(.package_id | contains("path+file://") | not)
    | (.out_dir // .filenames[])
    | capture("[-/](?<hash>[0-9a-f]{16})").hash' /messages > /hashes

# Copy what has one of these hashes in its path. /target/x becomes /opt/target/x. Build scripts may
# need empty folders, too. With .rustc_info.json, Cargo does not have to ask rustc for its version
# again.
find /target -type f -o -type l -o -type d -empty > /all-files
mkdir -p /opt/target
{
    grep -F -f /hashes /all-files || [ $? = 1 ] # 1 means that it found nothing.
    grep -F .rustc_info.json /all-files || [ $? = 1 ]
} | xargs -d '\n' -r cp -a --parents -t /opt
keep-dependencies

# Cargo's hashes tell versions, profiles, platforms and features apart, so projects can share a
# cache. They don't tell which tools are installed, so each value of APT_PACKAGES gets its own
# cache. One build at a time uses it (locked).
RUN --network=none \
    --mount=type=cache,id=rust-crates-$APT_PACKAGES,target=/target,sharing=locked \
    compile-skeleton && \
    keep-dependencies


# ---- build: your own crates, compiled ------------------------------------------------------------

FROM dependencies AS build-base
# The script below adds a user to these files.
COPY --from=alpine /etc/passwd /etc/group /out/image/etc/

COPY --chmod=755 <<"hide-dockerignore-from-git" <<"lay-out-image" /usr/local/bin/
#!/bin/bash
# If .git is in the build context, `git describe --dirty` in a build script would complain about the
# files that .dockerignore keeps away. Tell git to take these for unchanged.
set -euo pipefail
if git rev-parse --git-dir &> /log; then
    git ls-files -z --deleted > /deleted
    xargs -0 -r git update-index --assume-unchanged -- < /deleted
fi
hide-dockerignore-from-git
#!/bin/bash
# Puts the program, its user and FILES into /out/image, and what scratch lacks into /out/scratch.
set -euo pipefail
jq -r '.executable // empty' /messages > /executables
xargs -d '\n' install -D -t /out/image/usr/local/bin < /executables
# The images always start `app`, so link that name to the first program.
name=$(sed -n '1s/^--bin=//p' /program-options)
[ "$name" = app ] || ln -s "$name" /out/image/usr/local/bin/app

# User 1000 is named after the program.
echo "$name:x:1000:1000::/:/sbin/nologin" >> /out/image/etc/passwd
echo "$name:x:1000:" >> /out/image/etc/group

install -D -m 644 -t /out/scratch/etc/ssl/certs /etc/ssl/certs/ca-certificates.crt
mkdir -m 1777 /out/scratch/tmp
# OpenSSL looks for the certificates under another name.
if [ -e /opt/openssl/lib ]; then ln -s certs/ca-certificates.crt /out/scratch/etc/ssl/cert.pem; fi

# Fixed timestamps make the layers reproducible, except FILES, which are copied below.
find /out -exec touch --no-dereference --date=@0 {} +

if [ -n "$FILES" ]; then
    # FILES keep their own times, which web servers send to browsers. With -H, cp follows symbolic
    # links that FILES names. FILES is unquoted on purpose, because it may be a list, or a pattern.
    cp -rH --parents --preserve=timestamps -t /out/image $FILES || {
        echo "error: FILES=\"$FILES\" is not all there: is a name misspelled, or excluded by" \
            ".dockerignore?" >&2
        exit 1
    }
fi

# The program does not run as root, so make all files readable by everyone, FILES too.
chmod -R a=rX,u+w /out/image
lay-out-image

# For releases. Your crates are always recompiled from scratch. cargo-auditable adds a list of all
# crates to the program, for vulnerability scanners. It changes only how your own crates are
# compiled, so the third-party ones stay valid.
FROM build-base AS build
ARG BUILD_ENV
ARG CARGO_FLAGS
ARG FILES
ARG PROFILE
RUN --network=none \
    # rw lets build scripts write into /app. What they write is discarded.
    --mount=type=bind,target=/app,rw \
    # Cargo has recorded that the compiled crates are in /target, which was a cache. They are in
    # /opt/target now, so make /target a link to it.
    rm -rf /target && \
    ln -s /opt/target /target && \
    cat /note >&2 && \
    hide-dockerignore-from-git && \
    compile auditable build && \
    lay-out-image

# For development. Sources and compiled crates are kept in caches, so that Cargo compiles only what
# has changed, as `cargo run` does.
FROM build-base AS build-incremental
ARG APT_PACKAGES
ARG BUILD_ENV
ARG CARGO_FLAGS
ARG FILES
ARG INCREMENTAL
ARG PROFILE
ENV CARGO_INCREMENTAL=1

COPY --chmod=755 <<"update-sources" /usr/local/bin/
#!/bin/bash
# Copies files whose content has changed from /context to /app. They get a new modification time, so
# Cargo compiles them.
set -euo pipefail

# Files in /app that are newer than the last copy were written by a build script. rsync deletes
# them, and Cargo would not run that script again. So start from an empty /target. (Files in .git do
# not count, because git writes some when a build script asks it for the state.)
if [ -e /target/copied ]; then
    find /app -path /app/.git -prune -o -newer /target/copied -print > /generated
    if [ -s /generated ]; then rm -rf /target/*; fi
fi
rsync --recursive --links --perms --checksum --delete /context/ /app
hide-dockerignore-from-git
touch /target/copied
update-sources

RUN --network=none \
    --mount=type=bind,target=/context \
    --mount=type=cache,id=rust-sources-$INCREMENTAL,target=/app,sharing=locked \
    --mount=type=cache,id=rust-target-$INCREMENTAL-$APT_PACKAGES,target=/target,sharing=locked \
    update-sources && \
    cat /note >&2 && \
    # Add the third-party crates that this cache lacks. Files of one name have the same content,
    # because names have a hash.
    cp -a --update=none /opt/target/. /target && \
    compile build && \
    lay-out-image

# Selects build-incremental if INCREMENTAL has a value, otherwise build.
FROM build${INCREMENTAL:+-incremental} AS built

# An empty folder, /data in the images, for a volume. It has a stage of its own, because it is the
# same in every project. In a project's stage, it would link the caches of all projects on this
# builder, and exporting the cache of one would export layers of the others.
FROM rust AS volume
RUN mkdir -p /out/volume/data && \
    touch --date=@0 /out/volume/data


# ---- the images: these two stages are yours ------------------------------------------------------
# Add what your program needs when it runs to the stage that you use, before USER. For example:
#
#   ENV LISTEN=0.0.0.0:8080
#   EXPOSE 8080
#   COPY config.toml /etc/app/
#   VOLUME /data
#   STOPSIGNAL SIGINT
#   HEALTHCHECK --interval=10s CMD ["/usr/local/bin/app", "healthcheck"]
#
# On alpine only:
#
#   RUN apk add --no-cache git
#
# RUN needs emulation if the platform is not the builder's. For another user, change 1000:1000.

FROM scratch AS on-scratch
COPY --from=built /out/image/ /out/scratch/ /
# A new volume gets the owner of the folder where it is mounted.
COPY --from=volume --chown=1000:1000 /out/volume/ /
USER 1000:1000
ENTRYPOINT ["/usr/local/bin/app"]
# For default arguments, add a line like this one: CMD ["serve"]

FROM alpine AS on-alpine
COPY --from=built /out/image/ /
# A new volume gets the owner of the folder where it is mounted.
COPY --from=volume --chown=1000:1000 /out/volume/ /
USER 1000:1000
# Not ENTRYPOINT, so that `docker run app sh` starts a shell. To pass an option to the program, type
# `docker run app app --option`. For default arguments, write a line like this one instead:
# CMD ["app", "serve"]
CMD ["app"]
