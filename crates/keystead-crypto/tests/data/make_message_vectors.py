"""Makes message-vectors.json: the ciphertext format built a second time, from its description, with PyPI `cryptography`."""

import base64
import hashlib
import json
import pathlib

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION_ID = "key-hzz6923c1d0abcdefghij-0123456789"


def message_key(material: bytes, version_id: str, salt: bytes) -> bytes:
    info = b"keystead/1/message" + b"\0" + version_id.encode()
    root = HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(material)
    mac = hmac.HMAC(root, hashes.SHA256())
    mac.update((1).to_bytes(4, "big") + b"message" + b"\0" + salt + (256).to_bytes(4, "big"))
    return mac.finalize()


def associated_data(context: dict) -> bytes:
    if not context:
        return b""
    return hashlib.sha256("&".join(f"{k}={v}" for k, v in sorted(context.items())).encode()).digest()


cases = []
for number, (plaintext, context) in enumerate(
    [("hello", {}), ("", {}), ("SGVsbG8=", {"app": "billing"}), ("\u4e2d\u6587 \U0001f511", {"b": "2", "a": "1"}), ("x" * 6144, {})]
):
    material = hashlib.sha256(b"material %d" % number).digest()
    iv = hashlib.sha256(b"iv %d" % number).digest()[:12]
    salt = hashlib.sha256(b"salt %d" % number).digest()[:12]
    sealed = AESGCM(message_key(material, VERSION_ID, salt)).encrypt(iv, plaintext.encode(), associated_data(context))
    cases.append({
        "material": material.hex(), "version_id": VERSION_ID, "iv": iv.hex(), "salt": salt.hex(),
        "encryption_context": context, "associated_data": associated_data(context).hex(), "plaintext": plaintext,
        "message_key": message_key(material, VERSION_ID, salt).hex(),
        "ciphertext_blob": base64.b64encode(VERSION_ID.encode() + iv + salt + sealed).decode(),
    })
path = pathlib.Path(__file__).with_name("message-vectors.json")
path.write_text(json.dumps(cases, indent=1) + "\n")
