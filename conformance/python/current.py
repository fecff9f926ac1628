"""The current SDK, alibabacloud_kms20160120, under each of its signature versions."""

import asyncio
import re

from alibabacloud_credentials.client import Client as CredentialClient
from alibabacloud_kms20160120 import models
from alibabacloud_kms20160120.client import Client
from alibabacloud_tea_openapi import utils_models as open_api_models
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from darabonba.runtime import ExtendsParameters, RuntimeOptions

from checks import answered
from harness import KmsError, equal, holds, refused
from suite import Suite
from walk import Walk
from walk.catalogue import lacks
from walk.groups import GROUPS

VERSION = "2016-01-20"
# The variants that walk over every operation; the first one makes the large RSA keys as well.
WALKED = ("V3 over HTTP", "V3 with SM3 over HTTP", "V1 over HTTPS")


class CurrentClient:
    """Adapter: wire names in and out, typed requests and answers of the SDK between."""

    secret_data_in_body = True
    adds = ()

    def __init__(self, ready, *, protocol="HTTP", algorithm=None, host=None, verify=True, **credential):
        endpoint = ready.https if protocol == "HTTPS" else ready.http
        if host:
            endpoint = f"{host}:{endpoint.rpartition(':')[2]}"
        if not credential:
            credential = {"access_key_id": ready.access_key_id, "access_key_secret": ready.access_key_secret}
        self.algorithm = algorithm
        self.succeeded = set()
        self.client = Client(
            open_api_models.Config(
                endpoint=endpoint,
                region_id=ready.region,
                protocol=protocol,
                signature_algorithm=algorithm,
                read_timeout=30000,
                ca=ready.ca_file if protocol == "HTTPS" and verify else None,
                **credential,
            )
        )

    def exposed(self, code):
        return code

    def runtime(self, date=None, nonce=None, headers=None, queries=None):
        headers, queries = dict(headers or {}), dict(queries or {})
        if self.algorithm == "v2":
            target, date_name, nonce_name = queries, "Timestamp", "SignatureNonce"
        else:
            target, date_name, nonce_name = headers, "x-acs-date", "x-acs-signature-nonce"
        if date:
            target[date_name] = date
        if nonce:
            target[nonce_name] = nonce
        return RuntimeOptions(extends_parameters=ExtendsParameters(headers=headers, queries=queries))

    def call(self, action, date=None, nonce=None, headers=None, queries=None, **parameters):
        runtime = self.runtime(date, nonce, headers, queries)
        method = self.method(action)
        if not hasattr(self.client, method):
            return self.call_generic(action, runtime=runtime, **parameters)
        arguments = [runtime]
        if hasattr(models, f"{action}Request"):
            arguments.insert(0, getattr(models, f"{action}Request")().from_map(parameters))
        try:
            return getattr(self.client, method)(*arguments).body.to_map()
        except AlibabaCloudException as error:
            raise KmsError(error.status_code, error.code, error.message, error.request_id) from error

    @staticmethod
    def method(action):
        return re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower() + "_with_options"

    def call_generic(self, action, version=VERSION, runtime=None, **parameters):
        """An operation that the SDK has no method for, through its general call."""
        parameters_of_call = open_api_models.Params(
            action=action,
            version=version,
            protocol="HTTPS",
            pathname="/",
            method="POST",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        )
        request = open_api_models.OpenApiRequest(query=parameters)
        try:
            return self.client.call_api(parameters_of_call, request, runtime or self.runtime())["body"]
        except AlibabaCloudException as error:
            raise KmsError(error.status_code, error.code, error.message, error.request_id) from error


def credentials(harness, ready, tag, **client):
    """Refusals of the credentials themselves."""

    def with_credential(**credential):
        return CurrentClient(ready, **client, **credential)

    def wrong_secret():
        kms = with_credential(access_key_id=ready.access_key_id, access_key_secret="wrong")
        error = refused(400, "SignatureDoesNotMatch", lambda: kms.call("DescribeRegions"))
        holds("server string to sign is:" in error.message, f"the message is {error.message!r}")

    def unknown_key():
        kms = with_credential(access_key_id="LTAI5tUnknownUnknownUnkn", access_key_secret=ready.access_key_secret)
        refused(404, "InvalidAccessKeyId.NotFound", lambda: kms.call("DescribeRegions"))

    def unknown_token():
        kms = with_credential(
            access_key_id=ready.access_key_id,
            access_key_secret=ready.access_key_secret,
            security_token="not-a-token-of-this-server",
        )
        refused(400, "InvalidSecurityToken.Malformed", lambda: kms.call("DescribeRegions"))

    def unknown_version():
        kms = CurrentClient(ready, **client)
        refused(400, "InvalidVersion", lambda: kms.call_generic("DescribeRegions", version="2017-01-20"))

    def detail():
        kms = CurrentClient(ready, **client)
        error = refused(404, "Forbidden.KeyNotFound", lambda: kms.call("DescribeKey", KeyId="no-such-key"))
        equal(error.code in error.message, False, "whether the message repeats the code")
        holds(error.request_id and error.request_id in error.message, "the error carries no RequestId")

    harness.check(f"{tag}: a wrong AccessKey secret is refused", wrong_secret)
    harness.check(f"{tag}: an unknown AccessKey is refused", unknown_key)
    harness.check(f"{tag}: an unknown security token is refused", unknown_token)
    harness.check(f"{tag}: an unknown API version is refused", unknown_version)
    harness.check(f"{tag}: an error carries message and RequestId", detail)


