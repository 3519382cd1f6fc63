# syntax=docker/dockerfile:1
# chartpin alone, for its user: `docker run --rm -v "$PWD:/charts:ro" IMAGE lint`. Helm is not in it, so nothing that renders works.
# The base images are named by tag; to build from digests, say them: `--build-arg BASE=gcr.io/distroless/static-debian12@sha256:...`.
# The provenance of a released image records those that it was built from.
ARG RUST=docker.io/library/rust:1.95-alpine
ARG BASE=gcr.io/distroless/static-debian12:nonroot

FROM ${RUST} AS build
RUN apk add --no-cache gcc musl-dev
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY src src
COPY rules rules
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked && cp target/release/chartpin /chartpin

FROM ${BASE}
LABEL org.opencontainers.image.title="chartpin" \
    org.opencontainers.image.description="Lints the container images that Helm charts name, and pins them to digests" \
    org.opencontainers.image.source="https://github.com/chartpin/chartpin" \
    org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /chartpin /chartpin
WORKDIR /charts
USER nonroot:nonroot
ENTRYPOINT ["/chartpin"]
CMD ["--help"]
