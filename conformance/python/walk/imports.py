"""Imported key material: GetParametersForImport, ImportKeyMaterial, DeleteKeyMaterial."""

import secrets
import time
from datetime import datetime, timedelta

from checks import TIME, UNKNOWN_KEY, empty
from cryptography.hazmat.primitives import serialization
from harness import equal, matches
from walk import local
from walk.deletion import in_days


class Waiting:
    """A key of origin EXTERNAL."""

    def __init__(self, walk, spec="Aliyun_AES_256", **parameters):
        self.walk = walk
        self.metadata = walk.new_key(KeySpec=spec, Origin="EXTERNAL", **parameters)
        self.key_id = self.metadata["KeyId"]
        self.known = {}

    def parameters(self, algorithm, spec="RSA_2048"):
        answer = self.walk.call(
            "GetParametersForImport", KeyId=self.key_id, WrappingAlgorithm=algorithm, WrappingKeySpec=spec
        )
        equal(answer["KeyId"], self.key_id, "KeyId")
        matches(TIME, answer["TokenExpireTime"], "TokenExpireTime")
        in_days(answer["TokenExpireTime"], 1)
        der = local.decode(answer["PublicKey"])
        key = der[len(local.SM2_HEAD) + 1 :] if spec == "EC_SM2" else serialization.load_der_public_key(der)
        return key, answer["ImportToken"]

    def wrapped(self, material, algorithm="RSAES_OAEP_SHA_256", expires=0, spec="RSA_2048"):
        # A key pair takes long to make, and a token can be used again.
        if algorithm not in self.known:
            self.known[algorithm] = self.parameters(algorithm, spec)
        key, token = self.known[algorithm]
        return {
            "KeyId": self.key_id,
            "EncryptedKeyMaterial": local.encode(local.encrypted(algorithm, key, material)),
            "ImportToken": token,
            "KeyMaterialExpireUnix": expires,
        }

    def bring(self, material, *rest, **options):
        self.walk.call("ImportKeyMaterial", **self.wrapped(material, *rest, **options))

    def state(self):
        return self.walk.described(self.key_id)["KeyState"]


