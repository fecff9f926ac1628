"""Every key spec: CreateKey, DescribeKey, GetPublicKey, UpdateKeyDescription."""

import json
import re
from datetime import datetime, timedelta

from checks import TIME, UNKNOWN_KEY, empty
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from harness import equal, holds, matches
from walk import local

ENCRYPT, SIGN, MAC = "ENCRYPT/DECRYPT", "SIGN/VERIFY", "GENERATE/VERIFY_MAC"
CIPHERS = ("Aliyun_AES_256", "Aliyun_AES_192", "Aliyun_AES_128", "Aliyun_SM4")
PAIRS = {
    "RSA_2048": (SIGN, ENCRYPT),
    "RSA_3072": (SIGN, ENCRYPT),
    "RSA_4096": (SIGN, ENCRYPT),
    "EC_P256": (SIGN,),
    "EC_P256K": (SIGN,),
    "EC_SM2": (SIGN, ENCRYPT),
}
MACS = ("HMAC_SHA224", "HMAC_SHA256", "HMAC_SHA384", "HMAC_SHA512", "HMAC_SM3", "HMAC_SHA_256")
PEM = re.compile(r"-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=]{64}\n)*[A-Za-z0-9+/=]{1,64}\n-----END PUBLIC KEY-----\n")
VERSION_ID = re.compile(r"[0-9A-Za-z-]{36}")


def metadata_is(walk, metadata, **expected):
    fixed = {
        "KeyState": "Enabled",
        "Origin": "Aliyun_KMS",
        "AutomaticRotation": "Disabled",
        "Creator": walk.ready.account,
    }
    for name, value in {**fixed, **expected}.items():
        equal(metadata.get(name), value, name)
    matches(TIME, metadata["CreationDate"], "CreationDate")
    equal(metadata["Arn"], walk.arn(f"key/{metadata['KeyId']}"), "Arn")
    empty(metadata, "DKMSInstanceId", "DeleteDate", "MaterialExpireTime")


def creation(walk):
    def created(spec, default, usage, has_primary):
        parameters = {"KeySpec": spec, **({} if usage is None else {"KeyUsage": usage})}
        metadata = walk.new_key(**parameters)
        expected = {"KeySpec": spec, "KeyUsage": usage or default}
        metadata_is(walk, metadata, **expected)
        described = walk.described(metadata["KeyId"])
        metadata_is(walk, described, DeletionProtection="Disabled", **expected)
        if has_primary:
            matches(VERSION_ID, described.get("PrimaryKeyVersion"), "PrimaryKeyVersion")
            equal(described["LastRotationDate"], described["CreationDate"], "LastRotationDate")
        else:
            empty(metadata, "PrimaryKeyVersion")
            empty(described, "PrimaryKeyVersion")
        versions = walk.call("ListKeyVersions", KeyId=metadata["KeyId"])
        equal(versions["TotalCount"], 1, "TotalCount of ListKeyVersions")
        only = versions["KeyVersions"]["KeyVersion"][0]
        matches(VERSION_ID, only["KeyVersionId"], "KeyVersionId")
        if has_primary:
            equal(only["KeyVersionId"], described["PrimaryKeyVersion"], "KeyVersionId")
        walk.made.setdefault((spec, usage), (metadata["KeyId"], only["KeyVersionId"]))

    def wrong(spec, usage):
        walk.refuses(
            f"CreateKey {spec} for {usage} is refused",
            400,
            "InvalidParameter",
            "CreateKey",
            KeySpec=spec,
            KeyUsage=usage,
        )

    for spec in CIPHERS:
        walk.check(f"CreateKey {spec}", lambda spec=spec: created(spec, ENCRYPT, None, True))
        wrong(spec, SIGN)
        wrong(spec, MAC)
    for spec, usages in PAIRS.items():
        if spec in ("RSA_3072", "RSA_4096") and not walk.thorough:
            continue
        walk.check(f"CreateKey {spec}", lambda spec=spec: created(spec, SIGN, None, False))
        wrong(spec, MAC)
        if ENCRYPT in usages:
            walk.check(f"CreateKey {spec} for {ENCRYPT}", lambda spec=spec: created(spec, SIGN, ENCRYPT, False))
        else:
            wrong(spec, ENCRYPT)
    for spec in MACS:

        def created_mac(spec=spec, **usage):
            metadata = walk.new_key(KeySpec=spec, **usage)
            metadata_is(walk, metadata, KeySpec=spec, KeyUsage=MAC)
            metadata_is(walk, walk.described(metadata["KeyId"]), KeySpec=spec, KeyUsage=MAC)

        walk.check(f"CreateKey {spec}", created_mac)
        wrong(spec, ENCRYPT)
        wrong(spec, SIGN)
    for usage in (MAC, "GENERATE_VERIFY_MAC", "GENERATE/VERIFY"):
        walk.check(f"CreateKey HMAC_SHA256 for {usage}", lambda usage=usage: created_mac("HMAC_SHA256", KeyUsage=usage))


