#!/bin/sh
# Runs the Go SDK against the server of READY_FILE.
language=go
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
need go

# Go's own build cache makes this quick when nothing has changed.
build=$cache_root/go-$(hash_of "$here/go.mod" "$here/go.sum")
mkdir -p "$build"
(cd "$here" && GOWORK=off go build -mod=readonly -o "$build/conformance" .)

seal_environment
"$build/conformance" "$ready_file" "$here/../../docs/operations/README.md"
