# As in Docker's language guide for Rust (the tab "Docker Official Images"), for the musl target. Debian's
# musl-tools replace the guide's C toolchain, `apk add clang lld musl-dev git`.
FROM rust AS build
RUN apt-get update && apt-get install --yes --no-install-recommends musl-tools
RUN rustup target add x86_64-unknown-linux-musl
ARG NAME
WORKDIR /app
RUN --mount=type=bind,source=src,target=src \
    --mount=type=bind,source=Cargo.toml,target=Cargo.toml \
    --mount=type=bind,source=Cargo.lock,target=Cargo.lock \
    --mount=type=cache,target=/app/target/ \
    --mount=type=cache,target=/var/cache/cargo \
    CARGO_HOME=/var/cache/cargo cargo build --locked --release --target x86_64-unknown-linux-musl && \
    cp ./target/x86_64-unknown-linux-musl/release/$NAME /bin/server

FROM alpine AS final
ARG UID=10001
RUN adduser \
    --disabled-password \
    --gecos "" \
    --home "/nonexistent" \
    --shell "/sbin/nologin" \
    --no-create-home \
    --uid "${UID}" \
    appuser
USER appuser
COPY --from=build /bin/server /bin/
CMD ["/bin/server"]
