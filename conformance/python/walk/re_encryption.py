"""ReEncrypt: from one symmetric key to another, and from a key pair to a symmetric key."""

from checks import UNKNOWN_KEY
from harness import equal, holds
from walk import local
from walk.specs import ENCRYPT


def re_encryption(walk):
    source, source_version = walk.key_of("Aliyun_AES_256")
    target, target_version = walk.key_of("Aliyun_SM4")

    def sealed(text="moved", **parameters):
        return walk.call("Encrypt", KeyId=source, Plaintext=text, **parameters)["CiphertextBlob"]

    def opened(blob, text="moved", **parameters):
        answer = walk.call("Decrypt", CiphertextBlob=blob, **parameters)
        equal((answer["KeyId"], answer["KeyVersionId"]), (target, target_version), "KeyId and KeyVersionId of Decrypt")
        equal(answer["Plaintext"], text, "Plaintext")

    def moved(key):
        answer = walk.call("ReEncrypt", CiphertextBlob=sealed(), DestinationKeyId=key)
        equal(
            (answer["KeyId"], answer["KeyVersionId"]), (source, source_version), "KeyId and KeyVersionId of ReEncrypt"
        )
        opened(answer["CiphertextBlob"])

    alias = f"alias/{walk.run_id}/target"
    walk.check("CreateAlias for ReEncrypt", lambda: walk.call("CreateAlias", AliasName=alias, KeyId=target))
    for name, key in (
        ("another key", target),
        ("the alias of a key", alias),
        ("the ARN of a key", walk.arn(f"key/{target}")),
    ):
        walk.check(f"ReEncrypt under {name}", lambda key=key: moved(key))

    def under_itself():
        blob = sealed()
        again = walk.call("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=source)["CiphertextBlob"]
        holds(again != blob, "the same blob")
        equal(walk.call("Decrypt", CiphertextBlob=again)["Plaintext"], "moved", "Plaintext")

    walk.check("ReEncrypt under the same key", under_itself)

    def contexts():
        one, two = {"from": "here"}, {"to": "there", "é": "密"}
        blob = sealed(EncryptionContext=one)
        both = {"SourceEncryptionContext": one, "DestinationEncryptionContext": two}
        moved = walk.call("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=target, **both)["CiphertextBlob"]
        opened(moved, EncryptionContext=two)
        walk.refused(400, "InvalidParameter", "Decrypt", CiphertextBlob=moved)
        walk.refused(400, "InvalidParameter", "Decrypt", CiphertextBlob=moved, EncryptionContext=one)
        walk.refused(400, "InvalidParameter", "ReEncrypt", CiphertextBlob=blob, DestinationKeyId=target)
        walk.refused(
            400,
            "InvalidParameter",
            "ReEncrypt",
            CiphertextBlob=blob,
            DestinationKeyId=target,
            SourceEncryptionContext=two,
        )
        bare = walk.call("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=target, SourceEncryptionContext=one)
        opened(bare["CiphertextBlob"])

    walk.check("ReEncrypt changes the EncryptionContext, and needs the old one", contexts)

    for spec, algorithm in (("RSA_2048", "RSAES_OAEP_SHA_256"), ("RSA_2048", "RSAES_OAEP_SHA_1"), ("EC_SM2", "SM2PKE")):

        def from_pair(spec=spec, algorithm=algorithm):
            key_id, version = walk.key_of(spec, ENCRYPT)
            key = local.public_key(walk.call("GetPublicKey", KeyId=key_id, KeyVersionId=version)["PublicKey"])
            answer = walk.call(
                "ReEncrypt",
                CiphertextBlob=local.encode(local.encrypted(algorithm, key, b"of this side")),
                SourceKeyId=key_id,
                SourceKeyVersionId=version,
                SourceEncryptionAlgorithm=algorithm,
                DestinationKeyId=target,
            )
            equal((answer["KeyId"], answer["KeyVersionId"]), (key_id, version), "KeyId and KeyVersionId of ReEncrypt")
            # Like every other operation on key pairs, this one shows the bytes as base64.
            opened(answer["CiphertextBlob"], local.encode(b"of this side"))

        walk.check(f"ReEncrypt of what this side encrypted with {spec} {algorithm}", from_pair)

    blob = sealed()
    pair, pair_version = walk.key_of("RSA_2048", ENCRYPT)
    from_pair = {
        "CiphertextBlob": local.encode(bytes(256)),
        "SourceKeyId": pair,
        "SourceKeyVersionId": pair_version,
        "SourceEncryptionAlgorithm": "RSAES_OAEP_SHA_256",
    }
    for name, status, code, parameters in (
        (
            "a changed blob",
            400,
            "InvalidParameter",
            {"CiphertextBlob": local.encode(local.flipped(local.decode(blob)))},
        ),
        ("what is no base64", 400, "InvalidParameter", {"CiphertextBlob": "!no base64!"}),
        (
            "a blob of an unknown key",
            404,
            "Forbidden.KeyNotFound",
            {"CiphertextBlob": local.encode(b"00000000-0000-4000-8000-000000000000" + bytes(60))},
        ),
        ("an unknown destination", 404, "Forbidden.KeyNotFound", {"DestinationKeyId": UNKNOWN_KEY}),
        ("an unknown alias as destination", 404, "Forbidden.AliasNotFound", {"DestinationKeyId": "alias/no-such"}),
        ("a key pair as destination", 400, "UnsupportedOperation", {"DestinationKeyId": pair}),
        ("a changed asymmetric ciphertext", 400, "InvalidParameter", from_pair),
        (
            "an unknown source algorithm",
            400,
            "InvalidParameter",
            {**from_pair, "SourceEncryptionAlgorithm": "RSAES_OAEP_MD5"},
        ),
        ("an unknown source key", 404, "Forbidden.KeyNotFound", {**from_pair, "SourceKeyId": UNKNOWN_KEY}),
        (
            "an unknown source version",
            404,
            "Forbidden.KeyVersionNotFound",
            {**from_pair, "SourceKeyVersionId": "00000000-0000-4000-8000-000000000000"},
        ),
    ):
        walk.refuses(
            f"ReEncrypt with {name} is refused",
            status,
            code,
            "ReEncrypt",
            **{"CiphertextBlob": blob, "DestinationKeyId": target, **parameters},
        )
