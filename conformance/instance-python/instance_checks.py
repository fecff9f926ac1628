"""Every call of the instance SDK, alibabacloud-dkms-gcs, good and bad."""

import asyncio

from openapi_util.models import RuntimeOptions
from sdk import models as messages
from sdk.client import Client

from cipher_checks import CipherChecks
from group import MISSING, TEXT, Group
from harness import KmsError, equal, holds, refused
from pair_checks import PairChecks
from refusal_checks import RefusalChecks
from world import SECRET, Instance


def run(harness, world):
    harness.check("instance: a wrong authority", lambda: wrong_authority(world))
    call = Instance(world, world.client_key)
    for group in (CipherChecks, PairChecks, OtherChecks, RefusalChecks):
        group(world, call).run(harness, "instance")
    harness.check("instance: every operation was answered and refused", every_operation)


def every_operation():
    ending = "_with_options"
    offered = {name.removesuffix(ending) for name in dir(Client) if name.endswith(ending)}
    equal(len(offered), 15, "number of operations")
    equal(sorted(offered - Instance.answered), [], "operations without an answer")
    equal(sorted(offered - Instance.refused), [], "operations without a refusal")


def wrong_authority(world):
    """Comes first: the SDK keeps connections, and does not ask again under which authority they came about."""
    call = Instance(world, world.client_key, ca_file=world.ready.ca_file)
    try:
        call("generate_random", length=8, retry=False)
    except KmsError:
        raise
    except Exception as error:
        inner = getattr(error, "inner_exception", error)
        holds("CERTIFICATE_VERIFY_FAILED" in str(inner), f"{inner!r}")
        return
    raise AssertionError("the server's certificate was accepted under another authority")


class OtherChecks(Group):
    def random_bytes(self):
        seen = {bytes(self._call("generate_random", length=length).random) for length in (1, 16, 16, 1024)}
        equal(sorted(len(random) for random in seen), [1, 16, 16, 1024])
        refused(400, "InvalidParameter", lambda: self._call("generate_random", length=1025))
        refused(400, MISSING, lambda: self._call("generate_random"))

    def secrets(self):
        answer = self._call("get_secret_value", secret_name=SECRET)
        equal(answer.secret_data, "value one é")
        equal((answer.secret_data_type, answer.version_id), ("text", "v1"))
        equal(answer.version_stages, ["ACSCurrent"])
        self._world.shared("PutSecretValue", SecretName=SECRET, SecretData="value two", VersionId="v2")
        equal(self._call("get_secret_value", secret_name=SECRET).secret_data, "value two")
        previous = self._call("get_secret_value", secret_name=SECRET, version_stage="ACSPrevious")
        equal((previous.version_id, previous.secret_data), ("v1", "value one é"))
        equal(self._call("get_secret_value", secret_name=SECRET, version_id="v1").version_id, "v1")
        refused(404, "Forbidden.ResourceNotFound", lambda: self._call("get_secret_value", secret_name="none"))

    def own_headers_are_signed(self):
        answer = self._call("generate_random", length=8, headers={"x-kms-zz": "own", "x-other": "o"})
        equal(len(answer.random), 8)

    def the_same_twice_within_a_second(self):
        first, second = (self._call("encrypt", key_id=self._world.aes, plaintext=TEXT) for _ in range(2))
        holds(first.request_id != second.request_id, "two requests with one id")

    def asynchronous_calls(self):
        # They know public authorities only, so the authority is given for the call.
        options = RuntimeOptions(verify=self._world.ca_file)
        request = messages.GenerateRandomRequest(length=8)
        call = self._call.client.generate_random_with_options_async(request, options)
        try:
            equal(len(asyncio.run(call).random), 8)
        except Exception as error:
            inner = getattr(error, "inner_exception", error)
            holds("CERTIFICATE_VERIFY_FAILED" in str(inner), f"{inner!r}")
            print("note the asynchronous methods of Python cannot be given an authority", flush=True)
