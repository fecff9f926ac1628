"""AsymmetricSign and AsymmetricVerify, each signature verified on this side as well."""

import secrets

from checks import UNKNOWN_KEY
from harness import equal, holds
from walk import local
from walk.specs import ENCRYPT

ALGORITHMS = {
    "RSA_2048": ("RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"),
    "RSA_3072": ("RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"),
    "RSA_4096": ("RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"),
    "EC_P256": ("ECDSA_SHA_256",),
    "EC_P256K": ("ECDSA_SHA_256",),
    "EC_SM2": ("SM2DSA",),
}


def signatures(walk):
    def sign(spec, algorithm, digest, key=None):
        key_id, version = walk.key_of(spec)
        answer = walk.call(
            "AsymmetricSign",
            KeyId=key or key_id,
            KeyVersionId=version,
            Algorithm=algorithm,
            Digest=local.encode(digest),
        )
        equal((answer["KeyId"], answer["KeyVersionId"]), (key_id, version), "KeyId and KeyVersionId")
        return local.decode(answer["Value"])

    def verified(spec, algorithm, digest, value):
        key_id, version = walk.key_of(spec)
        answer = walk.call(
            "AsymmetricVerify",
            KeyId=key_id,
            KeyVersionId=version,
            Algorithm=algorithm,
            Digest=local.encode(digest),
            Value=local.encode(value),
        )
        equal((answer["KeyId"], answer["KeyVersionId"]), (key_id, version), "KeyId and KeyVersionId")
        return answer["Value"]

    def right(spec, algorithm):
        digest = secrets.token_bytes(32)
        value = sign(spec, algorithm, digest)
        key_id, version = walk.key_of(spec)
        key = local.public_key(walk.call("GetPublicKey", KeyId=key_id, KeyVersionId=version)["PublicKey"])
        holds(local.verifies(algorithm, key, digest, value), "the signature is wrong by this side's library")
        equal(verified(spec, algorithm, digest, value), True, "Value")

    def wrong(spec, algorithm):
        digest = secrets.token_bytes(32)
        value = sign(spec, algorithm, digest)
        equal(verified(spec, algorithm, local.flipped(digest), value), False, "Value for another digest")
        equal(verified(spec, algorithm, digest, local.flipped(value)), False, "Value of a changed signature")
        equal(verified(spec, algorithm, digest, b"no signature"), False, "Value of what is no signature")

    for spec, algorithms in ALGORITHMS.items():
        if spec in ("RSA_3072", "RSA_4096") and not walk.thorough:
            continue
        for algorithm in algorithms:
            walk.check(f"AsymmetricSign {spec} {algorithm}", lambda s=spec, a=algorithm: right(s, a))
            walk.check(
                f"AsymmetricVerify {spec} {algorithm} finds what is wrong", lambda s=spec, a=algorithm: wrong(s, a)
            )

    def of_another_scheme():
        digest = secrets.token_bytes(32)
        equal(
            verified("RSA_2048", "RSA_PKCS1_SHA_256", digest, sign("RSA_2048", "RSA_PSS_SHA_256", digest)),
            False,
            "Value",
        )

    walk.check("AsymmetricVerify of a PSS signature as PKCS1 says no", of_another_scheme)

    def by_alias():
        alias = f"alias/{walk.run_id}/sign"
        walk.call("CreateAlias", AliasName=alias, KeyId=walk.key_of("EC_P256")[0])
        sign("EC_P256", "ECDSA_SHA_256", secrets.token_bytes(32), alias)
        sign("EC_P256", "ECDSA_SHA_256", secrets.token_bytes(32), walk.arn(f"key/{walk.key_of('EC_P256')[0]}"))

    walk.check("AsymmetricSign by alias and by ARN names the real key", by_alias)

    key_id, version = walk.key_of("EC_P256")
    rsa_id, rsa_version = walk.key_of("RSA_2048", ENCRYPT)
    aes_id, aes_version = walk.key_of("Aliyun_AES_256")
    _, other_version = walk.key_of("EC_P256K")
    good = {
        "KeyId": key_id,
        "KeyVersionId": version,
        "Algorithm": "ECDSA_SHA_256",
        "Digest": local.encode(bytes(32)),
        "Value": local.encode(b"x"),
    }
    for name, status, code, change in (
        ("31 bytes as digest", 400, "InvalidParameter", {"Digest": local.encode(bytes(31))}),
        ("33 bytes as digest", 400, "InvalidParameter", {"Digest": local.encode(bytes(33))}),
        ("a digest that is no base64", 400, "InvalidParameter", {"Digest": "!no base64!"}),
        ("an unknown algorithm", 400, "InvalidParameter", {"Algorithm": "ECDSA_SHA_257"}),
        (
            "the algorithm of another spec",
            400,
            ("InvalidParameter", "Rejected.UnsupportedOperation"),
            {"Algorithm": "RSA_PSS_SHA_256"},
        ),
        (
            "an algorithm for encryption",
            400,
            ("InvalidParameter", "Rejected.UnsupportedOperation"),
            {"Algorithm": "RSAES_OAEP_SHA_256"},
        ),
        ("an unknown key", 404, "Forbidden.KeyNotFound", {"KeyId": UNKNOWN_KEY}),
        ("an unknown alias", 404, "Forbidden.AliasNotFound", {"KeyId": "alias/no-such"}),
        (
            "an unknown version",
            404,
            "Forbidden.KeyVersionNotFound",
            {"KeyVersionId": "00000000-0000-4000-8000-000000000000"},
        ),
        ("the version of another key", 404, "Forbidden.KeyVersionNotFound", {"KeyVersionId": other_version}),
        (
            "a key for encryption",
            400,
            "Rejected.UnsupportedOperation",
            {"KeyId": rsa_id, "KeyVersionId": rsa_version, "Algorithm": "RSA_PSS_SHA_256"},
        ),
        ("a symmetric key", 400, "Rejected.UnsupportedOperation", {"KeyId": aes_id, "KeyVersionId": aes_version}),
    ):
        for action in ("AsymmetricSign", "AsymmetricVerify"):
            parameters = {**good, **change}
            if action == "AsymmetricSign":
                del parameters["Value"]
            walk.refuses(f"{action} with {name} is refused", status, code, action, **parameters)
    walk.refuses(
        "AsymmetricVerify of a value that is no base64 is refused",
        400,
        "InvalidParameter",
        "AsymmetricVerify",
        **{**good, "Value": "!no base64!"},
    )
