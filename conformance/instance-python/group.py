"""A group of checks of the instance SDK: each public method is one, named as what it is about."""

TEXT = "hello instance gateway, grüße".encode()
MISSING = ["MissingParameter", "InvalidParameter"]


class Group:
    def __init__(self, world, call):
        self._world, self._call = world, call

    def run(self, harness, prefix):
        for name in [name for name in dir(self) if not name.startswith("_") and name != "run"]:
            harness.check(f"{prefix}: {name.replace('_', ' ')}", getattr(self, name))
