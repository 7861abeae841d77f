# 2018 with its two defects mended: its rm missed names with a dash, which Cargo writes as an underscore,
# and it ignored Cargo.lock.
FROM rust AS cargo-build
RUN apt-get update && apt-get install make musl-tools -y
RUN rustup target add x86_64-unknown-linux-musl
ARG NAME
WORKDIR /usr/src/app
COPY Cargo.toml Cargo.lock ./
RUN mkdir src/
RUN echo "fn main() {println!(\"if you see this, the build broke\")}" > src/main.rs
RUN RUSTFLAGS=-Clinker=musl-gcc cargo build --locked --release --target=x86_64-unknown-linux-musl
RUN rm -f target/x86_64-unknown-linux-musl/release/deps/$(echo $NAME | tr - _)*
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