def creation_refused(walk):
    long_tag = "k" * 129
    for name, code, parameters in (
        ("an unknown KeyUsage", "InvalidParameter", {"KeyUsage": "WRAP/UNWRAP"}),
        ("a KeySpec in lower case", "InvalidParameter", {"KeySpec": "rsa_2048"}),
        ("an unknown ProtectionLevel", "InvalidParameter", {"ProtectionLevel": "PAPER"}),
        ("an Origin in lower case", "InvalidParameter", {"Origin": "external"}),
        ("a Description of 8193 characters", "InvalidParameter", {"Description": "d" * 8193}),
        ("Tags that are no JSON", "InvalidParameter", {"Tags": "team=blue"}),
        ("a tag twice", "Duplicate.TagKey", {"Tags": '[{"TagKey":"a","TagValue":"1"},{"TagKey":"a","TagValue":"2"}]'}),
        ("a tag key of aliyun", "InvalidParameter.TagKey", {"Tags": '[{"TagKey":"aliyun.x","TagValue":"1"}]'}),
        ("a tag key of acs:", "InvalidParameter.TagKey", {"Tags": '[{"TagKey":"acs:x","TagValue":"1"}]'}),
        (
            "a tag key of 129 characters",
            "InvalidParameter.TagKey",
            {"Tags": json.dumps([{"TagKey": long_tag, "TagValue": ""}])},
        ),
        ("a tag value with <", "InvalidParameter.TagValue", {"Tags": '[{"TagKey":"a","TagValue":"<"}]'}),
        ("rotation without an interval", ("InvalidParameter", "MissingParameter"), {"EnableAutomaticRotation": True}),
        ("rotation every 6 days", "InvalidParameter", {"EnableAutomaticRotation": True, "RotationInterval": "6d"}),
        ("rotation every 731 days", "InvalidParameter", {"EnableAutomaticRotation": True, "RotationInterval": "731d"}),
        (
            "rotation every week, in words",
            "InvalidParameter",
            {"EnableAutomaticRotation": True, "RotationInterval": "weekly"},
        ),
        (
            "rotation of a key pair",
            "Rejected.UnsupportedOperation",
            {"KeySpec": "EC_P256", "EnableAutomaticRotation": True, "RotationInterval": "30d"},
        ),
        (
            "rotation of an HMAC key",
            "Rejected.UnsupportedOperation",
            {"KeySpec": "HMAC_SHA256", "EnableAutomaticRotation": True, "RotationInterval": "30d"},
        ),
        (
            "rotation of imported material",
            "Rejected.UnsupportedOperation",
            {"Origin": "EXTERNAL", "EnableAutomaticRotation": True, "RotationInterval": "30d"},
        ),
        ("a policy that is none", "InvalidParameter", {"Policy": "everybody"}),
    ):
        walk.refuses(f"CreateKey with {name} is refused", 400, code, "CreateKey", **parameters)
    walk.refuses(
        "CreateKey in an unknown instance is refused",
        403,
        "Forbidden.DKMSInstanceNotFound",
        "CreateKey",
        DKMSInstanceId="kst-hzz00000000aaaaaaaaaa",
    )

    def rotated():
        metadata = walk.new_key(EnableAutomaticRotation=True, RotationInterval="30d")
        equal(metadata["AutomaticRotation"], "Enabled", "AutomaticRotation")
        equal(metadata["RotationInterval"], f"{30 * 86400}s", "RotationInterval")
        made = datetime.strptime(metadata["CreationDate"], "%Y-%m-%dT%H:%M:%SZ")
        equal(
            metadata["NextRotationDate"], (made + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ"), "NextRotationDate"
        )

    walk.check("CreateKey with automatic rotation", rotated)


def public_keys(walk):
    curves = {"EC_P256": ec.SECP256R1, "EC_P256K": ec.SECP256K1}

    def right(spec, usage):
        key_id, version = walk.key_of(spec, usage)
        alias = f"alias/{walk.run_id}/public-{spec}-{usage or SIGN}"
        walk.call("CreateAlias", AliasName=alias, KeyId=key_id)
        texts = set()
        for name in (key_id, walk.arn(f"key/{key_id}"), alias):
            answer = walk.call("GetPublicKey", KeyId=name, KeyVersionId=version)
            equal(answer["KeyId"], key_id, "KeyId")
            equal(answer["KeyVersionId"], version, "KeyVersionId")
            texts.add(answer["PublicKey"])
        equal(len(texts), 1, "number of different public keys")
        pem = texts.pop()
        matches(PEM, pem, "PublicKey")
        key = local.public_key(pem)
        if spec.startswith("RSA"):
            holds(isinstance(key, rsa.RSAPublicKey), "no RSA key")
            equal((key.key_size, key.public_numbers().e), (int(spec[4:]), 65537), "size and exponent")
        elif spec == "EC_SM2":
            equal(len(key), 64, "bytes of the point")
        else:
            holds(isinstance(key.curve, curves[spec]), f"the curve is {key.curve.name}")

    for spec in PAIRS:
        if walk.thorough or spec not in ("RSA_3072", "RSA_4096"):
            walk.check(f"GetPublicKey of {spec}, by id, ARN and alias", lambda spec=spec: right(spec, None))
    walk.check("GetPublicKey of a key for encryption", lambda: right("RSA_2048", ENCRYPT))
    key_id, _ = walk.key_of("EC_P256")
    _, other_version = walk.key_of("EC_P256K")
    cipher_id, cipher_version = walk.key_of("Aliyun_AES_256")
    version = f"{key_id}-{'x' * 10}"
    for name, status, code, parameters in (
        ("an unknown key", 404, "Forbidden.KeyNotFound", {"KeyId": UNKNOWN_KEY, "KeyVersionId": version}),
        ("an unknown alias", 404, "Forbidden.AliasNotFound", {"KeyId": "alias/no-such", "KeyVersionId": version}),
        ("an unknown version", 404, "Forbidden.KeyVersionNotFound", {"KeyId": key_id, "KeyVersionId": version}),
        (
            "the version of another key",
            404,
            "Forbidden.KeyVersionNotFound",
            {"KeyId": key_id, "KeyVersionId": other_version},
        ),
        ("a symmetric key", 400, "Rejected.UnsupportedOperation", {"KeyId": cipher_id, "KeyVersionId": cipher_version}),
    ):
        walk.refuses(f"GetPublicKey of {name} is refused", status, code, "GetPublicKey", **parameters)


def descriptions(walk):
    key_id, _ = walk.key_of("Aliyun_AES_128")

    def updated(text):
        walk.call("UpdateKeyDescription", KeyId=key_id, Description=text)
        equal(walk.described(key_id).get("Description") or "", text, "Description")

    for name, text in (("text beyond ASCII", "Grüße, 密钥 & a+b=c"), ("8192 characters", "d" * 8192), ("nothing", "")):
        walk.check(f"UpdateKeyDescription to {name}", lambda text=text: updated(text))
    alias = f"alias/{walk.run_id}/described"
    walk.check("CreateAlias for the descriptions", lambda: walk.call("CreateAlias", AliasName=alias, KeyId=key_id))
    for name, status, code, parameters in (
        ("8193 characters", 400, "InvalidParameter", {"KeyId": key_id, "Description": "d" * 8193}),
        ("an alias", 400, "Unsupported.Alias", {"KeyId": alias, "Description": "x"}),
        ("an unknown key", 404, "Forbidden.KeyNotFound", {"KeyId": UNKNOWN_KEY, "Description": "x"}),
    ):
        walk.refuses(f"UpdateKeyDescription with {name} is refused", status, code, "UpdateKeyDescription", **parameters)
