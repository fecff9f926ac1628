"""The Rust client beside the official one: what the one is answered, the other is answered too, call by call.

Each call that an official client makes is made once more by the Rust client, with the request message that the official SDK
wrote. Drawn values (ciphertexts, IVs, random bytes, keys, some signatures) are compared by their presence.
"""

import json
import subprocess

from openapi_util.client import Client as Wire

from harness import equal, holds

DRAWN = {
    "ciphertext_blob",
    "iv",
    "private_key_ciphertext_blob",
    "private_key_plaintext",
    "random",
    "request_id",
}
# Drawn where they are the answer's own, and not where something is opened.
DRAWN_BY = {"plaintext": "generate_data_key", "public_key": "generate_data_key_pair", "signature": "sign"}


class RustClient:
    compared, refused = 0, 0

    def __init__(self, program, host, ca_file, password):
        self.process = subprocess.Popen(
            [program, host, ca_file, password], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, name, request, headers, client_key):
        serialise = getattr(Wire, f"get_serialized_{name}_request")
        call = "".join(word.capitalize() for word in name.split("_"))
        asked = {
            "call": call,
            "body": serialise(request.to_map()).hex(),
            "headers": headers,
            "client_key": client_key,
        }
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        holds(line, "the Rust client has ended")
        return json.loads(line)

    def same_answer(self, name, request, headers, client_key, answer, version):
        theirs = self.ask(name, request, headers, client_key)
        holds("body" in theirs, f"the Rust client was refused {name}: {theirs}")
        ours = getattr(Wire, f"parse_{name}_response")(bytes.fromhex(theirs["body"]))
        official = answer.to_map()
        for field, value in ours.items():
            attribute = "".join("_" + c.lower() if c.isupper() else c for c in field).lstrip("_")
            drawn = attribute in DRAWN or DRAWN_BY.get(attribute, "-") in name
            if drawn:
                equal(bool(value), bool(official.get(field)), f"{name}: whether there is {field}")
            else:
                equal(value, official.get(field), f"{name}: {field}")
        equal(theirs["version"], version, f"{name}: key version")
        RustClient.compared += 1

    def same_refusal(self, name, request, headers, client_key, error):
        theirs = self.ask(name, request, headers, client_key)
        equal(
            (theirs.get("status"), theirs.get("code"), theirs.get("message")),
            (error.status, error.code, error.message),
            f"{name}: refusal",
        )
        RustClient.refused += 1

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
