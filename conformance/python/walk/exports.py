"""ExportDataKey and GenerateAndExportDataKey: data keys wrapped under a key of this side."""

import secrets

from checks import UNKNOWN_KEY
from harness import equal
from walk import local


def exports(walk):
    key_id, version = walk.key_of("Aliyun_AES_256")
    rsa, sm2 = local.RsaPair(), local.Sm2Pair()
    wrappings = (
        (rsa, {"PublicKeyBlob": rsa.spki, "WrappingKeySpec": "RSA_2048", "WrappingAlgorithm": "RSAES_OAEP_SHA_256"}),
        (rsa, {"PublicKeyBlob": rsa.spki, "WrappingKeySpec": "RSA_2048", "WrappingAlgorithm": "RSAES_OAEP_SHA_1"}),
        (sm2, {"PublicKeyBlob": sm2.spki, "WrappingKeySpec": "EC_SM2", "WrappingAlgorithm": "SM2PKE"}),
    )

    def exported(pair, wrapping, blob, **parameters):
        answer = walk.call("ExportDataKey", CiphertextBlob=blob, **wrapping, **parameters)
        equal((answer["KeyId"], answer["KeyVersionId"]), (key_id, version), "KeyId and KeyVersionId")
        return pair.unwrap(wrapping["WrappingAlgorithm"], answer["ExportedDataKey"])

    def generated(pair, wrapping, size, key=key_id, **parameters):
        answer = walk.call("GenerateAndExportDataKey", KeyId=key, **wrapping, **parameters)
        equal((answer["KeyId"], answer["KeyVersionId"]), (key_id, version), "KeyId and KeyVersionId")
        data = pair.unwrap(wrapping["WrappingAlgorithm"], answer["ExportedDataKey"])
        equal(len(data), size, "bytes of the data key")
        context = {"EncryptionContext": parameters["EncryptionContext"]} if "EncryptionContext" in parameters else {}
        opened = walk.call("Decrypt", CiphertextBlob=answer["CiphertextBlob"], **context)["Plaintext"]
        equal(opened, local.encode(data), "Plaintext")
        equal(exported(pair, wrapping, answer["CiphertextBlob"], **context), data, "the same key exported")

    def of_data_key(pair, wrapping):
        answer = walk.call("GenerateDataKey", KeyId=key_id, EncryptionContext={"a": "b"})
        data = exported(pair, wrapping, answer["CiphertextBlob"], EncryptionContext={"a": "b"})
        equal(local.encode(data), answer["Plaintext"], "the exported key")

    for pair, wrapping in wrappings:
        name = f"{wrapping['WrappingKeySpec']} {wrapping['WrappingAlgorithm']}"
        walk.check(f"ExportDataKey, {name}", lambda p=pair, w=wrapping: of_data_key(p, w))
        walk.check(f"GenerateAndExportDataKey, {name}", lambda p=pair, w=wrapping: generated(p, w, 32))

    first = wrappings[0]

    def of_text():
        blob = walk.call("Encrypt", KeyId=key_id, Plaintext="no base64, so bytes")["CiphertextBlob"]
        equal(exported(*first, blob), b"no base64, so bytes", "the exported text")

    walk.check("ExportDataKey of what is no base64 gives its bytes", of_text)
    for name, size, parameters in (
        ("AES_128", 16, {"KeySpec": "AES_128"}),
        ("AES_256", 32, {"KeySpec": "AES_256"}),
        ("1 byte", 1, {"NumberOfBytes": 1}),
        ("100 bytes before AES_128", 100, {"NumberOfBytes": 100, "KeySpec": "AES_128"}),
        ("with EncryptionContext", 32, {"EncryptionContext": {"a": "密"}}),
    ):
        walk.check(f"GenerateAndExportDataKey, {name}", lambda n=size, p=parameters: generated(*first, n, **p))

    def by_alias():
        alias = f"alias/{walk.run_id}/export"
        walk.call("CreateAlias", AliasName=alias, KeyId=key_id)
        generated(*first, 32, alias)
        generated(*first, 32, walk.arn(f"key/{key_id}"))

    walk.check("GenerateAndExportDataKey by alias and by ARN names the real key", by_alias)

    blob = walk.call("GenerateDataKey", KeyId=key_id)["CiphertextBlob"]
    with_context = walk.call("GenerateDataKey", KeyId=key_id, EncryptionContext={"a": "b"})["CiphertextBlob"]
    wrap = first[1]
    wrong_wraps = (
        ("an unknown WrappingKeySpec", {"WrappingKeySpec": "RSA_1024"}),
        ("an unknown WrappingAlgorithm", {"WrappingAlgorithm": "RSAES_OAEP_MD5"}),
        ("an algorithm that the spec does not have", {"WrappingAlgorithm": "SM2PKE"}),
        ("a public key that is no base64", {"PublicKeyBlob": "!no base64!"}),
        ("a public key that is none", {"PublicKeyBlob": local.encode(secrets.token_bytes(294))}),
        ("a public key of another spec", {"PublicKeyBlob": sm2.spki}),
    )
    for name, change in wrong_wraps:
        walk.refuses(
            f"ExportDataKey with {name} is refused",
            400,
            "InvalidParameter",
            "ExportDataKey",
            **{"CiphertextBlob": blob, **wrap, **change},
        )
        walk.refuses(
            f"GenerateAndExportDataKey with {name} is refused",
            400,
            "InvalidParameter",
            "GenerateAndExportDataKey",
            **{"KeyId": key_id, **wrap, **change},
        )
    for name, status, code, parameters in (
        (
            "a changed blob",
            400,
            "InvalidParameter",
            {"CiphertextBlob": local.encode(local.flipped(local.decode(blob)))},
        ),
        ("a missing EncryptionContext", 400, "InvalidParameter", {"CiphertextBlob": with_context}),
        (
            "a wrong EncryptionContext",
            400,
            "InvalidParameter",
            {"CiphertextBlob": with_context, "EncryptionContext": {"a": "c"}},
        ),
        (
            "a blob of an unknown key",
            404,
            "Forbidden.KeyNotFound",
            {"CiphertextBlob": local.encode(b"00000000-0000-4000-8000-000000000000" + bytes(60))},
        ),
    ):
        walk.refuses(f"ExportDataKey with {name} is refused", status, code, "ExportDataKey", **{**wrap, **parameters})
    for name, status, code, parameters in (
        ("1025 bytes", 400, "InvalidParameter", {"NumberOfBytes": 1025}),
        ("more bytes than the public key takes", 400, "InvalidParameter", {"NumberOfBytes": 191}),
        ("an unknown KeySpec", 400, "InvalidParameter", {"KeySpec": "AES_512"}),
        ("an unknown key", 404, "Forbidden.KeyNotFound", {"KeyId": UNKNOWN_KEY}),
        ("an unknown alias", 404, "Forbidden.AliasNotFound", {"KeyId": "alias/no-such"}),
        ("a key pair", 400, "UnsupportedOperation", {"KeyId": walk.key_of("RSA_2048")[0]}),
    ):
        walk.refuses(
            f"GenerateAndExportDataKey with {name} is refused",
            status,
            code,
            "GenerateAndExportDataKey",
            **{"KeyId": key_id, **wrap, **parameters},
        )
