"""Every call of the instance SDK, alibabacloud-dkms-gcs, good and bad."""

import asyncio
import hashlib
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from openapi_util.models import RuntimeOptions
from sdk import models as messages
from sdk.client import Client

from harness import KmsError, equal, holds, refused
from world import PASSWORD, SECRET, VERSION_HEADER, Instance, version

TEXT = "hello instance gateway, grüße".encode()
MISSING = ["MissingParameter", "InvalidParameter"]


def run(harness, world):
    check = harness.check
    check("instance: a wrong authority", lambda: wrong_authority(world))
    call = Instance(world, world.client_key)
    checks = Checks(world, call)
    for name in [name for name in dir(Checks) if not name.startswith("_")]:
        check(f"instance: {name.replace('_', ' ')}", getattr(checks, name))
    check("instance: every operation was answered and refused", every_operation)


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


class Checks:
    def __init__(self, world, call):
        self._world, self._call = world, call

    # Symmetric keys.

    def encrypt_and_decrypt(self):
        sealed = self._call("encrypt", key_id=self._world.aes, plaintext=TEXT, aad=b"bound")
        equal(sealed.key_id, self._world.aes)
        equal(sealed.algorithm, "AES_GCM")
        equal(len(sealed.iv), 12, "length of the IV")
        holds(len(sealed.ciphertext_blob) >= len(TEXT) + 16, "the ciphertext is too short for its tag")
        holds(sealed.request_id, "no request id")
        opened = self._call(
            "decrypt", key_id=self._world.aes, ciphertext_blob=sealed.ciphertext_blob, iv=sealed.iv, aad=b"bound"
        )
        equal(opened.plaintext, TEXT)
        equal(version(opened), version(sealed))

    def an_iv_of_ones_own(self):
        iv = bytes(range(12))
        sealed = self._call("encrypt", key_id=self._world.aes, plaintext=TEXT, iv=iv, algorithm="AES_GCM")
        equal(sealed.iv, iv)

    def the_version_alone_finds_the_key(self):
        sealed = self._call("encrypt", key_id=self._world.aes, plaintext=TEXT)
        opened = self._call(
            "decrypt",
            ciphertext_blob=sealed.ciphertext_blob,
            iv=sealed.iv,
            headers={VERSION_HEADER: version(sealed)},
        )
        equal((opened.plaintext, opened.key_id), (TEXT, self._world.aes))

    def what_was_changed_does_not_open(self):
        sealed = self._call("encrypt", key_id=self._world.aes, plaintext=TEXT, aad=b"bound")
        good = {"key_id": self._world.aes, "ciphertext_blob": sealed.ciphertext_blob, "iv": sealed.iv, "aad": b"bound"}
        changed = bytes([sealed.ciphertext_blob[0] ^ 1]) + sealed.ciphertext_blob[1:]
        for name, bad in [
            ("ciphertext_blob", changed),
            ("ciphertext_blob", sealed.ciphertext_blob[:-1]),
            ("iv", bytes(12)),
            ("iv", b"short"),
            ("aad", b"other"),
            ("aad", None),
            ("key_id", self._world.hidden),
        ]:
            refused(400, "InvalidParameter", lambda: self._call("decrypt", **{**good, name: bad}))

    def advance_encrypt_and_decrypt(self):
        sealed = self._call("advance_encrypt", key_id="alias/instance-checks", plaintext=TEXT, aad=b"bound")
        equal(sealed.key_id, self._world.aes, "key of the alias")
        equal(sealed.ciphertext_blob[:3], b"$\0\2", "head")
        equal(sealed.ciphertext_blob[3:39].decode(), sealed.key_version_id)
        equal(sealed.ciphertext_blob[39:51], sealed.iv)
        equal(version(sealed), sealed.key_version_id)
        opened = self._call("advance_decrypt", ciphertext_blob=sealed.ciphertext_blob, aad=b"bound")
        equal((opened.plaintext, opened.key_id), (TEXT, self._world.aes))
        equal(opened.key_version_id, sealed.key_version_id)
        refused(
            400,
            "InvalidParameter",
            lambda: self._call("advance_decrypt", ciphertext_blob=sealed.ciphertext_blob, aad=b"other"),
        )
        changed = sealed.ciphertext_blob[:-1] + bytes([sealed.ciphertext_blob[-1] ^ 1])
        refused(
            400,
            "InvalidParameter",
            lambda: self._call("advance_decrypt", ciphertext_blob=changed, aad=b"bound"),
        )

    def after_a_rotation(self):
        """The plain forms use the initial version, the Advance forms the primary one."""
        key = self._world.key("Aliyun_AES_256", "ENCRYPT/DECRYPT")
        before = self._call("advance_encrypt", key_id=key, plaintext=TEXT)
        self._world.shared("CreateKeyVersion", KeyId=key)
        after = self._call("advance_encrypt", key_id=key, plaintext=TEXT)
        plain = self._call("encrypt", key_id=key, plaintext=TEXT)
        holds(after.key_version_id != before.key_version_id, "the primary version is still the initial one")
        equal(version(plain), before.key_version_id, "version of the plain form")
        for blob in (before.ciphertext_blob, after.ciphertext_blob):
            equal(self._call("advance_decrypt", ciphertext_blob=blob).plaintext, TEXT)
        opened = self._call(
            "advance_decrypt", ciphertext_blob=plain.ciphertext_blob, key_id=key, iv=plain.iv, algorithm="AES_GCM"
        )
        equal(opened.plaintext, TEXT)

    def data_keys(self):
        made = self._call("generate_data_key", key_id=self._world.aes, number_of_bytes=48, aad=b"bound")
        equal(len(made.plaintext), 48)
        opened = self._call(
            "decrypt", key_id=self._world.aes, ciphertext_blob=made.ciphertext_blob, iv=made.iv, aad=b"bound"
        )
        equal(opened.plaintext, made.plaintext)
        made = self._call("advance_generate_data_key", key_id=self._world.aes, number_of_bytes=32)
        opened = self._call("advance_decrypt", ciphertext_blob=made.ciphertext_blob)
        equal(opened.plaintext, made.plaintext)
        equal(opened.key_version_id, made.key_version_id)
        AESGCM(made.plaintext).encrypt(bytes(12), TEXT, None)
        for name in ("generate_data_key", "advance_generate_data_key"):
            refused(400, "InvalidParameter", lambda: self._call(name, key_id=self._world.aes, number_of_bytes=1025))
            refused(400, MISSING, lambda: self._call(name, key_id=self._world.aes))

    def data_key_pairs(self):
        for form, specs in (("", ["RSA_2048", "EC_P256"]), ("advance_", ["RSA_2048", "EC_P256"])):
            for spec in specs:
                name = f"{form}generate_data_key_pair"
                made = self._call(name, key_id=self._world.aes, key_pair_spec=spec, key_format="DER")
                equal(made.key_pair_spec, spec)
                private = serialization.load_der_private_key(made.private_key_plaintext, None)
                public = serialization.load_der_public_key(made.public_key)
                equal(private.public_key().public_numbers(), public.public_numbers(), "public key")
                equal(self._opened_pair(form, made, made.private_key_ciphertext_blob), made.private_key_plaintext)
                sealed = self._call(
                    f"{name}_without_plaintext", key_id=self._world.aes, key_pair_spec=spec, key_format="PEM"
                )
                opened = self._opened_pair(form, sealed, sealed.private_key_ciphertext_blob)
                private = serialization.load_pem_private_key(opened, None)
                public = serialization.load_pem_public_key(sealed.public_key)
                equal(private.public_key().public_numbers(), public.public_numbers(), "public key")
        refused(
            400,
            ["InvalidParameter", "UnsupportedOperation"],
            lambda: self._call("generate_data_key_pair", key_id=self._world.aes, key_pair_spec="RSA_1024"),
        )

    def _opened_pair(self, form, made, blob):
        if form:
            return self._call("advance_decrypt", ciphertext_blob=blob).plaintext
        return self._call("decrypt", key_id=self._world.aes, ciphertext_blob=blob, iv=made.iv).plaintext

    # Key pairs.

    def rsa_signatures(self):
        public = self._public_key(self._world.rsa_signer)
        digest = hashlib.sha256(TEXT).digest()
        for algorithm in ("RSA_PKCS1_SHA_256", "RSA_PSS_SHA_256"):
            for kind, message in (("RAW", TEXT), ("DIGEST", digest)):
                made = self._call(
                    "sign",
                    key_id=self._world.rsa_signer,
                    algorithm=algorithm,
                    message=message,
                    message_type=kind,
                )
                scheme = padding.PKCS1v15()
                if "PSS" in algorithm:
                    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
                public.verify(made.signature, TEXT, scheme, hashes.SHA256())
                self._verifies(self._world.rsa_signer, algorithm, message, kind, made.signature)

    def ec_signatures(self):
        public = self._public_key(self._world.ec_signer)
        made = self._call(
            "sign", key_id=self._world.ec_signer, algorithm="ECDSA_SHA_256", message=TEXT, message_type="RAW"
        )
        public.verify(made.signature, TEXT, ec.ECDSA(hashes.SHA256()))
        self._verifies(self._world.ec_signer, "ECDSA_SHA_256", TEXT, "RAW", made.signature)

    def _verifies(self, key, algorithm, message, kind, signature):
        def verified(signature, message):
            return self._call(
                "verify",
                key_id=key,
                algorithm=algorithm,
                message=message,
                message_type=kind,
                signature=signature,
            ).value

        equal(verified(signature, message), True)
        equal(verified(signature, bytes([message[0] ^ 1]) + message[1:]), False)

    def a_digest_of_the_wrong_length(self):
        refused(
            400,
            "InvalidParameter",
            lambda: self._call(
                "sign",
                key_id=self._world.rsa_signer,
                algorithm="RSA_PKCS1_SHA_256",
                message=b"short",
                message_type="DIGEST",
            ),
        )

    def rsa_ciphertexts(self):
        public = self._public_key(self._world.rsa_cipher)
        for algorithm, hash_kind in (("RSAES_OAEP_SHA_256", hashes.SHA256), ("RSAES_OAEP_SHA_1", hashes.SHA1)):
            here = public.encrypt(TEXT, padding.OAEP(padding.MGF1(hash_kind()), hash_kind(), None))
            there = self._call("encrypt", key_id=self._world.rsa_cipher, plaintext=TEXT, algorithm=algorithm)
            for blob in (here, there.ciphertext_blob):
                opened = self._call(
                    "decrypt", key_id=self._world.rsa_cipher, ciphertext_blob=blob, algorithm=algorithm
                )
                equal(opened.plaintext, TEXT)
        refused(
            404,
            "Forbidden.OnlySymmetricKeySupported",
            lambda: self._call("advance_encrypt", key_id=self._world.rsa_cipher, plaintext=TEXT),
        )

    def _public_key(self, key):
        answer = self._call("get_public_key", key_id=key)
        equal(answer.key_id, key)
        holds(version(answer), "no key version in the header")
        return serialization.load_pem_public_key(answer.public_key.encode())

    # Without a key.

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

    # Refusals.

    def unknown_keys(self):
        for name in ("key-hzz00000000aaaaaaaaaa", "alias/none"):
            for operation in ("encrypt", "advance_encrypt"):
                refused(
                    404, "Forbidden.KeyNotFound", lambda: self._call(operation, key_id=name, plaintext=TEXT)
                )

    def keys_outside_the_instance(self):
        outside = self._world.shared("CreateKey")["KeyMetadata"]["KeyId"]
        refused(404, "Forbidden.KeyNotFound", lambda: self._call("encrypt", key_id=outside, plaintext=TEXT))

    def missing_parameters(self):
        refused(400, MISSING, lambda: self._call("encrypt", plaintext=TEXT))
        refused(400, MISSING, lambda: self._call("encrypt", key_id=self._world.aes))
        refused(400, MISSING, lambda: self._call("get_secret_value"))

    def a_disabled_key(self):
        key = self._world.key("Aliyun_AES_256", "ENCRYPT/DECRYPT")
        self._world.shared("DisableKey", KeyId=key)
        refused(409, "Rejected.Disabled", lambda: self._call("encrypt", key_id=key, plaintext=TEXT))

    def resources_of_the_policy(self):
        narrow = Instance(self._world, self._world.narrow)
        narrow("encrypt", key_id=self._world.aes, plaintext=TEXT)
        denied = "Forbidden.NoPermission"
        refused(403, denied, lambda: narrow("encrypt", key_id=self._world.hidden, plaintext=TEXT))
        sealed = self._call("advance_encrypt", key_id=self._world.hidden, plaintext=TEXT)
        refused(403, denied, lambda: narrow("advance_decrypt", ciphertext_blob=sealed.ciphertext_blob))
        refused(403, denied, lambda: narrow("get_secret_value", secret_name=SECRET))

    def network_rules(self):
        """Each operation with what would be good from another address."""
        elsewhere = Instance(self._world, self._world.elsewhere)
        key, signer = {"key_id": self._world.aes}, {"key_id": self._world.rsa_signer}
        sealed = self._call("advance_encrypt", plaintext=TEXT, **key).ciphertext_blob
        plain = self._call("encrypt", plaintext=TEXT, **key)
        signature = {"algorithm": "RSA_PKCS1_SHA_256", "message": TEXT, "message_type": "RAW", **signer}
        pair = {"key_pair_spec": "EC_P256", **key}
        for name, fields in {
            "encrypt": {"plaintext": TEXT, **key},
            "decrypt": {"ciphertext_blob": plain.ciphertext_blob, "iv": plain.iv, **key},
            "advance_encrypt": {"plaintext": TEXT, **key},
            "advance_decrypt": {"ciphertext_blob": sealed},
            "generate_data_key": {"number_of_bytes": 32, **key},
            "advance_generate_data_key": {"number_of_bytes": 32, **key},
            "generate_data_key_pair": pair,
            "generate_data_key_pair_without_plaintext": pair,
            "advance_generate_data_key_pair": pair,
            "advance_generate_data_key_pair_without_plaintext": pair,
            "sign": signature,
            "verify": {"signature": bytes(256), **signature},
            "get_public_key": signer,
            "get_secret_value": {"secret_name": SECRET},
            "generate_random": {"length": 8},
        }.items():
            refused(403, "Forbidden.NoPermission", lambda: elsewhere(name, **fields))

    def a_policy_changes_at_once(self):
        narrow = Instance(self._world, self._world.narrow)
        wide = json.dumps([f"key/{self._world.aes}", f"key/{self._world.hidden}"])
        usual = json.dumps([f"key/{self._world.aes}"])
        self._world.shared("UpdatePolicy", Name="narrow", Resources=wide)
        narrow("encrypt", key_id=self._world.hidden, plaintext=TEXT)
        self._world.shared("UpdatePolicy", Name="narrow", Resources=usual)
        refused(
            403, "Forbidden.NoPermission", lambda: narrow("encrypt", key_id=self._world.hidden, plaintext=TEXT)
        )

    def a_deleted_client_key(self):
        client_key = self._world.new_client_key("narrow")
        call = Instance(self._world, client_key)
        call("generate_random", length=8)
        self._world.shared("DeleteClientKey", ClientKeyId=json.loads(client_key)["KeyId"])
        refused(404, "Unauthorized", lambda: call("generate_random", length=8))

    def a_client_key_that_is_not_valid_yet(self):
        made = self._world.shared(
            "CreateClientKey",
            AapName="narrow",
            Password=PASSWORD,
            NotBefore="2040-01-01T00:00:00Z",
            NotAfter="2041-01-01T00:00:00Z",
        )
        content = json.dumps({"KeyId": made["ClientKeyId"], "PrivateKeyData": made["PrivateKeyData"]})
        call = Instance(self._world, content)
        try:
            call("generate_random", length=8)
            raise AssertionError("accepted")
        except KmsError as error:
            holds(error.status in (401, 403, 404) and error.code == "Unauthorized", f"{error}")
        finally:
            self._world.shared("DeleteClientKey", ClientKeyId=made["ClientKeyId"])

    def another_private_key(self):
        pem = rsa.generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        # The SDK puts the lines around it back itself.
        pem = "".join(line for line in pem.decode().splitlines() if not line.startswith("-----"))
        key_id = json.loads(self._world.client_key)["KeyId"]
        call = Instance(self._world, None, access_key_id=key_id, private_key=pem)
        refused(401, "SignatureNotMatch", lambda: call("generate_random", length=8))
        call = Instance(self._world, None, access_key_id="KAAP.none", private_key=pem)
        refused(404, "Unauthorized", lambda: call("generate_random", length=8))

    def a_wrong_password(self):
        try:
            Instance(self._world, self._world.client_key, password="Wrong-Pass_1234")
        except Exception:  # whatever the SDK makes of it
            return
        raise AssertionError("the client key opens with a wrong password")

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
