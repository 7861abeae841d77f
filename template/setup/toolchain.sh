#!/bin/sh
# Makes Debian's rustc and cargo, in the image of rust.Dockerfile, a toolchain that rustup installed.
set -eu

installed=$(rustc --version | cut -d ' ' -f 2)
[ "$installed" = "$RUST_VERSION" ] || {
    echo "error: Debian's rustc is $installed: set RUST_VERSION in rust.Dockerfile to that" >&2
    exit 1
}

# Where rustup reads what a toolchain has, so as to download nothing that is there. This one has no
# clippy, rustfmt, rust-analyzer, rust-src nor anything for wasm32: that is a stand-in's pretence, for
# projects whose toolchain files ask for more than their programs are built with.
host=x86_64-unknown-linux-gnu
components=$(printf '{ pkg = "%s", target = "%s" }, ' \
    cargo $host clippy $host rust-analyzer $host rust-src $host rustc $host rustfmt $host rust-std $host \
    rust-std aarch64-unknown-linux-musl rust-std wasm32-unknown-unknown rust-std x86_64-unknown-linux-musl)
cd /usr/lib/rustlib
printf '%s\n' 'config_version = "1"' "components = [$components]" >multirust-config.toml
{
    printf '%s\n' 'manifest-version = "2"' 'date = "1970-01-01"'
    printf '[pkg.%s]\nversion = ""\ntarget."*".available = true\n' \
        cargo clippy rust-analyzer rust-src rust-std rustc rustfmt
    printf '%s\n' '[pkg.rust]' 'version = ""' \
        "target.$host = { available = true, components = [$components] }"
} >multirust-channel-manifest.toml

# It serves for the older releases too, and by its number without the last part, so that projects that ask
# for what rustup would download can be tried.
minor=${RUST_VERSION#*.}
older=$(seq 0 $((${minor%.*} - 1)) | sed 's/.*/1.& 1.&.0 1.&.1 1.&.2/')
mkdir -p "$RUSTUP_HOME/toolchains"
for name in "$RUST_VERSION" "${RUST_VERSION%.*}" $older; do
    ln -s /usr "$RUSTUP_HOME/toolchains/$name-$host"
done
for proxy in cargo rustc rustdoc; do
    ln -s rustup "$CARGO_HOME/bin/$proxy"
done
rustup default "$RUST_VERSION"
