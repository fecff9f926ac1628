"""Runs the official Python SDKs of KMS instances against a started server: run.py READY_FILE

`harness` is that of the other Python SDKs, in the folder `python`.
"""

import sys

import instance_checks
import transfer_checks
from harness import Harness
from world import World


def main():
    harness = Harness()
    world = harness.check("an instance is set up through the OpenAPI", lambda: World(sys.argv[1]))
    if world:
        instance_checks.run(harness, world)
        transfer_checks.run(harness, world)
    return harness.finish()


if __name__ == "__main__":
    sys.exit(main())
