#!/bin/sh
# Plays the scenarios of secrets with the official Go client against the server of READY_FILE.
language=secrets-go
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
. "$here/../secrets/play.sh"
need go python3

# Go's own build cache makes this quick when nothing has changed.
build=$cache_root/secrets-go-$(hash_of "$here/go.mod" "$here/go.sum")
mkdir -p "$build"
(cd "$here" && GOWORK=off go build -mod=readonly -o "$build/reader" .)
play_scenarios "go-v1=$build/reader"
