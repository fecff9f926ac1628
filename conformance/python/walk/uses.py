"""A good call of each operation that uses a key or reads a value: what DryRun and the key states are held against."""

from walk import local
from walk.specs import ENCRYPT


class Uses:
    """The calls of a walk, with keys of their own, so that their states may change in the end."""

    @staticmethod
    def of(walk):
        if walk.uses is None:
            walk.uses = Uses(walk)
        return walk.uses

    def __init__(self, walk):
        rsa = local.RsaPair()
        wrapping = {"PublicKeyBlob": rsa.spki, "WrappingKeySpec": "RSA_2048", "WrappingAlgorithm": "RSAES_OAEP_SHA_256"}
        self.cipher, _ = walk.fresh_key()
        self.target, _ = walk.fresh_key()
        self.sign, sign_version = walk.fresh_key(KeySpec="EC_P256")
        self.pair, pair_version = walk.fresh_key(KeySpec="RSA_2048", KeyUsage=ENCRYPT)
        self.mac, _ = walk.fresh_key(KeySpec="HMAC_SHA256")
        blob = walk.call("Encrypt", KeyId=self.cipher, Plaintext="x")["CiphertextBlob"]
        other = walk.call("Encrypt", KeyId=self.target, Plaintext="x")["CiphertextBlob"]
        data_key = walk.call("GenerateDataKey", KeyId=self.cipher)["CiphertextBlob"]
        signing = {
            "KeyId": self.sign,
            "KeyVersionId": sign_version,
            "Algorithm": "ECDSA_SHA_256",
            "Digest": local.encode(bytes(32)),
        }
        value = walk.call("AsymmetricSign", **signing)["Value"]
        pairing = {"KeyId": self.pair, "KeyVersionId": pair_version, "Algorithm": "RSAES_OAEP_SHA_256"}
        sealed = walk.call("AsymmetricEncrypt", Plaintext=local.encode(b"x"), **pairing)["CiphertextBlob"]
        macing = {"KeyId": self.mac, "Algorithm": "HMAC_SHA_256", "Message": local.encode(b"x")}
        mac = walk.call("GenerateMac", **macing)["Mac"]
        # Which key the call uses, how it is called, and one parameter that makes it wrong.
        self.calls = (
            (self.cipher, "Encrypt", {"KeyId": self.cipher, "Plaintext": "x"}, {"Plaintext": "x" * 6145}),
            (self.cipher, "Decrypt", {"CiphertextBlob": blob}, {"CiphertextBlob": "!no base64!"}),
            (self.cipher, "GenerateDataKey", {"KeyId": self.cipher}, {"NumberOfBytes": 1025}),
            (self.cipher, "GenerateDataKeyWithoutPlaintext", {"KeyId": self.cipher}, {"NumberOfBytes": 1025}),
            (
                self.cipher,
                "ReEncrypt",
                {"CiphertextBlob": blob, "DestinationKeyId": self.target},
                {"CiphertextBlob": "!no base64!"},
            ),
            (
                self.cipher,
                "ReEncrypt",
                {"CiphertextBlob": other, "DestinationKeyId": self.cipher},
                {"CiphertextBlob": "!no base64!"},
            ),
            (self.cipher, "ExportDataKey", {"CiphertextBlob": data_key, **wrapping}, {"PublicKeyBlob": "!no base64!"}),
            (
                self.cipher,
                "GenerateAndExportDataKey",
                {"KeyId": self.cipher, **wrapping},
                {"PublicKeyBlob": "!no base64!"},
            ),
            (
                self.sign,
                "GetPublicKey",
                {"KeyId": self.sign, "KeyVersionId": sign_version},
                {"KeyVersionId": "00000000-0000-4000-8000-000000000000"},
            ),
            (self.sign, "AsymmetricSign", signing, {"Digest": "!no base64!"}),
            (self.sign, "AsymmetricVerify", {**signing, "Value": value}, {"Digest": "!no base64!"}),
            (
                self.pair,
                "AsymmetricEncrypt",
                {**pairing, "Plaintext": local.encode(b"x")},
                {"Plaintext": "!no base64!"},
            ),
            (self.pair, "AsymmetricDecrypt", {**pairing, "CiphertextBlob": sealed}, {"CiphertextBlob": "!no base64!"}),
            (self.mac, "GenerateMac", macing, {"Message": "!no base64!"}),
            (self.mac, "VerifyMac", {**macing, "Mac": mac}, {"Message": "!no base64!"}),
        )
        self.keys = (self.cipher, self.sign, self.pair, self.mac)

    def named(self):
        """Each call with a name of its own."""
        for key_id, action, parameters, wrong in self.calls:
            into = action == "ReEncrypt" and parameters["DestinationKeyId"] == self.cipher
            yield f"{action}{' into the key' if into else ''}", key_id, action, parameters, wrong


