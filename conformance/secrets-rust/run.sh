#!/bin/sh
# Plays the scenarios of secrets with Keystead's own client against the server of READY_FILE.
language=secrets-rust
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
. "$here/../secrets/play.sh"
need python3
[ -x "${KEYSTEAD_SCENARIOS:-}" ] || {
    echo "Skipped: KEYSTEAD_SCENARIOS does not name the program 'scenarios' of keystead-secrets."
    exit 77
}

play_scenarios "rust=$KEYSTEAD_SCENARIOS"
