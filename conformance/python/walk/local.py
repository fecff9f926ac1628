"""Cryptography of this side, from libraries that have nothing to do with the service."""

import base64
import hashlib

from Cryptodome.Util.asn1 import DerInteger, DerOctetString, DerSequence
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from gmssl.sm2 import CryptSM2

SHA256 = utils.Prehashed(hashes.SHA256())
OAEP = {
    "RSAES_OAEP_SHA_256": padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None),
    "RSAES_OAEP_SHA_1": padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None),
    "RSAES_PKCS1_V1_5": padding.PKCS1v15(),
}
# SubjectPublicKeyInfo of an SM2 key up to its point: id-ecPublicKey with the curve 1.2.156.10197.1.301.
SM2_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")


def encode(data):
    return base64.b64encode(data).decode()


def decode(text):
    return base64.b64decode(text, validate=True)


def flipped(data, position=-1):
    """The bytes with one bit changed."""
    changed = bytearray(data)
    changed[position] ^= 1
    return bytes(changed)


def sha256(data):
    return hashlib.sha256(data).digest()


def public_key(pem):
    """A key of `cryptography`; of an SM2 key, which it does not know, the 64 bytes of its point."""
    der = decode("".join(pem.splitlines()[1:-1]))
    if der.startswith(SM2_HEAD):
        return der[len(SM2_HEAD) + 1 :]
    return serialization.load_der_public_key(der)


def sm2_key(point, private=""):
    key = CryptSM2(private, "", mode=1)
    key.public_key = point.hex()
    return key


def verifies(algorithm, key, digest, value):
    """Whether the signature is right."""
    if algorithm == "SM2DSA":
        r, s = utils.decode_dss_signature(value)
        return bool(sm2_key(key).verify(f"{r:064x}{s:064x}", digest))
    try:
        if algorithm == "ECDSA_SHA_256":
            key.verify(value, digest, ec.ECDSA(SHA256))
        elif algorithm == "RSA_PKCS1_SHA_256":
            key.verify(value, digest, padding.PKCS1v15(), SHA256)
        else:
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)
            key.verify(value, digest, pss, SHA256)
    except InvalidSignature:
        return False
    return True


def encrypted(algorithm, key, data):
    """Encrypted with the public key; SM2 in the order C1 C3 C2."""
    if algorithm == "SM2PKE":
        return b"\x04" + sm2_key(key).encrypt(data)
    return key.encrypt(data, OAEP[algorithm])


def sm2_der(raw):
    """The ASN.1 form of GM/T 0009 of a ciphertext C1 C3 C2."""
    x, y = int.from_bytes(raw[1:33], "big"), int.from_bytes(raw[33:65], "big")
    return DerSequence(
        [DerInteger(x), DerInteger(y), DerOctetString(raw[65:97]).encode(), DerOctetString(raw[97:]).encode()]
    ).encode()


class RsaPair:
    """A key pair of this side, for what the service wraps."""

    def __init__(self):
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = self.private.public_key()
        self.spki = encode(
            public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        self.open_ssh = public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
        self.pem = self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        ).decode()

    def unwrap(self, algorithm, text):
        return self.private.decrypt(decode(text), OAEP[algorithm])


class Sm2Pair:
    """The key pair of the example in GB/T 32918.5."""

    private = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"
    point = bytes.fromhex(
        "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    )

    def __init__(self):
        self.spki = encode(SM2_HEAD + b"\x04" + self.point)

    def unwrap(self, _algorithm, text):
        x, y, c3, c2 = DerSequence().decode(decode(text))
        octets = [DerOctetString().decode(part).payload for part in (c3, c2)]
        raw = x.to_bytes(32, "big") + y.to_bytes(32, "big") + octets[0] + octets[1]
        return sm2_key(self.point, self.private).decrypt(raw)
