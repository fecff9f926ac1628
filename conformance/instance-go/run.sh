#!/bin/sh
# Runs the Go SDKs of KMS instances against the server of READY_FILE.
language=instance-go
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
need go

# Go's own build cache makes this quick when nothing has changed.
build=$cache_root/instance-go-$(hash_of "$here/go.mod" "$here/go.sum")
mkdir -p "$build"
(cd "$here" && GOWORK=off go build -mod=readonly -o "$build/conformance" .)

seal_environment
"$build/conformance" "$ready_file"
