#!/bin/sh
# Runs the Python SDKs of KMS instances against the server of READY_FILE.
language=instance-python
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
need python3

salt=$(python3 --version)
venv=$cache_root/instance-python-$(hash_of "$here/requirements.txt")
if [ ! -e "$venv/.complete" ]; then
    rm -rf "$venv"
    mkdir -p "$cache_root"
    python3 -m venv "$venv" >/dev/null 2>&1 || {
        rm -rf "$venv"
        echo "Skipped: the instance-python conformance script needs python3 with its 'venv' module, which is not installed."
        exit 77
    }
    "$venv/bin/python" -m pip --quiet --disable-pip-version-check install --requirement "$here/requirements.txt" >&2
    touch "$venv/.complete"
fi

seal_environment
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here/../python" "$venv/bin/python" "$here/run.py" "$ready_file"
