# Stands in for the official rust:*-slim-trixie: the same commands, from Debian's packages.

FROM debian AS base
ENV RUSTUP_HOME=/usr/local/rustup \
    CARGO_HOME=/usr/local/cargo \
    PATH=/usr/local/cargo/bin:$PATH
RUN apt-get update && \
    apt-get install --yes --no-install-recommends ca-certificates cargo-web gcc libc6-dev lld rustc-web && \
    rm -rf /var/lib/apt/lists/* /usr/share/doc /usr/share/man
COPY --from=machine ca-certificates.crt /etc/ssl/certs/ca-certificates.crt

# std compiles the standard library for musl, as Debian has none, in the layout of the released ones.
FROM base AS std
RUN dpkg --add-architecture arm64 && \
    apt-get update && \
    apt-get install --yes --no-install-recommends \
        gcc-aarch64-linux-gnu musl-dev musl-dev:arm64 rust-web-src
WORKDIR /std
COPY --chmod=755 rustc.sh .
# Bitcode, as a program with LTO needs it.
RUN cargo init --quiet --lib --vcs none --name unused . && \
    RUSTC_WRAPPER=/std/rustc.sh RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes \
    cargo build --release --target aarch64-unknown-linux-musl --target x86_64-unknown-linux-musl \
        -Z build-std=std,panic_abort,panic_unwind,proc_macro,test
COPY dl_find_object.c .
RUN <<END
set -eu
for machine in aarch64 x86_64; do
    target=$machine-unknown-linux-musl
    gcc=$(dirname "$($machine-linux-gnu-gcc -print-libgcc-file-name)")
    mkdir -p "/rootfs/lib/rustlib/$target/lib/self-contained"
    cd "/rootfs/lib/rustlib/$target/lib/self-contained"
    rm "/std/target/$target"/release/deps/libunused-*
    cp "/std/target/$target"/release/deps/*.rlib ..
    cp "/usr/lib/$machine-linux-musl"/*.o "/usr/lib/$machine-linux-musl/libc.a" .
    cp "$gcc"/crtbegin*.o "$gcc"/crtend*.o .
    cp "$gcc/libgcc_eh.a" libunwind.a
    "$machine-linux-gnu-gcc" -specs "/usr/lib/$machine-linux-musl/musl-gcc.specs" \
        -O2 -c -o /std/dl_find_object.o /std/dl_find_object.c
    "$machine-linux-gnu-ar" r libunwind.a /std/dl_find_object.o
    printf '%s\n' 'OPEN libunwind.a' "ADDLIB $gcc/libgcc.a" SAVE END | "$machine-linux-gnu-ar" -M
done
END

# rustup comes without its package, which may not be where the packages of rustc and cargo are.
FROM base AS rustup
WORKDIR /rustup
RUN apt-get update && apt-get download rustup && dpkg-deb --extract rustup_*.deb .

FROM base
COPY --from=std /rootfs/ /usr/
COPY --from=rustup /rustup/usr/bin/rustup /usr/local/cargo/bin/
RUN lib=$(rustc --print sysroot)/lib/rustlib/x86_64-unknown-linux-gnu && \
    mkdir -p "$lib/bin" && ln -s /usr/bin/lld "$lib/bin/rust-lld"
# That of Debian's rustc.
ENV RUST_VERSION=1.96.0
RUN --network=none --mount=type=bind,source=toolchain.sh,target=/toolchain.sh sh /toolchain.sh
CMD ["bash"]
