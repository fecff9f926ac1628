#!/bin/sh
# Plays the scenarios of secrets with both official Python clients, and with the plug-in on top of the first, against the server
# of READY_FILE.
language=secrets-python
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../common.sh"
. "$here/../secrets/play.sh"
need python3

python_environment "$here/../python/secrets_manager/requirements.txt"
first=$venv/bin/python
python_environment "$here/requirements.txt"
second=$venv/bin/python
# It wants the first client in an older version.
python_environment "$here/ram/requirements.txt"
ram=$venv/bin/python

play_scenarios "python-v1=$first $here/reader_v1.py" "python-v2=$second $here/reader_v2.py" "python-ram=$ram $here/reader_ram.py"
