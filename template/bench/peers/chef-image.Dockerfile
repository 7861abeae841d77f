# Stands in for clux/muslrust, with which the README of cargo-chef begins, and which no registry here
# has. It has a C compiler for musl, and make.
FROM rust
RUN apt-get update && apt-get install --yes --no-install-recommends make musl-tools
RUN cargo install --locked --root /usr/local cargo-chef@0.1.78
