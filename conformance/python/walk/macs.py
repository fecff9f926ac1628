"""GenerateMac and VerifyMac."""

import secrets

from checks import UNKNOWN_KEY
from harness import equal, holds
from walk import local

SIZES = {
    ("HMAC_SHA224", "HMAC_SHA_224"): 28,
    ("HMAC_SHA256", "HMAC_SHA_256"): 32,
    ("HMAC_SHA384", "HMAC_SHA_384"): 48,
    ("HMAC_SHA512", "HMAC_SHA_512"): 64,
    ("HMAC_SM3", "HMAC_SM3"): 32,
}


def macs(walk):
    def generate(spec, algorithm, message, key=None):
        key_id, _ = walk.key_of(spec)
        answer = walk.call("GenerateMac", KeyId=key or key_id, Algorithm=algorithm, Message=local.encode(message))
        equal((answer["KeyId"], answer["Algorithm"]), (key_id, algorithm), "KeyId and Algorithm")
        return local.decode(answer["Mac"])

    def verified(spec, algorithm, message, mac):
        key_id, _ = walk.key_of(spec)
        answer = walk.call(
            "VerifyMac", KeyId=key_id, Algorithm=algorithm, Message=local.encode(message), Mac=local.encode(mac)
        )
        equal((answer["KeyId"], answer["Algorithm"]), (key_id, algorithm), "KeyId and Algorithm")
        return answer["Value"]

    def right(spec, algorithm, size):
        for message in (b"x", secrets.token_bytes(6144)):
            mac = generate(spec, algorithm, message)
            equal(len(mac), size, "bytes of the MAC")
            equal(generate(spec, algorithm, message), mac, "MAC of the same message")
            equal(verified(spec, algorithm, message, mac), True, "Value")
        equal(verified(spec, algorithm, message, local.flipped(mac)), False, "Value of a changed MAC")
        equal(verified(spec, algorithm, message, mac[:-1]), False, "Value of a MAC cut off")
        equal(verified(spec, algorithm, local.flipped(message), mac), False, "Value for another message")

    for (spec, algorithm), size in SIZES.items():
        walk.check(f"GenerateMac and VerifyMac {algorithm}", lambda s=spec, a=algorithm, n=size: right(s, a, n))

    def by_alias():
        key_id, _ = walk.key_of("HMAC_SHA256")
        alias = f"alias/{walk.run_id}/mac"
        walk.call("CreateAlias", AliasName=alias, KeyId=key_id)
        plain = generate("HMAC_SHA256", "HMAC_SHA_256", b"x")
        equal(generate("HMAC_SHA256", "HMAC_SHA_256", b"x", alias), plain, "MAC by alias")
        equal(generate("HMAC_SHA256", "HMAC_SHA_256", b"x", walk.arn(f"key/{key_id}")), plain, "MAC by ARN")
        other, _ = walk.fresh_key(KeySpec="HMAC_SHA256")
        answer = walk.call("GenerateMac", KeyId=other, Algorithm="HMAC_SHA_256", Message=local.encode(b"x"))
        holds(local.decode(answer["Mac"]) != plain, "two keys gave one MAC")

    walk.check("GenerateMac by alias and ARN, and under another key", by_alias)
    good = {
        "KeyId": walk.key_of("HMAC_SHA256")[0],
        "Algorithm": "HMAC_SHA_256",
        "Message": local.encode(b"x"),
        "Mac": local.encode(bytes(32)),
    }
    for name, status, code, change in (
        ("a message of 6145 bytes", 400, "InvalidParameter", {"Message": local.encode(bytes(6145))}),
        ("a message that is no base64", 400, "InvalidParameter", {"Message": "!no base64!"}),
        ("an unknown algorithm", 400, "InvalidParameter", {"Algorithm": "HMAC_MD5"}),
        (
            "the algorithm of another spec",
            400,
            ("InvalidParameter", "Rejected.UnsupportedOperation"),
            {"Algorithm": "HMAC_SHA_512"},
        ),
        ("an unknown key", 404, "Forbidden.KeyNotFound", {"KeyId": UNKNOWN_KEY}),
        ("an unknown alias", 404, "Forbidden.AliasNotFound", {"KeyId": "alias/no-such"}),
        (
            "a symmetric key for encryption",
            400,
            "Rejected.UnsupportedOperation",
            {"KeyId": walk.key_of("Aliyun_AES_256")[0]},
        ),
        ("a key pair", 400, "Rejected.UnsupportedOperation", {"KeyId": walk.key_of("EC_P256")[0]}),
    ):
        for action in ("GenerateMac", "VerifyMac"):
            parameters = {**good, **change}
            if action == "GenerateMac":
                del parameters["Mac"]
            walk.refuses(f"{action} with {name} is refused", status, code, action, **parameters)
    walk.refuses(
        "VerifyMac of a MAC that is no base64 is refused",
        400,
        "InvalidParameter",
        "VerifyMac",
        **{**good, "Mac": "!no base64!"},
    )
    walk.refuses(
        "Encrypt with an HMAC key is refused",
        400,
        "UnsupportedOperation",
        "Encrypt",
        KeyId=good["KeyId"],
        Plaintext="x",
    )
