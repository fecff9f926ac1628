"""What the checks of every area share.

A client is an adapter with `call(action, date=None, nonce=None, **parameters)`, which takes and
gives names as they stand on the wire, and raises `KmsError`. `date` and `nonce` replace what the
SDK would have put into the request before signing it. `succeeded` gathers the operations that gave a
good answer.
"""

import re
import secrets

from harness import holds, matches, refused

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
REQUEST_ID = re.compile(r"[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
UNKNOWN_KEY = "key-hzz00000000aaaaaaaaaa"


def empty(answer, *names):
    for name in names:
        holds(answer.get(name) in (None, ""), f"{name} is {answer.get(name)!r}, expected none")


def answered(answer):
    matches(REQUEST_ID, answer.get("RequestId"), "RequestId")
    return answer


class Checks:
    """One client, under one signature version and transport (`tag`)."""

    def __init__(self, harness, kms, ready, tag):
        self.harness = harness
        self.kms = kms
        self.ready = ready
        self.tag = tag
        self.run_id = f"{re.sub('[^a-z0-9]+', '-', tag.lower())}-{secrets.token_hex(4)}"
        self.key = None

    def check(self, name, fn):
        return self.harness.check(f"{self.tag}: {name}", fn)

    def arn(self, resource):
        return f"acs:kms:{self.ready.region}:{self.ready.account}:{resource}"

    def call(self, action, **parameters):
        answer = answered(self.kms.call(action, **parameters))
        self.kms.succeeded.add(action)
        return answer

    def refused(self, status, code, action, **parameters):
        codes = (code,) if isinstance(code, str) else code
        return refused(status, [self.kms.exposed(one) for one in codes], lambda: self.kms.call(action, **parameters))

    def refuses(self, name, status, code, action, **parameters):
        """The same as a check. `code` is one code, or several where the API promises no single one."""
        return self.check(name, lambda: self.refused(status, code, action, **parameters))

    def new_key(self, **parameters):
        return self.call("CreateKey", **parameters)["KeyMetadata"]
