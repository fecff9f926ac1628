#!/bin/sh
# Plays the scenarios of secrets with both official Python clients against the server of READY_FILE.
language=secrets-python
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
need python3

python_environment "$here/../python/secrets_manager/requirements.txt"
first=$venv/bin/python
python_environment "$here/requirements.txt"
second=$venv/bin/python
python_environment "$here/../python/requirements.txt"

seal_environment
export PYTHONDONTWRITEBYTECODE=1
PYTHONPATH="$here/../python" "$venv/bin/python" "$here/../secrets/run.py" "$ready_file" \
    "python-v1=$first $here/reader_v1.py" "python-v2=$second $here/reader_v2.py"
