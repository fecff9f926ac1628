"""The names of all operations, what a client lacks of them, and whether the rest gave a good answer."""

import re
from pathlib import Path

from harness import equal

PAGES = Path(__file__).resolve().parents[3] / "docs" / "operations"
# Operations on instances, applications and the account, which the walk leaves out.
OTHER = re.compile(r"Kms|ApplicationAccessPoint|ClientKey|NetworkRule|Polic(y|ies)$")
POLICIES = {
    "SetKeyPolicy",
    "GetKeyPolicy",
    "SetSecretPolicy",
    "GetSecretPolicy",
    "UpdateRotationPolicy",
    "UpdateSecretRotationPolicy",
}
# It needs the vendor's attestation service and is refused for good.
REFUSED = {"GetChallenge"}
# A row of the table of parameters that must be sent.
REQUIRED = re.compile(r"^\| `(\w+)` \| ([^|]+?) \| yes \|", re.MULTILINE)
PLACEHOLDERS = {
    "string": "x",
    "integer": 1,
    "boolean": True,
    "list of strings": ["x"],
    "list of objects": [{"Key": "a", "Value": "b"}],
}


class Operation:
    """One of the catalogue, with the parameters that must be sent and a value for each."""

    def __init__(self, page):
        self.name = re.search(r"^# (\w+)$", page, re.MULTILINE)[1]
        self.required = {name: PLACEHOLDERS[kind.partition(":")[0]] for name, kind in REQUIRED.findall(page)}
        self.of_keys_or_secrets = self.name in POLICIES or not OTHER.search(self.name)


OPERATIONS = [
    Operation(page.read_text(encoding="utf-8")) for page in sorted(PAGES.glob("*.md")) if page.name != "README.md"
]


def lacks(name, has):
    """Prints which operations a client has no method or request class for."""
    missing = [operation.name for operation in OPERATIONS if not has(operation.name)]
    total = len(OPERATIONS)
    print(f"note {name} has {total - len(missing)} of {total} operations", end="")
    print(f"; it lacks {', '.join(missing)}" if missing else "", flush=True)


def of_its_own(name, known):
    """Prints which operations a client has that the API has no more, and gives them."""
    names = sorted(set(known) - {operation.name for operation in OPERATIONS})
    print(f"note {name} has {len(names)} operations of its own: {', '.join(names)}", flush=True)
    return names


def missing_parameters(walk):
    for operation in OPERATIONS:
        if not operation.of_keys_or_secrets:
            continue
        for name in operation.required:
            if name in walk.kms.adds:
                continue
            rest = {key: value for key, value in operation.required.items() if key != name}
            walk.refuses(f"{operation.name} without {name} is refused", 400, f"Missing{name}", operation.name, **rest)


def completeness(walk):
    """Suite and walk together have had a good answer from each operation that this client can have one from."""
    wanted = {operation.name for operation in OPERATIONS if operation.of_keys_or_secrets} - REFUSED
    walk.check(
        f"each of {len(wanted)} operations on keys and secrets gave a good answer",
        lambda: equal(sorted(wanted - walk.kms.succeeded), [], "operations without one"),
    )
