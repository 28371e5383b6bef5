# The image, for who builds with Docker, Podman or BuildKit:
#
#   docker build --build-arg REVISION="$(image/revision)" -t dialtone:0.1.0 .
#
# image/build makes the same contents with buildah alone; docs/image.md compares them.

# The toolchain of rust-toolchain.toml, on a Debian whose glibc can be linked statically. The file itself stays
# outside, for it asks for components that are only for development, and rustup would fetch them.
FROM rust:1.95.0-bookworm AS build
WORKDIR /dialtone
COPY . .
RUN image/rootfs /rootfs

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="dialtone"
LABEL org.opencontainers.image.description="Keeps Auth0's Unified Phone Experience configured from Kubernetes manifests"
LABEL org.opencontainers.image.version="$VERSION"
LABEL org.opencontainers.image.revision="$REVISION"
LABEL org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /rootfs /
USER 65532:65532
WORKDIR /
ENTRYPOINT ["/dialtone"]
