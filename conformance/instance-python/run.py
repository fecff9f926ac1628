"""Runs the official Python SDKs of KMS instances against a started server: run.py READY_FILE

`harness` is that of the other Python SDKs, in the folder `python`.
"""

import sys

import instance_checks
import transfer_checks
from harness import Harness, holds
from world import World


def compared(rust):
    rust.end()
    print(f"{rust.compared} answers and {rust.refused} refusals were compared with those of the Rust client")
    holds(rust.compared >= 50 and rust.refused >= 20, "too few were compared")


def main():
    harness = Harness()
    world = harness.check("an instance is set up through the OpenAPI", lambda: World(sys.argv[1]))
    if world:
        instance_checks.run(harness, world)
        transfer_checks.run(harness, world)
        if world.rust:
            harness.check("the Rust client is answered the same", lambda: compared(world.rust))
        else:
            print("KEYSTEAD_INSTANCE_ANSWERS is not set: nothing is compared with the Rust client")
    return harness.finish()


if __name__ == "__main__":
    sys.exit(main())
