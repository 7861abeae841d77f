# As in "Fast + Small Docker Image Builds for Rust Apps", but with the name as an argument. It installs
# make, because the post starts from rust:latest, which has it.
FROM rust AS cargo-build
RUN apt-get update
RUN apt-get install make musl-tools -y
RUN rustup target add x86_64-unknown-linux-musl
ARG NAME
WORKDIR /usr/src/app
COPY Cargo.toml Cargo.toml
RUN mkdir src/
RUN echo "fn main() {println!(\"if you see this, the build broke\")}" > src/main.rs
RUN RUSTFLAGS=-Clinker=musl-gcc cargo build --release --target=x86_64-unknown-linux-musl
RUN rm -f target/x86_64-unknown-linux-musl/release/deps/$NAME*
COPY . .
RUN RUSTFLAGS=-Clinker=musl-gcc cargo build --release --target=x86_64-unknown-linux-musl

FROM alpine
ARG NAME
RUN addgroup -g 1000 app
RUN adduser -D -s /bin/sh -u 1000 -G app app
WORKDIR /home/app/bin/
COPY --from=cargo-build /usr/src/app/target/x86_64-unknown-linux-musl/release/$NAME ./app
RUN chown app:app app
USER app
CMD ["./app"]
