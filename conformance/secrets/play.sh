# Shared by the scripts of clients of secrets: `. ../secrets/play.sh` after `common.sh`. Not a program of its own.

# play_scenarios NAME=COMMAND...: plays the scenarios with these programs; see run.py. Ends the script.
play_scenarios() {
    python_environment "$here/../python/requirements.txt"
    seal_environment
    export PYTHONDONTWRITEBYTECODE=1
    PYTHONPATH="$here/../python" "$venv/bin/python" "$here/../secrets/run.py" "$ready_file" "$@"
}
