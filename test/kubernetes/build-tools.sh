#!/usr/bin/env bash
# Builds the Kubernetes programs that the end-to-end tests run, from the Go module proxy alone; skips what is there.
# usage: build-tools.sh [FOLDER]   (default: $WASMGATE_KUBERNETES_TOOLS, else ~/.cache/wasmgate-tests/kubernetes)
# Every program lies under NAME-VERSION, so that a new version is built and an old one is never taken for it.
set -euo pipefail
out=${1:-${WASMGATE_KUBERNETES_TOOLS:-$HOME/.cache/wasmgate-tests/kubernetes}}
mkdir -p "$out"
out=$(cd "$out" && pwd)
export CGO_ENABLED=0 GOTOOLCHAIN=local
work=$(mktemp -d)
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT

# Builds a package inside a module of our own: `go install` refuses programs whose go.mod replaces anything.
# usage: from_module NAME VERSION PACKAGE GO_MOD [LINKER_FLAGS]
from_module() {
  local target="$out/$1-$2"
  [ -x "$target" ] && return
  mkdir "$work/$1" && cd "$work/$1"
  printf 'module tests/%s\n%s\n' "$1" "$4" > go.mod
  # The program is moved only when it is whole: a build that is cut short leaves nothing behind.
  go build -mod=mod -trimpath -ldflags "-s -w ${5:-}" -o "$target.new" "$3" && mv "$target.new" "$target"
}

# usage: kubernetes NAME VERSION
kubernetes() {
  [ -x "$out/$1-$2" ] || from_module "$1" "$2" "k8s.io/kubernetes/cmd/$1" "$(kubernetes_module "$2")" "$(kubernetes_version "$2")"
}

# Kubernetes replaces its staging modules by folders; they are published as v0.MINOR.PATCH.
kubernetes_module() {
  local theirs
  theirs=$(go mod download -json "k8s.io/kubernetes@$1" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
  grep -E '^(go|godebug) ' "$theirs"
  echo "require k8s.io/kubernetes $1"
  sed -nE "s#^\s*(k8s\.io/[a-z0-9-]+) => \./staging.*#replace \1 => \1 v0.${1#v1.}#p" "$theirs"
}

# Without these the programs call themselves v0.0.0, which no chart accepts.
kubernetes_version() {
  local package=k8s.io/component-base/version
  echo "-X $package.gitVersion=$1 -X $package.gitMajor=1 -X $package.gitMinor=$(cut -d. -f2 <<< "$1")"
}

kubernetes kube-apiserver v1.36.3
kubernetes kube-controller-manager v1.36.3
kubernetes kubectl v1.36.3
from_module etcd v3.6.14 go.etcd.io/etcd/server/v3 $'go 1.25\nrequire go.etcd.io/etcd/server/v3 v3.6.14'
from_module helm v4.3.1 helm.sh/helm/v4/cmd/helm $'go 1.26\nrequire helm.sh/helm/v4 v4.3.1' '-X helm.sh/helm/v4/internal/version.version=v4.3.1'
from_module helm-unittest v1.1.2 github.com/helm-unittest/helm-unittest/cmd/helm-unittest \
  $'go 1.26\nrequire github.com/helm-unittest/helm-unittest v1.1.2\nreplace github.com/vmware-labs/yaml-jsonpath v0.3.2 => github.com/helm-unittest/yaml-jsonpath v0.4.0'
