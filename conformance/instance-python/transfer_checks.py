"""The transfer SDKs: calls of the OpenAPI served from the instance. `migration` is alibabacloud-dkms-transfer-python, which
uses the plain forms of the instance's operations, `current` is alibabacloud-kms-python-sdk, which uses the Advance forms.

Ciphertexts go both ways between them and the OpenAPI, whose form they have.
"""

import base64
import hashlib
import json

from alibabacloud_dkms_transfer.kms_transfer_acs_client import KmsTransferAcsClient
from alibabacloud_kms_kms20160120.models import KmsConfig
from alibabacloud_kms_kms20160120.transfer_client import TransferClient
from aliyunsdkcore.acs_exception.exceptions import ClientException, ServerException
from aliyunsdkkms.request.v20160120 import (
    AsymmetricDecryptRequest,
    AsymmetricEncryptRequest,
    AsymmetricSignRequest,
    AsymmetricVerifyRequest,
    DecryptRequest,
    EncryptRequest,
    GenerateDataKeyRequest,
    GenerateDataKeyWithoutPlaintextRequest,
    GetPublicKeyRequest,
    GetSecretValueRequest,
)
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from openapi import models as config_models

from group import Group
from harness import KmsError, equal, holds, refused
from world import PASSWORD, SECRET, OpenApi

MODULES = [
    AsymmetricDecryptRequest,
    AsymmetricEncryptRequest,
    AsymmetricSignRequest,
    AsymmetricVerifyRequest,
    DecryptRequest,
    EncryptRequest,
    GenerateDataKeyRequest,
    GenerateDataKeyWithoutPlaintextRequest,
    GetPublicKeyRequest,
    GetSecretValueRequest,
]
REQUESTS = {module.__name__.rpartition(".")[2]: module for module in MODULES}
CONTEXT = {"b": "2", "a": "1"}


class Migration:
    """`call("Encrypt", KeyId=…)` gives the answer as the SDK gives it, JSON that is parsed here."""

    def __init__(self, world, client_key):
        config = config_models.Config(
            endpoint=world.host,
            client_key_content=client_key,
            password=PASSWORD,
            ca_file_path=world.ca_file,
            ignore_ssl=False,
            read_timeout=30000,
        )
        # The AccessKey is wanted, and not used for what goes to the instance.
        self.client = KmsTransferAcsClient(
            config=config, ak="unused", secret="unused", region_id=world.ready.region, verify=world.ca_file
        )

    def __call__(self, action, **parameters):
        request = getattr(REQUESTS[f"{action}Request"], f"{action}Request")()
        for name, value in parameters.items():
            getattr(request, f"set_{name}")(json.dumps(value) if isinstance(value, dict) else value)
        try:
            return json.loads(self.client.do_action_with_exception(request))
        except ServerException as error:
            raise KmsError(error.http_status, error.error_code, error.message, error.request_id) from error
        except ClientException as error:
            raise KmsError(0, error.error_code, error.message) from error


def current(world, client_key, **options):
    """The current SDK; it takes its requests from the OpenAPI's client."""
    config = KmsConfig(
        endpoint=world.host,
        client_key_content=client_key,
        password=PASSWORD,
        read_timeout=30000,
        **options,
    )
    # Its constructor lacks the authority; the instance client that it makes of this takes it all the same.
    config.ca_file_path, config.ignore_ssl = world.ca_file, False
    return OpenApi(TransferClient(OpenApi.config(world.ready, world.ready.https, world.ready.ca_file), config))


def run(harness, world):
    variants = {
        "migration": Migration,
        "current": current,
        "current, low version": lambda *given: current(*given, force_low_version_crypto_transfer=True),
    }
    for variant, make in variants.items():
        TransferChecks(world, make, variant).run(harness, f"transfer, {variant}")