def rehearsals(walk):
    """DryRun is always answered with an error, which says how the call would have ended."""
    uses = Uses.of(walk)
    secret = f"{walk.run_id}/rehearsed"
    walk.call("CreateSecret", SecretName=secret, VersionId="v1", SecretData="x")
    calls = [(name, action, good, wrong) for name, _, action, good, wrong in uses.named()]
    calls.append(("GetSecretValue", "GetSecretValue", {"SecretName": secret}, {"VersionId": "v9"}))
    for name, action, good, wrong in calls:
        walk.refuses(f"{name} with DryRun: it would work", 400, "DryRunOperationError", action, **good, DryRun="true")
        walk.refuses(
            f"{name} with DryRun: it would fail", 400, "ValidationError", action, **{**good, **wrong}, DryRun="true"
        )
        walk.check(f"{name} with DryRun=false is done", lambda a=action, p=good: walk.call(a, **p, DryRun="false"))
        walk.refuses(
            f"{name} with DryRun=perhaps is refused", 400, "InvalidParameter", action, **good, DryRun="perhaps"
        )


def not_offered(walk):
    """What needs the vendor's own attestation service."""
    uses = Uses.of(walk)
    secret = f"{walk.run_id}/attested"
    walk.call("CreateSecret", SecretName=secret, VersionId="v1", SecretData="x")
    walk.refuses("GetChallenge is not offered", 400, "UnsupportedOperation", "GetChallenge")
    calls = [
        (action, good)
        for _, action, good, _ in uses.calls
        if action in ("Decrypt", "GenerateDataKey", "AsymmetricDecrypt")
    ]
    for action, good in [*calls, ("GetSecretValue", {"SecretName": secret})]:
        walk.refuses(
            f"{action} for a Recipient is not offered",
            400,
            "UnsupportedOperation",
            action,
            **good,
            Recipient=local.encode(b"document"),
        )


def states(walk):
    """The table of which state lets which operation through."""
    uses = Uses.of(walk)

    def all_refused(state, code):
        for name, _, action, parameters, _ in uses.named():
            walk.refuses(f"{name} with a key in state {state} is refused", 409, code, action, **parameters)

    for key_id in uses.keys:
        walk.call("DisableKey", KeyId=key_id)
    all_refused("Disabled", "Rejected.Disabled")
    walk.refuses(
        "CreateKeyVersion of a disabled key is refused", 409, "Rejected.Disabled", "CreateKeyVersion", KeyId=uses.cipher
    )

    def managed():
        for key_id in uses.keys:
            walk.call("UpdateKeyDescription", KeyId=key_id, Description="off")
            walk.call("TagResource", KeyId=key_id, Tags='[{"TagKey":"a","TagValue":"b"}]')
            walk.call("ListKeyVersions", KeyId=key_id)
            walk.call("GetKeyPolicy", KeyId=key_id)
            alias = f"alias/{walk.run_id}/{key_id}"
            walk.call("CreateAlias", AliasName=alias, KeyId=key_id)
            walk.call("UpdateAlias", AliasName=alias, KeyId=key_id)

    walk.check("a disabled key can still be managed", managed)
    for key_id in uses.keys:
        walk.call("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    all_refused("PendingDeletion", "Rejected.PendingDeletion")
    for key_id in uses.keys:
        walk.call("CancelKeyDeletion", KeyId=key_id)
    for name, _, action, parameters, _ in uses.named():
        walk.check(f"{name} works again", lambda a=action, p=parameters: walk.call(a, **p))
    waiting = walk.new_key(Origin="EXTERNAL")["KeyId"]
    for name, _, action, parameters, _ in uses.named():
        field = "DestinationKeyId" if name == "ReEncrypt into the key" else "KeyId"
        if parameters.get(field) == uses.cipher:
            walk.refuses(
                f"{name} with a key in state PendingImport is refused",
                409,
                "Rejected.PendingImport",
                action,
                **{**parameters, field: waiting},
            )