def disagreeing_header(harness, ready):
    """Under V1 the x-acs-action header is not signed, so it must not be able to change the operation."""
    kms = CurrentClient(ready, algorithm="v2")
    harness.check(
        "V1 over HTTP: an x-acs-action header that disagrees with Action is refused",
        lambda: refused(
            400, "InvalidParameter", lambda: kms.call("DescribeRegions", headers={"x-acs-action": "ListKeys"})
        ),
    )


def default_chain(harness, ready):
    def chained(protocol):
        credential = CredentialClient()
        provider = credential.get_credential().provider_name
        holds("profile" in provider, f"the credentials came from {provider}")
        kms = CurrentClient(ready, protocol=protocol, credential=credential)
        answered(kms.call("ListKeys"))

    for protocol in ("HTTP", "HTTPS"):
        harness.check(
            f"the default credential chain reads the AccessKey file, over {protocol}", lambda p=protocol: chained(p)
        )


def certificate(harness, ready):
    def untrusted():
        try:
            CurrentClient(ready, protocol="HTTPS", host="localhost", verify=False).call("DescribeRegions")
        except Exception as error:
            holds("certificate" in str(error).lower(), f"refused for another reason: {error}")
        else:
            raise AssertionError("accepted a certificate of an unknown authority")

    harness.check("the certificate is refused without the server's authority", untrusted)
    harness.check(
        "the certificate is valid for localhost",
        lambda: answered(CurrentClient(ready, protocol="HTTPS", host="localhost").call("DescribeRegions")),
    )


def asynchronous(harness, ready):
    """The SDK's asynchronous calls go through another HTTP library."""

    async def round_trip(client, text):
        runtime = RuntimeOptions()
        created = await client.create_key_with_options_async(models.CreateKeyRequest(), runtime)
        key_id = created.body.key_metadata.key_id
        sealed = await client.encrypt_with_options_async(
            models.EncryptRequest(key_id=key_id, plaintext=text, encryption_context={"a": "b"}), runtime
        )
        opened = await client.decrypt_with_options_async(
            models.DecryptRequest(ciphertext_blob=sealed.body.ciphertext_blob, encryption_context={"a": "b"}), runtime
        )
        equal(opened.body.plaintext, text, "Plaintext")
        name = f"async/{key_id}"
        await client.create_secret_with_options_async(
            models.CreateSecretRequest(secret_name=name, version_id="v1", secret_data=text), runtime
        )
        secret = await client.get_secret_value_with_options_async(
            models.GetSecretValueRequest(secret_name=name), runtime
        )
        equal(secret.body.secret_data, text, "SecretData")

    for protocol, algorithm in (("HTTP", None), ("HTTPS", None), ("HTTP", "v2")):
        harness.check(
            f"asynchronous calls over {protocol}, {'V1' if algorithm else 'V3'}",
            lambda p=protocol, a=algorithm: asyncio.run(
                round_trip(CurrentClient(ready, protocol=p, algorithm=a).client, "Grüße + a*b~c &=% 密")
            ),
        )


def run(harness, ready):
    lacks("the current SDK", lambda action: hasattr(Client, CurrentClient.method(action)))
    modes = (
        ("V3 over HTTP", {}),
        ("V3 over HTTPS", {"protocol": "HTTPS"}),
        ("V3 with SM3 over HTTP", {"algorithm": "ACS3-HMAC-SM3"}),
        ("V1 over HTTP", {"algorithm": "v2"}),
        ("V1 over HTTPS", {"algorithm": "v2", "protocol": "HTTPS"}),
    )
    for tag, client in modes:
        credentials(harness, ready, tag, **client)
        kms = CurrentClient(ready, **client)
        Suite(harness, kms, ready, tag).run()
        if tag in WALKED:
            Walk(harness, kms, ready, tag, thorough=tag == WALKED[0]).run(*GROUPS)
    disagreeing_header(harness, ready)
    default_chain(harness, ready)
    certificate(harness, ready)
    asynchronous(harness, ready)
