#!/bin/sh
# Runs the Python SDKs of KMS instances against the server of READY_FILE.
language=instance-python
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
need python3

python_environment "$here/requirements.txt"

seal_environment
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here/../python" "$venv/bin/python" "$here/run.py" "$ready_file"
