"""Prints what a hit costs, as a table in Markdown: cost.py READY_FILE NAME=COMMAND...

`COMMAND` is a reader of the scenarios. Ten secrets are asked for in turn, by one thread and by eight. What is measured is the
processor time of the whole process for each hit, so that what else the machine does hardly matters; of several rounds the best,
for compilers begin while a program runs.
"""

import json
import os
import shlex
import sys
from pathlib import Path

from current import CurrentClient
from harness import Ready, equal
from reader import Reader

SECRETS = 10
THREADS = (1, 8)
ROUNDS = 5
# A round takes a second at most and much longer than a tick, in which the system counts.
SECONDS = 0.5
FIRST = 4_000
VALUES = {"text": "hush", "JSON": '{"password": "hush"}'}


def settings(ready):
    """The account's own AccessKey."""
    return {
        "cache_client_region_id": json.dumps([{"regionId": ready.region, "endpoint": ready.https}]),
        "credentials_type": "ak",
        "credentials_access_key_id": ready.access_key_id,
        "credentials_access_secret": ready.access_key_secret,
    }


def processor_time(pid):
    """Seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def round_of(reader, line):
    before = processor_time(reader.process.pid)
    equal(reader.ask(line).get("hits"), line["threads"] * line["count"], f"the hits of {line['read']}")
    return processor_time(reader.process.pid) - before


def cost(reader, read, secrets, threads):
    """Nanoseconds of a hit."""
    line = {"read": read, "secrets": secrets, "threads": threads, "count": FIRST // threads}
    while (took := round_of(reader, line)) < SECONDS:
        line["count"] *= 2 if took < SECONDS / 8 else 1 + int(SECONDS / took)
    best = min(round_of(reader, line) for _ in range(ROUNDS))
    return best * 1e9 / (threads * line["count"])


def main():
    ready_file, *words = sys.argv[1:]
    ready = Ready(ready_file)
    admin = CurrentClient(ready, protocol="HTTPS")
    for kind, value in VALUES.items():
        for number in range(SECRETS):
            admin.call("CreateSecret", SecretName=f"cost/{kind[-4:].lower()}-{number}", VersionId="v1", SecretData=value)
    columns = [f"{kind}, {threads} thread{'s' * (threads > 1)}" for kind in VALUES for threads in THREADS]
    print("| client |", " | ".join(columns), "|")
    print("|---|", "---|" * len(columns), sep="")
    for word in words:
        name, command = word.split("=", 1)
        reader = Reader(shlex.split(command), settings(ready), {}, ready.ca_file)
        for read in ("hits", "cached") if name == "Rust" else ("hits",):
            row = []
            for kind in VALUES:
                secrets = [f"cost/{kind[-4:].lower()}-{number}" for number in range(SECRETS)]
                for secret in secrets:
                    equal(reader.ask({"read": "text", "secret": secret}), {"value": VALUES[kind]}, secret)
                row += [f"{cost(reader, read, secrets, threads):,.0f}" for threads in THREADS]
            print(f"| {name}{', `cached`' * (read == 'cached')} |", " | ".join(row), "|", flush=True)
        reader.end()


if __name__ == "__main__":
    main()
