#!/bin/sh
# Plays the same faults to the Rust client and to the official Python SDK and prints what became of their calls, as a table:
# conformance/faults/run.sh [FAULT ...]
language=faults
here=$(cd "$(dirname "$0")" && pwd)
faults=$*
# There is no server whose ready file could be named: the faults have one of their own.
set -- "$here/run.py"
. "$here/../common.sh"
need python3 cargo

cargo build --quiet --manifest-path "$here/../../Cargo.toml" -p keystead-client --example faults
target=${CARGO_TARGET_DIR:-$here/../../target}
python_environment "$here/../python/requirements.txt"
for name in $(env | sed -n 's/^\(ALIBABA_CLOUD_[A-Z0-9_]*\)=.*/\1/p') HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy; do
    unset "$name"
done
# shellcheck disable=SC2086 # one word for each fault
PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" "$here/run.py" "$target/debug/examples/faults" $faults
