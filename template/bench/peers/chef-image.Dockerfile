# Stands in for lukemathwalker/cargo-chef, which no registry here has, and adds sccache.
FROM rust
RUN cargo install --locked --root /usr/local cargo-chef@0.1.78
RUN cargo install --locked --root /usr/local --no-default-features sccache@0.19.0
