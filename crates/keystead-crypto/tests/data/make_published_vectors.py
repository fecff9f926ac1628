"""Makes published-vectors.json: the published test vectors that apply, out of PyPI `cryptography-vectors` 50.0.2, cut down
to what the tests need. Its folder is the one argument. RSA and EC keys become SubjectPublicKeyInfo, with PyPI `cryptography`."""

import json
import pathlib
import re
import sys

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ROOT = pathlib.Path(sys.argv[1])


def records(path, group_pattern=r"^\[(.*)\]$"):
    """The blocks of `name = value` lines of a file, each with the headings in brackets that were last in force."""
    headings, block = {}, {}
    for line in [*(ROOT / path).read_text().splitlines(), ""]:
        line = line.strip()
        if heading := re.match(group_pattern, line):
            name, _, value = heading[1].partition("=")
            headings[name.strip()] = value.strip()
        elif line.startswith("#"):
            pass
        elif not line:
            if block:
                yield headings, block
            block = {}
        elif "=" in line:
            name, _, value = line.partition("=")
            block[name.strip()] = value.strip()
        else:
            block[line] = True


def spki(key):
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).hex()


def blocks(mode):
    out = []
    for bits in (128, 192, 256):
        seen = set()
        for file in ("GFSbox", "KeySbox", "MMT"):
            state = None
            for headings, v in records(f"ciphers/AES/{mode}/{mode}{file}{bits}.rsp"):
                case = {"key": v["KEY"], "iv": v.get("IV"), "plaintext": v["PLAINTEXT"], "ciphertext": v["CIPHERTEXT"]}
                if json.dumps(case) not in seen:  # The files repeat them for decryption.
                    seen.add(json.dumps(case))
                    out.append(case)
    return out


def gcm():
    out = []
    for bits in (128, 192, 256):
        for file in ("Decrypt", "EncryptExtIV"):
            for headings, v in records(f"ciphers/AES/GCM/gcm{file}{bits}.rsp"):
                if headings["IVlen"] == "96" and headings["Taglen"] == "128" and int(v["Count"]) < 3:
                    out.append({"key": v["Key"], "iv": v["IV"], "aad": v["AAD"], "plaintext": v.get("PT"),
                                "ciphertext": v["CT"], "tag": v["Tag"]})
                    assert ("FAIL" in v) == (out[-1]["plaintext"] is None)
    return out


def sm4(mode):
    return [{"key": v["KEY"], "iv": v.get("IV"), "plaintext": v["PLAINTEXT"], "ciphertext": v["CIPHERTEXT"]}
            for _, v in records(f"ciphers/SM4/draft-ribose-cfrg-sm4-10-{mode}.txt")]


def ecdsa():
    out = []
    headings = None
    for line_headings, v in records("asymmetric/ECDSA/FIPS_186-3/SigVer.rsp"):
        if list(line_headings)[-1] != "P-256,SHA-256":
            continue
        try:
            key = spki(ec.EllipticCurvePublicNumbers(int(v["Qx"], 16), int(v["Qy"], 16), ec.SECP256R1()).public_key())
        except ValueError:
            # The changed public key: its point is off the curve. The header is that of every P-256 key.
            key = "3059301306072a8648ce3d020106082a8648ce3d03010703420004" + v["Qx"].zfill(64) + v["Qy"].zfill(64)
        out.append({"spki": key, "message": v["Msg"], "r": v["R"].zfill(64), "s": v["S"].zfill(64),
                    "valid": v["Result"].startswith("P")})
    return out


def rsa_pkcs1():
    out = []
    modulus = None
    for headings, v in records("asymmetric/RSA/FIPS_186-2/SigVer15_186-3.rsp"):
        modulus = v.get("n", modulus)
        if v.get("SHAAlg") != "SHA256" or len(modulus) < 512:
            continue
        numbers = rsa.RSAPublicNumbers(int(v["e"], 16), int(modulus, 16))
        out.append({"spki": spki(numbers.public_key()), "message": v["Msg"], "signature": v["S"],
                    "valid": v["Result"].startswith("P"), "exponent_bits": int(v["e"], 16).bit_length()})
    return out


def hmacs():
    out = []
    for bits in (224, 256, 384, 512):
        for _, v in records(f"HMAC/rfc-4231-sha{bits}.txt"):
            out.append({"algorithm": f"HMAC_SHA_{bits}", "key": v["Key"], "message": v["Msg"], "mac": v["MD"]})
    return out


vectors = {
    "aes_ecb": blocks("ECB"),
    "aes_cbc": blocks("CBC"),
    "aes_gcm": gcm(),
    "sm4_ecb": sm4("ecb"),
    "sm4_cbc": sm4("cbc"),
    "sm4_gcm": [{"key": v["KEY"], "iv": v["IV"], "aad": v["AAD"], "plaintext": v["PLAINTEXT"],
                 "ciphertext": v["CIPHERTEXT"], "tag": v["TAG"]} for _, v in records("ciphers/SM4/rfc8998.txt")],
    "sm3": [{"message": v["Msg"][:int(v["Len"]) // 4], "digest": v["MD"]} for _, v in records("hashes/SM3/oscca.txt")],
    "hmac": hmacs(),
    "ecdsa_p256": ecdsa(),
    "rsa_pkcs1": rsa_pkcs1(),
}
lines = []
for name, cases in vectors.items():
    assert cases, name
    body = ",\n".join("  " + json.dumps(case, separators=(",", ":")) for case in cases)
    lines.append(f' "{name}": [\n{body}\n ]')
pathlib.Path(__file__).with_name("published-vectors.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
print({name: len(cases) for name, cases in vectors.items()})
