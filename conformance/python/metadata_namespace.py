"""The fixed address of instance metadata, 100.100.100.200: run it in a network namespace of its own.

    metadata_namespace.py KEYSTEAD_BINARY

Starts a server of its own there and feeds the official SDK from it, in both modes of the metadata. Prints a line for each
check, `ok   name` or `FAIL name: why`.
"""

import os
import subprocess
import sys
import tempfile
import time

from alibabacloud_credentials.client import Client as CredentialClient
from alibabacloud_credentials.models import Config as CredentialConfig

from current import CurrentClient
from harness import Harness, Ready, equal, refused
from identities import Identities

ADDRESS = "100.100.100.200"
ROLE = "conformance-instance"


def start(binary, folder, *more):
    ready_file = os.path.join(folder, "ready.json")
    command = [binary, "serve", "--data-dir", os.path.join(folder, "data"), "--http", "127.0.0.1:0"]
    command += ["--https", "127.0.0.1:0", "--ready-file", ready_file, "--metadata-listen", f"{ADDRESS}:80"]
    command += ["--metadata-beyond-loopback", "--metadata-role", ROLE, *more]
    log = open(os.path.join(folder, "log"), "ab")
    server = subprocess.Popen(command, stdout=log, stderr=log)
    deadline = time.monotonic() + 60
    while not os.path.exists(ready_file):
        if server.poll() is not None or time.monotonic() > deadline:
            with open(os.path.join(folder, "log"), encoding="utf-8") as text:
                raise RuntimeError(f"the server does not get ready: {text.read()[-600:]}")
        time.sleep(0.05)
    return server, Ready(ready_file)


def checks(harness, ready, mode, **settings):
    identities = Identities(CurrentClient(ready), ready.account)
    identities.role(ROLE, {"Service": ["ecs.aliyuncs.com"]}, "AliyunKMSCryptoUserAccess")
    key = CurrentClient(ready).call("CreateKey")["KeyMetadata"]["KeyId"]

    def serves(**role):
        credential = CredentialClient(CredentialConfig(type="ecs_ram_role", **role, **settings))
        kms = CurrentClient(ready, credential=credential)
        blob = kms.call("Encrypt", KeyId=key, Plaintext="YQ==")["CiphertextBlob"]
        equal(kms.call("Decrypt", CiphertextBlob=blob)["Plaintext"], "YQ==", "Plaintext")
        refused(403, "Forbidden.NoPermission", lambda: kms.call("CreateKey"))

    harness.check(f"ecs_ram_role at {ADDRESS}, {mode}, a role that is found", serves)
    harness.check(f"ecs_ram_role at {ADDRESS}, {mode}, a role that is named", lambda: serves(role_name=ROLE))


def main():
    # Nothing of the outer network's settings is for this one.
    for name in [name for name in os.environ if name.startswith("ALIBABA_CLOUD_") or name.startswith("KEYSTEAD_")]:
        del os.environ[name]
    for command in (["ip", "link", "set", "lo", "up"], ["ip", "address", "add", f"{ADDRESS}/32", "dev", "lo"]):
        subprocess.run(command, check=True)
    harness = Harness()
    modes = [("with and without token", [], {}), ("hardened", ["--metadata-token-required"], {"disable_imds_v1": True})]
    for mode, flags, settings in modes:
        with tempfile.TemporaryDirectory(prefix="keystead-metadata-") as folder:
            server, ready = start(sys.argv[1], folder, *flags)
            try:
                checks(harness, ready, mode, **settings)
            finally:
                server.terminate()
                server.wait()
    return 0 if harness.failed == 0 else 1


if __name__ == "__main__":
    # The library's own threads would hold the process.
    sys.stdout.flush()
    code = main()
    sys.stdout.flush()
    os._exit(code)
