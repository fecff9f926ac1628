#!/bin/sh
# Plays the scenarios of secrets with the official Go client against the server of READY_FILE.
language=secrets-go
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
. "$here/../secrets/play.sh"
. "$here/build.sh"
need go python3

go_reader "$here"
play_scenarios "go-v1=$reader"
