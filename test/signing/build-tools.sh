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
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT

# usage: install NAME VERSION PACKAGE
install() {
  local target="$out/$1-$2" bin
  [ -x "$target" ] && return
  bin=$(mktemp -d "$work/XXXX")
  GOBIN=$bin go install -trimpath -ldflags '-s -w' "$3@$2"
  # The program is moved only when it is whole: a build that is cut short leaves nothing behind.
  mv "$bin"/* "$target.new" && mv "$target.new" "$target"
}

# Builds in a copy of the module, for programs that `go install` cannot build or that need a change.
# usage: from_source NAME VERSION MODULE [SED_SCRIPT FILE]
from_source() {
  local target="$out/$1-$2" folder copy="$work/$1"
  [ -x "$target" ] && return
  mkdir "$copy" && cd "$copy"
  printf 'module signing/%s\n\ngo 1.24\n' "$1" > go.mod
  folder=$(go mod download -json "$3@$2" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  cp -r "$folder" source && chmod -R u+w source && cd source
  [ $# -lt 5 ] || sed -i "$4" "$5"
  go build -mod=mod -trimpath -ldflags '-s -w' -o "$target.new" "./cmd/$1" && mv "$target.new" "$target"
}

install rekor-server v2.3.0 github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix
install fulcio v1.8.8 github.com/sigstore/fulcio
# Its metrics have a fixed port on every address, so that only one could run.
from_source timestamp-server v2.1.2 github.com/sigstore/timestamp-authority/v2 's/":2112"/"127.0.0.1:0"/' pkg/server/prometheus.go
install cosign v3.1.3 github.com/sigstore/cosign/v3/cmd/cosign
# The proxy refuses the list of versions of this module, which `go install` asks for.
from_source notation v1.3.2 github.com/notaryproject/notation
install cosign2 v2.6.4 github.com/sigstore/cosign/v2/cmd/cosign
