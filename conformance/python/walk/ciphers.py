"""AsymmetricEncrypt and AsymmetricDecrypt, and what this side encrypts with the public key."""

import secrets

from checks import UNKNOWN_KEY
from harness import equal, holds
from walk import local
from walk.specs import ENCRYPT

# Bytes of plaintext at most (API reference, AsymmetricEncrypt).
LIMITS = {
    ("RSA_2048", "RSAES_OAEP_SHA_256"): 190,
    ("RSA_2048", "RSAES_OAEP_SHA_1"): 214,
    ("RSA_3072", "RSAES_OAEP_SHA_256"): 318,
    ("RSA_3072", "RSAES_OAEP_SHA_1"): 342,
    ("RSA_4096", "RSAES_OAEP_SHA_256"): 446,
    ("EC_SM2", "SM2PKE"): 6047,
}


def asymmetric_ciphers(walk):
    def named(spec, algorithm):
        key_id, version = walk.key_of(spec, ENCRYPT)
        return {"KeyId": key_id, "KeyVersionId": version, "Algorithm": algorithm}

    def encrypt(spec, algorithm, data):
        names = named(spec, algorithm)
        answer = walk.call("AsymmetricEncrypt", Plaintext=local.encode(data), **names)
        equal(
            (answer["KeyId"], answer["KeyVersionId"]), (names["KeyId"], names["KeyVersionId"]), "KeyId and KeyVersionId"
        )
        return local.decode(answer["CiphertextBlob"])

    def decrypt(spec, algorithm, blob):
        names = named(spec, algorithm)
        answer = walk.call("AsymmetricDecrypt", CiphertextBlob=local.encode(blob), **names)
        equal(
            (answer["KeyId"], answer["KeyVersionId"]), (names["KeyId"], names["KeyVersionId"]), "KeyId and KeyVersionId"
        )
        return local.decode(answer["Plaintext"])

    def refused(spec, algorithm, blob):
        walk.refused(
            400, "InvalidParameter", "AsymmetricDecrypt", CiphertextBlob=local.encode(blob), **named(spec, algorithm)
        )

    def round_trip(spec, algorithm, size):
        data = secrets.token_bytes(size)
        one, two = encrypt(spec, algorithm, data), encrypt(spec, algorithm, data)
        holds(one != two, "two encryptions gave one ciphertext")
        equal(decrypt(spec, algorithm, one), data, "Plaintext")

    def from_here(spec, algorithm):
        key_id, version = walk.key_of(spec, ENCRYPT)
        key = local.public_key(walk.call("GetPublicKey", KeyId=key_id, KeyVersionId=version)["PublicKey"])
        data = b"of this side \x00\xff"
        blob = local.encrypted(algorithm, key, data)
        equal(decrypt(spec, algorithm, blob), data, "Plaintext")
        if algorithm == "SM2PKE":
            equal(decrypt(spec, algorithm, local.sm2_der(blob)), data, "Plaintext of the ASN.1 form")

    def corrupt(spec, algorithm):
        blob = encrypt(spec, algorithm, b"to be broken")
        for position in (-1, len(blob) // 2):
            refused(spec, algorithm, local.flipped(blob, position))
        refused(spec, algorithm, blob[:-1])
        refused(spec, algorithm, blob + b"\0")
        refused(spec, algorithm, b"x")

    for (spec, algorithm), limit in LIMITS.items():
        if spec in ("RSA_3072", "RSA_4096") and not walk.thorough:
            continue
        name = f"{spec} {algorithm}"
        for size in (1, limit):
            walk.check(
                f"AsymmetricEncrypt and AsymmetricDecrypt {name}, {size} bytes",
                lambda s=spec, a=algorithm, size=size: round_trip(s, a, size),
            )
        walk.check(
            f"AsymmetricEncrypt {name} of {limit + 1} bytes is refused",
            lambda s=spec, a=algorithm, size=limit + 1: walk.refused(
                400, "InvalidParameter", "AsymmetricEncrypt", Plaintext=local.encode(bytes(size)), **named(s, a)
            ),
        )
        walk.check(f"AsymmetricDecrypt {name} of what this side encrypted", lambda s=spec, a=algorithm: from_here(s, a))
        walk.check(
            f"AsymmetricDecrypt {name} of what was changed is refused", lambda s=spec, a=algorithm: corrupt(s, a)
        )
    walk.check(
        "AsymmetricDecrypt with the other hash is refused",
        lambda: refused("RSA_2048", "RSAES_OAEP_SHA_1", encrypt("RSA_2048", "RSAES_OAEP_SHA_256", b"x")),
    )

    sign_id, sign_version = walk.key_of("RSA_2048")
    aes_id, aes_version = walk.key_of("Aliyun_AES_256")
    good = {
        **named("RSA_2048", "RSAES_OAEP_SHA_256"),
        "Plaintext": local.encode(b"x"),
        "CiphertextBlob": local.encode(bytes(256)),
    }
    for name, status, code, change in (
        ("what is no base64", 400, "InvalidParameter", {"Plaintext": "!no base64!", "CiphertextBlob": "!no base64!"}),
        ("an unknown algorithm", 400, "InvalidParameter", {"Algorithm": "RSAES_OAEP_MD5"}),
        (
            "the algorithm of another spec",
            400,
            ("InvalidParameter", "Rejected.UnsupportedOperation"),
            {"Algorithm": "SM2PKE"},
        ),
        ("an unknown key", 404, "Forbidden.KeyNotFound", {"KeyId": UNKNOWN_KEY}),
        ("an unknown alias", 404, "Forbidden.AliasNotFound", {"KeyId": "alias/no-such"}),
        (
            "an unknown version",
            404,
            "Forbidden.KeyVersionNotFound",
            {"KeyVersionId": "00000000-0000-4000-8000-000000000000"},
        ),
        (
            "a key for signatures",
            400,
            "Rejected.UnsupportedOperation",
            {"KeyId": sign_id, "KeyVersionId": sign_version},
        ),
        ("a symmetric key", 400, "Rejected.UnsupportedOperation", {"KeyId": aes_id, "KeyVersionId": aes_version}),
    ):
        for action, unwanted in (("AsymmetricEncrypt", "CiphertextBlob"), ("AsymmetricDecrypt", "Plaintext")):
            parameters = {key: value for key, value in {**good, **change}.items() if key != unwanted}
            walk.refuses(f"{action} with {name} is refused", status, code, action, **parameters)
    for action, parameters in (
        ("Encrypt", {"Plaintext": "x"}),
        ("GenerateDataKey", {}),
        ("GenerateDataKeyWithoutPlaintext", {}),
    ):
        walk.refuses(
            f"{action} with a key pair is refused",
            400,
            "UnsupportedOperation",
            action,
            KeyId=good["KeyId"],
            **parameters,
        )
