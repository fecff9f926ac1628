"""Plays each fault to each client and prints a table: `run.py RUST_CLIENT [FAULT ...]`.

Each cell says how many calls were lost of those that the fault hit (under way while it was played, or begun while it lasted), how
many requests the server saw of all calls, how long the longest call took, and how long after the end of the fault calls
succeeded again; after its beginning, where it stays.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from server import FAULTS

HERE = Path(__file__).parent
# A call every 50 ms for 8 seconds: the fault begins after 2 of them.
CALLS, INTERVAL = 160, 50
WHAT = {
    "429": "every request is throttled (429) for 2 s",
    "500": "every request fails with 500 for 2 s",
    "503": "every request fails with 503 for 2 s",
    "reset": "connections are reset within answers for 2 s",
    "slow": "answers stop in their middle for 2 s, then a byte a second",
    "hang": "requests of 2 s get no answer",
    "restart": "the server is away for 2 s, connections reset",
    "address": "the server moves to another address of its name",
    "clock": "the server's clock goes an hour ahead",
    "sessions": "sessions (credentials URI) that live 6 s",
}


def play(fault, command):
    """Runs one client against one fault."""
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [sys.executable, HERE / "server.py", fault, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            at = json.loads(server.stdout.readline())
            arguments = [at["address"], str(CALLS), str(INTERVAL), at["zone"], at["credentials"]]
            done = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=300)
            if done.returncode != 0:
                raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr}")
            told, _ = server.communicate("", timeout=30)
        finally:
            server.kill()
            server.wait()
    return [json.loads(line) for line in done.stdout.splitlines()], json.loads(told)


def cell(calls, told):
    """Of the calls that the fault hit: how many were lost; then requests, the longest call, and when calls succeeded again."""
    assert len(calls) == CALLS, len(calls)
    lost = [outcome for _, _, outcome in calls if outcome != "ok"]
    hit = [call for call in calls if call[1] > told["begins"] and (told["lasts"] or call[0] < told["since"])]
    # From when the trouble was over or, where it stays, had begun.
    good = [end for _, end, outcome in calls if outcome == "ok" and end >= told["since"]]
    bad = [end for began, end, outcome in calls if outcome != "ok" and began >= told["since"]]
    if not good or (bad and max(bad) >= max(good)):
        recovery = "never"
    else:
        recovery = f"{max(min(good), *bad, told['since']) - told['since']:.2f} s"
    for outcome in sorted(set(lost)):
        print(f"    {lost.count(outcome)} {outcome}", file=sys.stderr)
    longest = max(end - began for began, end, _ in calls)
    return f"{len(lost)} of {len(hit)}; {told['requests']}; {longest:.1f} s; {recovery}"


def main():
    rust, *wanted = sys.argv[1:]
    python = [sys.executable, HERE / "python_client.py"]
    clients = {
        "keystead-client": [rust, "default"],
        "keystead-client, 7 attempts, budget 1,000": [rust, "generous"],
        "Python": [*python, "default"],
        "Python with `retry_options`": [*python, "retrying"],
    }
    print(f"| fault | {' | '.join(clients)} |")
    print("|---|" + "---|" * len(clients))
    for fault in wanted or FAULTS:
        cells = []
        for name, command in clients.items():
            print(f"{fault}, {name}", file=sys.stderr, flush=True)
            cells.append(cell(*play(fault, command)))
        print(f"| {WHAT[fault]} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
