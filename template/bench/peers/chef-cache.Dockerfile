# cargo-chef, sccache and cache mounts, as in Depot's "optimal Dockerfile for Rust".
FROM chef AS base
ENV RUSTC_WRAPPER=sccache \
    SCCACHE_DIR=/sccache
WORKDIR /app

FROM base AS planner
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM base AS builder
ARG NAME
COPY --from=planner /app/recipe.json recipe.json
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/usr/local/cargo/git,sharing=locked \
    --mount=type=cache,target=/sccache,sharing=locked \
    cargo chef cook --release --target x86_64-unknown-linux-musl --recipe-path recipe.json
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/usr/local/cargo/git,sharing=locked \
    --mount=type=cache,target=/sccache,sharing=locked \
    cargo build --release --target x86_64-unknown-linux-musl --bin $NAME

FROM alpine AS runtime
ARG NAME
COPY --from=builder /app/target/x86_64-unknown-linux-musl/release/$NAME /usr/local/bin/app
RUN addgroup -S myuser && adduser -S myuser -G myuser
USER myuser
CMD ["/usr/local/bin/app"]
