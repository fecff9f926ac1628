#!/bin/sh
# Runs the Python SDKs (current and legacy) against the server of READY_FILE.
language=python
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
need python3 openssl

# The Secrets Manager client wants older libraries than the others.
python_environment "$here/secrets_manager/requirements.txt"
KEYSTEAD_SECRETS_MANAGER_PYTHON=$venv/bin/python
export KEYSTEAD_SECRETS_MANAGER_PYTHON
python_environment "$here/requirements.txt"

seal_environment
PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" "$here/run.py" "$ready_file"
