#!/bin/sh
# Measures what a hit costs with the official clients of secrets and with Keystead's, in one run. It is no check: nothing but
# `conformance/run.sh secrets-cost` runs it. KEYSTEAD_SCENARIOS names the program `scenarios` of keystead-secrets
# (`cargo build --release -p keystead-secrets --features client-key --example scenarios`).
language=secrets-cost
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
. "$here/../secrets-go/build.sh"
need python3 go java
[ -x "${KEYSTEAD_SCENARIOS:-}" ] || {
    echo "Skipped: KEYSTEAD_SCENARIOS does not name the program 'scenarios' of keystead-secrets."
    exit 77
}

python_environment "$here/../python/secrets_manager/requirements.txt"
first=$venv/bin/python
python_environment "$here/../secrets-python/requirements.txt"
second=$venv/bin/python
go_reader "$here/../secrets-go"
java_classes secrets-java "$here/../secrets-java" keystead/conformance/secrets
python_environment "$here/../python/requirements.txt"

seal_environment
export PYTHONDONTWRITEBYTECODE=1
PYTHONPATH="$here/../python:$here/../secrets" "$venv/bin/python" "$here/cost.py" "$ready_file" \
    "Python, version 1=$first $here/../secrets-python/reader_v1.py" \
    "Python, version 2=$second $here/../secrets-python/reader_v2.py" \
    "Java=java -cp $build/classes:$build/lib/* keystead.conformance.secrets.Reader" \
    "Go=$reader" \
    "Rust=$KEYSTEAD_SCENARIOS"