def imports(walk):
    def created():
        key = Waiting(walk)
        for metadata in (key.metadata, walk.described(key.key_id)):
            for name, value in (
                ("Origin", "EXTERNAL"),
                ("KeyState", "PendingImport"),
                ("AutomaticRotation", "Disabled"),
            ):
                equal(metadata[name], value, name)
            empty(metadata, "MaterialExpireTime")

    walk.check("CreateKey of origin EXTERNAL waits for its material", created)

    def brought(algorithm):
        key = Waiting(walk)
        key.bring(secrets.token_bytes(32), algorithm)
        equal(key.state(), "Enabled", "KeyState")
        empty(walk.described(key.key_id), "MaterialExpireTime")
        blob = walk.call("Encrypt", KeyId=key.key_id, Plaintext="imported")["CiphertextBlob"]
        equal(walk.call("Decrypt", CiphertextBlob=blob)["Plaintext"], "imported", "Plaintext")

    for algorithm in local.OAEP:
        walk.check(f"ImportKeyMaterial wrapped by {algorithm}", lambda a=algorithm: brought(a))

    def sm4():
        key = Waiting(walk, "Aliyun_SM4", ProtectionLevel="HSM")
        walk.refused(400, "InvalidKeyMaterial", "ImportKeyMaterial", **key.wrapped(bytes(32)))
        key.bring(secrets.token_bytes(16), "SM2PKE", spec="EC_SM2")
        equal(key.state(), "Enabled", "KeyState")

    walk.check("ImportKeyMaterial of 16 bytes for Aliyun_SM4, wrapped by SM2PKE", sm4)

    def life():
        key, material = Waiting(walk), secrets.token_bytes(32)
        key.bring(material)
        blob = walk.call("Encrypt", KeyId=key.key_id, Plaintext="kept")["CiphertextBlob"]
        tomorrow = int(time.time()) + 86400
        key.bring(material, expires=tomorrow)
        shown = (datetime(1970, 1, 1) + timedelta(seconds=tomorrow)).strftime("%Y-%m-%dT%H:%M:%SZ")
        equal(walk.described(key.key_id)["MaterialExpireTime"], shown, "MaterialExpireTime")
        walk.refused(400, "InvalidKeyMaterial", "ImportKeyMaterial", **key.wrapped(secrets.token_bytes(32)))
        walk.call("DeleteKeyMaterial", KeyId=key.key_id)
        equal(key.state(), "PendingImport", "KeyState")
        walk.refused(409, "Rejected.PendingImport", "Decrypt", CiphertextBlob=blob)
        walk.refused(400, "InvalidKeyMaterial", "ImportKeyMaterial", **key.wrapped(secrets.token_bytes(32)))
        key.bring(material)
        equal(walk.call("Decrypt", CiphertextBlob=blob)["Plaintext"], "kept", "Plaintext")

    walk.check("a key takes only its own material again, after DeleteKeyMaterial too", life)

    def never_shared():
        material = secrets.token_bytes(32)
        one, two = Waiting(walk), Waiting(walk)
        one.bring(material)
        two.bring(material)
        blob = local.decode(walk.call("Encrypt", KeyId=one.key_id, Plaintext="of one key")["CiphertextBlob"])
        version = local.decode(walk.call("Encrypt", KeyId=two.key_id, Plaintext="x")["CiphertextBlob"])[:36]
        walk.refused(400, "InvalidParameter", "Decrypt", CiphertextBlob=local.encode(version + blob[36:]))

    walk.check("two keys with equal material do not read each other's blobs", never_shared)

    def unwrappable():
        key = Waiting(walk)
        good = key.wrapped(secrets.token_bytes(32))
        for size in (16, 31, 33):
            walk.refused(400, "InvalidKeyMaterial", "ImportKeyMaterial", **key.wrapped(bytes(size)))
        changed = local.encode(local.flipped(local.decode(good["EncryptedKeyMaterial"])))
        walk.refused(400, "InvalidKeyMaterial", "ImportKeyMaterial", **{**good, "EncryptedKeyMaterial": changed})
        equal(key.state(), "PendingImport", "KeyState")
        walk.call("ImportKeyMaterial", **good)

    walk.check("ImportKeyMaterial of wrong material is refused", unwrappable)

    def worn_out():
        key = Waiting(walk)
        good = key.wrapped(secrets.token_bytes(32))
        for _ in range(5):
            walk.refused(
                400,
                "InvalidKeyMaterial",
                "ImportKeyMaterial",
                **{**good, "EncryptedKeyMaterial": local.encode(bytes(256))},
            )
        walk.refused(400, "InvalidImportToken", "ImportKeyMaterial", **good)

    walk.check("five failures kill an import token", worn_out)

    def wrong_tokens():
        one, two = Waiting(walk), Waiting(walk)
        good, other = one.wrapped(bytes(32)), two.wrapped(bytes(32))
        for token in (
            other["ImportToken"],
            local.encode(local.flipped(local.decode(good["ImportToken"]))),
            local.encode(b"no token"),
        ):
            walk.refused(400, "InvalidImportToken", "ImportKeyMaterial", **{**good, "ImportToken": token})
        walk.refused(
            400, "InvalidParameter", "ImportKeyMaterial", **{**good, "KeyMaterialExpireUnix": int(time.time()) - 60}
        )

    walk.check("ImportKeyMaterial with another token or a past expiry is refused", wrong_tokens)

    waiting = Waiting(walk)
    alias = f"alias/{walk.run_id}/waiting"
    walk.check(
        "CreateAlias of a key that waits", lambda: walk.call("CreateAlias", AliasName=alias, KeyId=waiting.key_id)
    )
    material = {
        "EncryptedKeyMaterial": local.encode(bytes(256)),
        "ImportToken": local.encode(b"token"),
        "KeyMaterialExpireUnix": 0,
    }
    wrapping = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    for action, parameters in (
        ("GetParametersForImport", wrapping),
        ("ImportKeyMaterial", material),
        ("DeleteKeyMaterial", {}),
    ):
        for name, status, code, key in (
            ("a key of the service's own material", 400, "Unsupported.Origin", walk.key_of("Aliyun_AES_256")[0]),
            ("an alias", 400, "Unsupported.Alias", alias),
            ("an unknown key", 404, "Forbidden.KeyNotFound", UNKNOWN_KEY),
        ):
            walk.refuses(f"{action} with {name} is refused", status, code, action, KeyId=key, **parameters)
    for name, change in (
        ("an unknown algorithm", {"WrappingAlgorithm": "RSAES_OAEP_MD5"}),
        ("an unknown spec", {"WrappingKeySpec": "RSA_1024"}),
        ("an algorithm that the spec does not have", {"WrappingAlgorithm": "SM2PKE"}),
    ):
        walk.refuses(
            f"GetParametersForImport with {name} is refused",
            400,
            "InvalidParameter",
            "GetParametersForImport",
            KeyId=waiting.key_id,
            **{**wrapping, **change},
        )
    for action in ("EnableKey", "DisableKey", "CancelKeyDeletion"):
        walk.refuses(
            f"{action} of a key that waits is refused",
            409,
            "Rejected.StateModifiedFailed",
            action,
            KeyId=waiting.key_id,
        )
    walk.refuses(
        "CreateKeyVersion of a key that waits is refused",
        400,
        "Rejected.UnsupportedOperation",
        "CreateKeyVersion",
        KeyId=waiting.key_id,
    )
    walk.refuses(
        "UpdateRotationPolicy of a key that waits is refused",
        400,
        "Rejected.UnsupportedOperation",
        "UpdateRotationPolicy",
        KeyId=waiting.key_id,
        EnableAutomaticRotation=True,
        RotationInterval="30d",
    )

    def to_be_deleted():
        key = Waiting(walk)
        good = key.wrapped(bytes(32))
        walk.call("ScheduleKeyDeletion", KeyId=key.key_id, PendingWindowInDays=7)
        walk.refused(409, "Rejected.StateModifiedFailed", "ImportKeyMaterial", **good)
        key.parameters("RSAES_OAEP_SHA_256")
        walk.call("DeleteKeyMaterial", KeyId=key.key_id)
        equal(key.state(), "PendingDeletion", "KeyState")
        walk.call("CancelKeyDeletion", KeyId=key.key_id)
        equal(key.state(), "PendingImport", "KeyState")

    walk.check("a key that waits, through ScheduleKeyDeletion and back", to_be_deleted)
