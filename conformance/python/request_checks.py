"""The requests of the official client beside those of the Rust client for the same calls: a server must not see who sent them.

A sink takes what both send. Compared are the method, the path, every parameter in its place as it is encoded, the body, and the
headers by name and value, but for those that differ from call to call, the user agent, and the order of it all; two more
differences stand in docs/decisions/0033. The Rust client's program verifies each official request's signature with the code that
signs its own, and the official code signs each Rust request anew, so both make the same canonical request of the same call.
"""

import json
import os
import re
import subprocess

from alibabacloud_kms20160120 import models
from alibabacloud_kms20160120.client import Client
from alibabacloud_tea_openapi import models as open_api_models
from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest
from darabonba.runtime import RuntimeOptions

from harness import equal, holds
from request_calls import calls, filled
from request_sink import Sink

ACCESS_KEY = ("LTAIrequests", "s3cret-of-the-requests")
TOKEN = "CAIS+token/of=the requests"
# New in each request, or proven by the signature.
EACH_ITS_OWN = {"x-acs-date", "x-acs-signature-nonce", "authorization", "user-agent"}


class RustProgram:
    def __init__(self, program, address, token):
        arguments = [program, f"http://{address}", *ACCESS_KEY, *([token] if token else [])]
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=30)

    def send_the_same(self, sent):
        """Makes the call of which `sent` is the request."""
        self.process.stdin.write(json.dumps(sent.as_json()) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        holds(line, "the Rust program has ended")
        holds(not json.loads(line), f"the Rust program: {line.strip()}")


def official_client(address, token):
    key_id, secret = ACCESS_KEY
    return Client(
        open_api_models.Config(
            endpoint=address,
            region_id="cn-hangzhou",
            protocol="HTTP",
            access_key_id=key_id,
            access_key_secret=secret,
            security_token=token,
        )
    )


def documented(segments):
    """Booleans as all but the Python client write them: Python's own `True` is documented nowhere."""
    return [re.sub("=(True|False)$", lambda found: found.group().lower(), segment) for segment in segments]


def compare(theirs, ours):
    equal(ours.method, theirs.method, "method")
    equal(ours.path, theirs.path, "path")
    equal(ours.segments(), documented(theirs.segments()), "query")
    equal(ours.form(), documented(theirs.form()), "body")

    def headers(sent):
        return sorted(pair for pair in sent.headers if pair[0] not in EACH_ITS_OWN)

    equal(headers(ours), headers(theirs), "headers")
    # The Python client signs these two as well, which the documented rule does not.
    also = ["accept", "user-agent"]
    equal(sorted(signed_headers(ours) + also), signed_headers(theirs), "signed headers")


def signed_headers(sent):
    return sent.header("authorization").partition("SignedHeaders=")[2].partition(",")[0].split(";")


def sign_again(sent):
    """The official code must come to the signature that the Rust client sent."""
    request = DaraRequest()
    request.method, request.pathname, request.query = sent.method, sent.path, dict(sent.query())
    signed = signed_headers(sent)
    request.headers = {name: value for name, value in sent.headers if name in signed}
    hashed = sent.header("x-acs-content-sha256")
    equal(hashed, Utils.hash(sent.body, "ACS3-HMAC-SHA256").hex(), "x-acs-content-sha256")
    expected = Utils.get_authorization(request, "ACS3-HMAC-SHA256", hashed, *ACCESS_KEY)
    equal(sent.header("authorization"), expected, "authorization")


def compared(program, sink, token):
    client = official_client(sink.address, token)
    count = 0
    differences = []
    for method, request_type in calls(Client, models):
        request = [filled(request_type, models)] if request_type else []
        getattr(client, method)(*request, RuntimeOptions())
        (theirs,) = sink.take()
        try:
            program.send_the_same(theirs)
            (ours,) = sink.take()
            compare(theirs, ours)
            sign_again(ours)
        except AssertionError as error:
            differences.append(f"{theirs.header('x-acs-action')}: {error}")
        count += 1
    holds(not differences, "\n".join(differences))
    holds(count >= 91, f"only {count} operations were compared")
    print(f"{count} requests of the Rust client are those of the official one")


def run(harness):
    path = os.environ.get("KEYSTEAD_REQUESTS_SENT")
    if not path:
        print("KEYSTEAD_REQUESTS_SENT is not set: no requests are compared with the Rust client")
        return
    for token in (None, TOKEN):
        with Sink() as sink, RustProgram(path, sink.address, token) as program:
            harness.check(
                f"the Rust client sends what the official one sends, {'with' if token else 'without'} a token",
                lambda: compared(program, sink, token),
            )