class TransferChecks(Group):
    def __init__(self, world, make, variant):
        super().__init__(world, make(world, world.client_key))
        self._make, self._variant = make, variant

    def ciphertexts_go_both_ways(self):
        """Under a context too, but for the current SDK: as the context it binds the hash as text where the OpenAPI binds its
        bytes, or (low version) the JSON as it stands. The OpenAPI's Decrypt knows the hash as text as well."""
        sealing = [{}, {"EncryptionContext": CONTEXT}]
        opening = [{}] if self._variant.startswith("current") else sealing
        openapi = self._world.dedicated
        for bound in sealing[:1] if self._variant == "current, low version" else sealing:
            here = self._call("Encrypt", KeyId=self._world.aes, Plaintext="aGVsbG8=", **bound)
            equal(here["KeyId"], self._world.aes)
            equal(base64.b64decode(here["CiphertextBlob"])[:36].decode(), here["KeyVersionId"])
            for call in (self._call, openapi):
                opened = call("Decrypt", CiphertextBlob=here["CiphertextBlob"], **bound)
                equal((opened["Plaintext"], opened["KeyId"]), ("aGVsbG8=", self._world.aes))
        for bound in opening:
            there = openapi("Encrypt", KeyId=self._world.aes, Plaintext="aGVsbG8=", **bound)
            opened = self._call("Decrypt", CiphertextBlob=there["CiphertextBlob"], **bound)
            equal((opened["Plaintext"], opened["KeyId"]), ("aGVsbG8=", self._world.aes))

    def a_context_is_bound(self):
        sealed = self._call("Encrypt", KeyId=self._world.aes, Plaintext="x", EncryptionContext=CONTEXT)
        blob = sealed["CiphertextBlob"]
        opened = self._call("Decrypt", CiphertextBlob=blob, EncryptionContext=CONTEXT)
        equal(opened["Plaintext"], "x")
        for other in ({}, {"EncryptionContext": {"a": "1"}}):
            refused(400, "InvalidParameter", lambda: self._call("Decrypt", CiphertextBlob=blob, **other))

    def what_was_changed_does_not_open(self):
        blob = base64.b64decode(self._call("Encrypt", KeyId=self._world.aes, Plaintext="x")["CiphertextBlob"])
        changed = base64.b64encode(blob[:-1] + bytes([blob[-1] ^ 1])).decode()
        refused(400, "InvalidParameter", lambda: self._call("Decrypt", CiphertextBlob=changed))
        unknown = base64.b64encode(b"0" * 36 + blob[36:]).decode()
        refused(
            404, "Forbidden.KeyNotFound", lambda: self._call("Decrypt", CiphertextBlob=unknown)
        )
        refused(0, "InvalidParameter", lambda: self._call("Decrypt", CiphertextBlob="AAAA"))

    def data_keys(self):
        bound = {} if self._variant == "current, low version" else {"EncryptionContext": CONTEXT}
        for action in ("GenerateDataKey", "GenerateDataKeyWithoutPlaintext"):
            for options, length in (({}, 32), ({"KeySpec": "AES_128"}, 16), ({"NumberOfBytes": 64}, 64)):
                made = self._call(action, KeyId=self._world.aes, **bound, **options)
                opened = self._world.dedicated("Decrypt", CiphertextBlob=made["CiphertextBlob"], **bound)
                equal(len(base64.b64decode(opened["Plaintext"])), length)
                if action == "GenerateDataKey":
                    equal(opened["Plaintext"], made["Plaintext"])

    def signatures(self):
        digest = base64.b64encode(hashlib.sha256(b"message").digest()).decode()
        key, version = self._world.rsa_signer, self._version(self._world.rsa_signer)
        common = {"KeyId": key, "KeyVersionId": version, "Algorithm": "RSA_PKCS1_SHA_256", "Digest": digest}
        made = self._call("AsymmetricSign", **common)
        equal(made["KeyVersionId"], version)
        equal(self._call("AsymmetricVerify", Value=made["Value"], **common)["Value"], True)
        equal(self._world.dedicated("AsymmetricVerify", Value=made["Value"], **common)["Value"], True)
        changed = bytearray(base64.b64decode(made["Value"]))
        changed[-1] ^= 1
        wrong = base64.b64encode(bytes(changed)).decode()
        equal(self._call("AsymmetricVerify", Value=wrong, **common)["Value"], False)
        public = self._call("GetPublicKey", KeyId=key, KeyVersionId=version)
        pem = serialization.load_pem_public_key(public["PublicKey"].encode())
        pem.verify(base64.b64decode(made["Value"]), b"message", padding.PKCS1v15(), hashes.SHA256())

    def ciphertexts_of_key_pairs(self):
        key, version = self._world.rsa_cipher, self._version(self._world.rsa_cipher)
        common = {"KeyId": key, "KeyVersionId": version, "Algorithm": "RSAES_OAEP_SHA_256"}
        made = self._call("AsymmetricEncrypt", Plaintext="aGVsbG8=", **common)
        for call in (self._call, self._world.dedicated):
            equal(call("AsymmetricDecrypt", CiphertextBlob=made["CiphertextBlob"], **common)["Plaintext"], "aGVsbG8=")

    def _version(self, key):
        versions = self._world.shared("ListKeyVersions", KeyId=key)["KeyVersions"]["KeyVersion"]
        equal(len(versions), 1, "number of versions")
        return versions[0]["KeyVersionId"]

    def secrets(self):
        answer = self._call("GetSecretValue", SecretName=SECRET, VersionId="v1")
        equal(answer["SecretData"], "value one é")
        holds("VersionStage" in answer["VersionStages"], "the stages are not nested")

    def codes_of_the_openapi(self):
        refused(404, "Forbidden.KeyNotFound", lambda: self._call("Encrypt", KeyId="alias/none", Plaintext="x"))
        deleted = self._world.new_client_key("narrow")
        narrow = self._make(self._world, deleted)
        refused(
            403, "Forbidden.NoPermission", lambda: narrow("Encrypt", KeyId=self._world.hidden, Plaintext="x")
        )
        self._world.shared("DeleteClientKey", ClientKeyId=json.loads(deleted)["KeyId"])
        refused(
            404,
            "InvalidAccessKeyId.NotFound",
            lambda: narrow("Encrypt", KeyId=self._world.aes, Plaintext="x"),
        )
