"""Makes cipher-vectors.json: what the other ciphers and the bare modes add to the ciphertext format, built a second time from
its description, with PyPI `cryptography`."""

import hashlib
import json
import pathlib

from cryptography.hazmat.primitives import hashes, hmac, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION_ID = "key-hzz6923c1d0abcdefghij-0123456789"
# Name, length of the key, hash of the derivation, block cipher, label of a sealing key.
CIPHERS = [
    ("AES_128", 16, hashes.SHA256(), algorithms.AES, b"/aes-128"),
    ("AES_192", 24, hashes.SHA256(), algorithms.AES, b"/aes-192"),
    ("AES_256", 32, hashes.SHA256(), algorithms.AES, b""),
    ("SM4", 16, hashes.SM3(), algorithms.SM4, b"/sm4"),
]


def draw(text, length):
    return hashlib.sha256(text.encode()).digest()[:length]


def gcm(algorithm, key, iv, aad, plaintext):
    encryptor = Cipher(algorithm(key), modes.GCM(iv)).encryptor()
    encryptor.authenticate_additional_data(aad)
    return encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag


def pad(plaintext):
    padder = padding.PKCS7(128).padder()
    return padder.update(plaintext) + padder.finalize()


sealed, direct = [], []
for name, length, digest, algorithm, label in CIPHERS:
    for number, (plaintext, aad) in enumerate([(b"hello", b""), (b"", b""), ("\u4e2d\u6587".encode() * 100, draw("aad", 32))]):
        material = draw(f"{name} material {number}", length)
        iv, salt = draw(f"iv {number}", 12), draw(f"salt {number}", 12)
        info = b"keystead/1/message" + label + b"\0" + VERSION_ID.encode()
        root = HKDF(digest, 32, salt=None, info=info).derive(material)
        mac = hmac.HMAC(root, digest)
        mac.update((1).to_bytes(4, "big") + b"message" + b"\0" + salt + (length * 8).to_bytes(4, "big"))
        message_key = mac.finalize()[:length]
        sealed.append({
            "cipher": name, "material": material.hex(), "version_id": VERSION_ID, "iv": iv.hex(), "salt": salt.hex(),
            "associated_data": aad.hex(), "plaintext": plaintext.hex(), "message_key": message_key.hex(),
            "sealed": (iv + salt + gcm(algorithm, message_key, iv, aad, plaintext)).hex(),
        })
    for mode in ("GCM", "CBC", "ECB"):
        material = draw(f"{name} {mode} material", length)
        info = f"keystead/1/direct-{mode.lower()}/{name.lower().replace('_', '-')}".encode() + b"\0" + VERSION_ID.encode()
        key = HKDF(digest, length, salt=None, info=info).derive(material)
        iv = draw(f"{mode} iv", {"GCM": 12, "CBC": 16, "ECB": 0}[mode])
        plaintext, aad = b"fifteen letters and some", b"aad" if mode == "GCM" else b""
        if mode == "GCM":
            ciphertext = gcm(algorithm, key, iv, aad, plaintext)
        else:
            encryptor = Cipher(algorithm(key), modes.CBC(iv) if mode == "CBC" else modes.ECB()).encryptor()
            ciphertext = encryptor.update(pad(plaintext)) + encryptor.finalize()
        direct.append({
            "cipher": name, "mode": mode, "material": material.hex(), "version_id": VERSION_ID, "key": key.hex(), "iv": iv.hex(),
            "associated_data": aad.hex(), "plaintext": plaintext.hex(), "ciphertext": ciphertext.hex(),
        })
path = pathlib.Path(__file__).with_name("cipher-vectors.json")
path.write_text(json.dumps({"sealed": sealed, "direct": direct}, indent=1) + "\n")
