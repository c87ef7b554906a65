# syntax=docker/dockerfile:1
# A release names both images by digest (node tools/check-image.ts --release BUILDER=... BASE=... refuses anything else):
#   docker build --build-arg BUILDER=node:24-slim@sha256:... --build-arg BASE=gcr.io/distroless/cc-debian13:nonroot@sha256:... .
ARG BUILDER=node:24-slim
ARG BASE=gcr.io/distroless/cc-debian13:nonroot

FROM ${BUILDER} AS build
WORKDIR /src
COPY package.json package-lock.json ./
COPY bin/require-node.mjs bin/
COPY tools/prepare.mjs tools/
# The package "node" brings the very Node that the tests ran on.
RUN npm ci --no-audit --no-fund
COPY . .
RUN node_modules/.bin/node tools/build.ts

# Any image with glibc and libstdc++ will do. No shell, no package manager, nothing that is run but Node.
FROM ${BASE}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="wasmgate" \
      org.opencontainers.image.description="Static security scanner and admission webhook for WebAssembly" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /src/node_modules/node/bin/node /usr/local/bin/node
COPY --from=build /src/package.json /src/LICENSE /app/
COPY --from=build /src/dist /app/dist
# Threads that come and go leave less memory behind with two arenas than with eight for each core.
ENV NODE_ENV=production MALLOC_ARENA_MAX=2
# By number, so that runAsNonRoot can be checked without looking into the image.
USER 65532:65532
EXPOSE 9443 8080
ENTRYPOINT ["/usr/local/bin/node", "--max-semi-space-size=2", "/app/dist/main.js"]
