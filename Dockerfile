# syntax=docker/dockerfile:1
# The program in a small image: the compiler stays behind in the first stage.

# It has the C compiler that SQLite is built with.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /source
COPY . .
# Dependencies and their build stay in caches that a change of the source leaves warm.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --bin mockbank \
    && install -D --strip target/release/mockbank /out/mockbank

FROM debian:bookworm-slim
# Roots to check the certificate of a database with: always the newest.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --home-dir /data --shell /usr/sbin/nologin mockbank
COPY --from=build /out/mockbank /usr/local/bin/mockbank
COPY --chmod=755 deploy/healthcheck.sh /usr/local/bin/healthcheck
USER 10001
WORKDIR /data
VOLUME /data
ENV MOCKBANK_DATA=/data/world MOCKBANK_LISTEN=0.0.0.0:5000
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["healthcheck"]
ENTRYPOINT ["mockbank"]
CMD ["up"]
