#!/bin/sh
# Runs the Python SDKs (current and legacy) against the server of READY_FILE.
language=python
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
need python3 openssl

salt=$(python3 --version)

# environment REQUIREMENTS: makes $venv hold what is listed there.
environment() {
    venv=$cache_root/python-$(hash_of "$1")
    [ ! -e "$venv/.complete" ] || return 0
    rm -rf "$venv"
    mkdir -p "$cache_root"
    python3 -m venv "$venv" >/dev/null 2>&1 || {
        rm -rf "$venv"
        echo "Skipped: the python conformance script needs python3 with its 'venv' module, which is not installed."
        exit 77
    }
    "$venv/bin/python" -m pip --quiet --disable-pip-version-check install --requirement "$1" >&2
    touch "$venv/.complete"
}

# The Secrets Manager client wants older libraries than the others.
environment "$here/secrets_manager/requirements.txt"
KEYSTEAD_SECRETS_MANAGER_PYTHON=$venv/bin/python
export KEYSTEAD_SECRETS_MANAGER_PYTHON
environment "$here/requirements.txt"

seal_environment
PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" "$here/run.py" "$ready_file"
