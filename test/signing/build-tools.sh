#!/usr/bin/env bash
# Builds the signing tools that the tests compare with, from the Go module proxy alone; skips what is there.
# usage: build-tools.sh [FOLDER]   (default: $WASMGATE_SIGNING_TOOLS, else ~/.cache/wasmgate-tests/signing)
# Every program lies under NAME-VERSION, so that a new version is built and an old one is never taken for it.
set -euo pipefail
out=${1:-${WASMGATE_SIGNING_TOOLS:-$HOME/.cache/wasmgate-tests/signing}}
mkdir -p "$out"
out=$(cd "$out" && pwd)
export CGO_ENABLED=0 GOTOOLCHAIN=local
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# usage: install NAME VERSION PACKAGE
install() {
  local target="$out/$1-$2" bin
  [ -x "$target" ] && return
  bin=$(mktemp -d "$work/XXXX")
  GOBIN=$bin go install -trimpath -ldflags '-s -w' "$3@$2"
  # The program is moved only when it is whole: a build that is cut short leaves nothing behind.
  mv "$bin"/* "$target.new" && mv "$target.new" "$target"
}

# The list of versions of this module is refused by the proxy, so `go install` cannot take it; its own source folder can be built.
notation() {
  local target="$out/notation-$1" folder
  [ -x "$target" ] && return
  mkdir "$work/notation" && cd "$work/notation"
  printf 'module signing/notation\n\ngo 1.24\n' > go.mod
  folder=$(go mod download -json "github.com/notaryproject/notation@$1" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  cp -r "$folder" source && chmod -R u+w source && cd source
  go build -mod=mod -trimpath -ldflags '-s -w' -o "$target.new" ./cmd/notation && mv "$target.new" "$target"
}

install rekor-server v2.3.0 github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix
install fulcio v1.8.8 github.com/sigstore/fulcio
install timestamp-server v2.1.2 github.com/sigstore/timestamp-authority/v2/cmd/timestamp-server
install cosign v3.1.3 github.com/sigstore/cosign/v3/cmd/cosign
notation v1.3.2
install cosign2 v2.6.4 github.com/sigstore/cosign/v2/cmd/cosign
