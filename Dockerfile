# The dependencies are compiled in their own stage, which is rebuilt only when Cargo.toml or Cargo.lock
# change.

# The base images. docker-compose.yml passes those in .env.
ARG RUST_IMAGE=rust:1.95-slim-bookworm
ARG DEBIAN_IMAGE=debian:bookworm-slim

FROM $RUST_IMAGE AS build
# For compiling OpenSSL and libpq from source; gcc is already in the image.
RUN apt-get update \
    && apt-get install -y --no-install-recommends make perl \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build

FROM build AS dependencies
# Cargo features, for example mongodb.
ARG FEATURES=""
COPY Cargo.toml Cargo.lock ./
RUN mkdir src benches scripts \
    && echo 'fn main() {}' | tee src/main.rs scripts/places.rs > benches/scale.rs \
    && touch src/lib.rs \
    && cargo build --release --locked --features "$FEATURES"

FROM dependencies AS binary
ARG FEATURES=""
COPY build.rs ./
COPY migrations migrations
COPY config config
COPY templates templates
COPY assets assets
COPY data data
COPY src src
# Cargo compares timestamps, and those of the copied files may be older than the empty program's.
RUN touch src/main.rs src/lib.rs && cargo build --release --locked --features "$FEATURES"

FROM $DEBIAN_IMAGE
WORKDIR /app
COPY --from=binary /build/target/release/rentomatic /usr/local/bin/rentomatic
COPY config config
ENV APPLICATION_CONFIG=production
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=3 CMD ["rentomatic", "healthcheck"]
ENTRYPOINT ["rentomatic"]
CMD ["serve"]
