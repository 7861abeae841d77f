# The shortest Dockerfile that works. It compiles everything in one layer.
FROM rust AS build
WORKDIR /app
RUN rustup target add x86_64-unknown-linux-musl
COPY . .
RUN cargo build --locked --release --target x86_64-unknown-linux-musl

FROM alpine
ARG NAME
COPY --from=build /app/target/x86_64-unknown-linux-musl/release/$NAME /usr/local/bin/app
RUN adduser -D app
USER app
CMD ["app"]
