"""Runs the official Python SDKs against a started server: run.py READY_FILE"""

import sys

import access_point_checks
import credential_checks
import current
import identity_checks
import instance_checks
import legacy
import request_checks
from harness import Harness, Ready


def main():
    harness = Harness()
    request_checks.run(harness)
    ready = Ready(sys.argv[1])
    credential_checks.run(harness, ready, sys.argv[1])
    current.run(harness, ready)
    legacy.run(harness, ready)
    identity_checks.run(harness, ready)
    instance_checks.run(harness, ready)
    access_point_checks.run(harness, ready)
    return harness.finish()


if __name__ == "__main__":
    sys.exit(main())
