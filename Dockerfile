# The image, for who builds with Docker, Podman or BuildKit: `docker build -t dialtone:0.1.0 .`
# image/build makes the same contents with buildah alone; docs/image.md compares them.

# The toolchain of rust-toolchain.toml, on a Debian whose glibc can be linked statically.
FROM rust:1.95.0-bookworm AS build
WORKDIR /dialtone
COPY . .
RUN image/rootfs /rootfs

FROM scratch
COPY --from=build /rootfs /
USER 65532:65532
WORKDIR /
ENTRYPOINT ["/dialtone"]
