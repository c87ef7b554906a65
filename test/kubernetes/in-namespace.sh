#!/usr/bin/env bash
# Runs a program in a network namespace of its own: loopback with the extra address 10.200.0.1, and nothing else.
# The API server accepts no loopback address for a Service, so webhooks listen on 10.200.0.1; nothing outside can be reached.
# Needs no root: an ordinary user gets a user namespace as well. Where the kernel gives none, the program runs as it is.
# usage: in-namespace.sh COMMAND [ARGUMENT...]
set -euo pipefail
[ "$(id -u)" = 0 ] && flags=-n || flags=-Urn
unshare $flags true 2> /dev/null || exec "$@"
export WASMGATE_TEST_NAMESPACE=10.200.0.1
exec unshare $flags bash -c 'ip link set lo up && ip addr add "$WASMGATE_TEST_NAMESPACE/32" dev lo && exec "$@"' in-namespace "$@"
