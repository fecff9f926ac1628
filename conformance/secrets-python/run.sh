#!/bin/sh
# Plays the scenarios of secrets with both official Python clients against the server of READY_FILE.
language=secrets-python
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
need python3

salt=$(python3 --version)

# environment REQUIREMENTS: makes $venv hold what is listed there; those of the folder `python` are shared with it.
environment() {
    venv=$cache_root/python-$(hash_of "$1")
    [ ! -e "$venv/.complete" ] || return 0
    rm -rf "$venv"
    mkdir -p "$cache_root"
    python3 -m venv "$venv" >/dev/null 2>&1 || {
        rm -rf "$venv"
        echo "Skipped: the secrets-python conformance script needs python3 with its 'venv' module, which is not installed."
        exit 77
    }
    "$venv/bin/python" -m pip --quiet --disable-pip-version-check install --requirement "$1" >&2
    touch "$venv/.complete"
}

environment "$here/../python/secrets_manager/requirements.txt"
first=$venv/bin/python
environment "$here/requirements.txt"
second=$venv/bin/python
environment "$here/../python/requirements.txt"

seal_environment
export PYTHONDONTWRITEBYTECODE=1
PYTHONPATH="$here/../python" "$venv/bin/python" "$here/../secrets/run.py" "$ready_file" \
    "python-v1=$first $here/reader_v1.py" "python-v2=$second $here/reader_v2.py"
