# 2018-mended for a workspace, which needs a stub for each package.
FROM rust AS cargo-build
RUN apt-get update && apt-get install make musl-tools -y
RUN rustup target add x86_64-unknown-linux-musl
ARG NAME
WORKDIR /usr/src/app
COPY Cargo.toml Cargo.lock ./
COPY crates/text/Cargo.toml crates/text/
COPY crates/service/Cargo.toml crates/service/
RUN mkdir src/ crates/text/src/ crates/service/src/ && touch crates/text/src/lib.rs crates/service/src/lib.rs
RUN echo "fn main() {println!(\"if you see this, the build broke\")}" > src/main.rs
RUN RUSTFLAGS=-Clinker=musl-gcc cargo build --locked --release --target=x86_64-unknown-linux-musl
RUN rm -f target/x86_64-unknown-linux-musl/release/deps/$(echo $NAME | tr - _)* \
    target/x86_64-unknown-linux-musl/release/deps/libtext* \
    target/x86_64-unknown-linux-musl/release/deps/libservice*
COPY . .
RUN RUSTFLAGS=-Clinker=musl-gcc cargo build --locked --release --target=x86_64-unknown-linux-musl

FROM alpine
ARG NAME
RUN addgroup -g 1000 app && adduser -D -s /bin/sh -u 1000 -G app app
WORKDIR /home/app/bin/
COPY --from=cargo-build /usr/src/app/target/x86_64-unknown-linux-musl/release/$NAME ./app
RUN chown app:app app
USER app
CMD ["./app"]
