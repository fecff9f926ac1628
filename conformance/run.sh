#!/bin/sh
# Runs the official SDKs against a Keystead server: conformance/run.sh [LANGUAGE ...]
# A language is the name of a folder here that has a run.sh.
#
# Every language gets a server of its own, freshly started on free ports with an empty data folder.
# KEYSTEAD_BIN names the server (default: keystead, from the path). Without arguments all of them run.
set -u

here=$(cd "$(dirname "$0")" && pwd)
keystead=${KEYSTEAD_BIN:-keystead}
command -v "$keystead" >/dev/null 2>&1 || {
    echo "The server '$keystead' is not there; set KEYSTEAD_BIN to it." >&2
    exit 2
}
[ $# -gt 0 ] || set -- python node go java instance-python instance-go instance-java secrets-python secrets-go secrets-java secrets-rust

work=
server=
cleanup() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null
        wait "$server" 2>/dev/null
    fi
    [ -z "$work" ] || rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

run_language() {
    work=$(mktemp -d "${TMPDIR:-/tmp}/keystead-conformance.XXXXXX")
    # The keys of the checks' own identity provider come when the checks write them.
    sed "s|@FOLDER@|$work|" "$here/server.toml" >"$work/server.toml"
    "$keystead" serve --config "$work/server.toml" --data-dir "$work/data" --http 127.0.0.1:0 --https 127.0.0.1:0 \
        --instance auto --ready-file "$work/ready.json" >"$work/server.log" 2>&1 &
    server=$!
    waited=0
    until [ -s "$work/ready.json" ]; do
        if ! kill -0 "$server" 2>/dev/null || [ "$waited" -ge 300 ]; then
            echo "The server did not become ready:"
            cat "$work/server.log"
            return 1
        fi
        sleep 0.1
        waited=$((waited + 1))
    done

    "$here/$1/run.sh" "$work/ready.json"
    result=$?

    kill "$server"
    wait "$server"
    stopped=$?
    server=
    if [ "$stopped" -ne 0 ]; then
        echo "FAIL the server stops with 0 on SIGTERM: it stopped with $stopped"
        tail -n 20 "$work/server.log"
        [ "$result" -ne 0 ] || result=1
    fi
    rm -rf "$work"
    work=
    return "$result"
}

failed=
skipped=
for language in "$@"; do
    [ -x "$here/$language/run.sh" ] || {
        echo "There is no conformance script for '$language'." >&2
        exit 2
    }
    echo "== $language"
    run_language "$language"
    case $? in
        0) ;;
        77) skipped="$skipped $language" ;;
        *) failed="$failed $language" ;;
    esac
    if [ -n "$work" ]; then # a server that never became ready
        [ -z "$server" ] || { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; }
        server=
        rm -rf "$work"
        work=
    fi
done

[ -z "$skipped" ] || echo "Skipped:$skipped"
[ -z "$failed" ] || { echo "Failed:$failed"; exit 1; }
