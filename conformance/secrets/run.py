"""Plays the scenarios of `scenarios.json` with clients of secrets: run.py READY_FILE NAME=COMMAND...

`NAME` is `<language>-<family>`, the family being `v1`, `v2` or `ram`, or it is `rust`; `COMMAND` is the program that reads with
that client. See conformance/README.md.
"""

import json
import os
import shlex
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import names
from harness import Harness
from player import Player
from world import READING, WAYS, World

SCENARIOS = Path(__file__).with_name("scenarios.json")
AT_ONCE = 4


@dataclass
class Client:
    name: str
    family: str
    command: list


def clients(words):
    for word in words:
        name, _, command = word.partition("=")
        yield Client(name, name.rpartition("-")[2], shlex.split(command))


def variants(world, scenario, client):
    """Each gateway and way that the scenario is for and the client has."""
    for gateway, ways in WAYS[client.family].items():
        if gateway not in scenario.get("gateways", WAYS[client.family]):
            continue
        if scenario.get("ways") == "all":
            yield from ((gateway, way) for way in ways if world.has(gateway, way))
        elif world.named == (scenario.get("needs") == "names"):
            yield gateway, ways[0]


def plays(world, chosen):
    """Names of checks and what they do."""
    listed = json.loads(SCENARIOS.read_text(encoding="utf-8"))
    for client in chosen:
        by_file = listed["by_file"].get(client.name, {"ways": []})["ways"]
        for scenario in listed["scenarios"]:
            if client.family not in scenario.get("families", READING) or client.name in scenario.get("not", {}):
                continue
            for gateway, way in variants(world, scenario, client):
                name = f"{client.name}, {gateway}, {way}: {scenario['name']}"
                yield name, partial(Player(world, client, gateway, way, way in by_file).play, scenario)


def play(harness, world, chosen):
    """Plays them some at a time: most of their time is that of starting programs and of waiting for an age."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for name, done in [(name, pool.submit(play)) for name, play in plays(world, chosen)]:
            harness.check(name, lambda done=done: [done.result()])


def main():
    ready_file, *words = sys.argv[1:]
    harness, left_out = Harness(), None
    with tempfile.TemporaryDirectory(prefix="keystead-scenarios-") as folder:
        world = harness.check("identities, client keys and an instance's key are made", lambda: World(ready_file, folder))
        if world:
            play(harness, world, list(clients(words)))
            left_out = names.enter(harness, world.ready.pid, words)
    code = harness.finish()
    if code == 0 and left_out:
        # All else has passed; the last line is the reason, and a run that demands everything fails by it.
        print(f"Skipped in part: {left_out}.", flush=True)
        return 77
    return code


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # threads of the libraries would hold the process
