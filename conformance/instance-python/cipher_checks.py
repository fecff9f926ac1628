"""Symmetric keys, data keys and data key pairs at the instance."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from group import MISSING, TEXT, Group
from harness import equal, holds, refused
from world import VERSION_HEADER, version


class CipherChecks(Group):
    def encrypt_and_decrypt(self):
        sealed = self._call("encrypt", key_id=self._world.aes, plaintext=TEXT, aad=b"bound")
        equal(sealed.key_id, self._world.aes)
        equal(sealed.algorithm, "AES_GCM")
        equal(len(sealed.iv), 12, "length of the IV")
        holds(len(sealed.ciphertext_blob) >= len(TEXT) + 16, "the ciphertext is too short for its tag")
        holds(sealed.request_id, "no request id")
        opened = self._call(
            "decrypt", key_id=self._world.aes, ciphertext_blob=sealed.ciphertext_blob, iv=sealed.iv, aad=b"bound"
        )
        equal(opened.plaintext, TEXT)
        equal(version(opened), version(sealed))

    def an_iv_of_ones_own(self):
        iv = bytes(range(12))
        sealed = self._call("encrypt", key_id=self._world.aes, plaintext=TEXT, iv=iv, algorithm="AES_GCM")
        equal(sealed.iv, iv)

    def the_version_alone_finds_the_key(self):
        sealed = self._call("encrypt", key_id=self._world.aes, plaintext=TEXT)
        opened = self._call(
            "decrypt",
            ciphertext_blob=sealed.ciphertext_blob,
            iv=sealed.iv,
            headers={VERSION_HEADER: version(sealed)},
        )
        equal((opened.plaintext, opened.key_id), (TEXT, self._world.aes))

    def what_was_changed_does_not_open(self):
        sealed = self._call("encrypt", key_id=self._world.aes, plaintext=TEXT, aad=b"bound")
        good = {"key_id": self._world.aes, "ciphertext_blob": sealed.ciphertext_blob, "iv": sealed.iv, "aad": b"bound"}
        changed = bytes([sealed.ciphertext_blob[0] ^ 1]) + sealed.ciphertext_blob[1:]
        for name, bad in [
            ("ciphertext_blob", changed),
            ("ciphertext_blob", sealed.ciphertext_blob[:-1]),
            ("iv", bytes(12)),
            ("iv", b"short"),
            ("aad", b"other"),
            ("aad", None),
            ("key_id", self._world.hidden),
        ]:
            refused(400, "InvalidParameter", lambda: self._call("decrypt", **{**good, name: bad}))

    def advance_encrypt_and_decrypt(self):
        sealed = self._call("advance_encrypt", key_id="alias/instance-checks", plaintext=TEXT, aad=b"bound")
        equal(sealed.key_id, self._world.aes, "key of the alias")
        equal(sealed.ciphertext_blob[:3], b"$\0\2", "head")
        equal(sealed.ciphertext_blob[3:39].decode(), sealed.key_version_id)
        equal(sealed.ciphertext_blob[39:51], sealed.iv)
        equal(version(sealed), sealed.key_version_id)
        opened = self._call("advance_decrypt", ciphertext_blob=sealed.ciphertext_blob, aad=b"bound")
        equal((opened.plaintext, opened.key_id), (TEXT, self._world.aes))
        equal(opened.key_version_id, sealed.key_version_id)
        refused(
            400,
            "InvalidParameter",
            lambda: self._call("advance_decrypt", ciphertext_blob=sealed.ciphertext_blob, aad=b"other"),
        )
        changed = sealed.ciphertext_blob[:-1] + bytes([sealed.ciphertext_blob[-1] ^ 1])
        refused(
            400,
            "InvalidParameter",
            lambda: self._call("advance_decrypt", ciphertext_blob=changed, aad=b"bound"),
        )

    def after_a_rotation(self):
        """The plain forms use the initial version, the Advance forms the primary one."""
        key = self._world.key("Aliyun_AES_256", "ENCRYPT/DECRYPT")
        before = self._call("advance_encrypt", key_id=key, plaintext=TEXT)
        self._world.shared("CreateKeyVersion", KeyId=key)
        after = self._call("advance_encrypt", key_id=key, plaintext=TEXT)
        plain = self._call("encrypt", key_id=key, plaintext=TEXT)
        holds(after.key_version_id != before.key_version_id, "the primary version is still the initial one")
        equal(version(plain), before.key_version_id, "version of the plain form")
        for blob in (before.ciphertext_blob, after.ciphertext_blob):
            equal(self._call("advance_decrypt", ciphertext_blob=blob).plaintext, TEXT)
        opened = self._call(
            "advance_decrypt", ciphertext_blob=plain.ciphertext_blob, key_id=key, iv=plain.iv, algorithm="AES_GCM"
        )
        equal(opened.plaintext, TEXT)

    def data_keys(self):
        made = self._call("generate_data_key", key_id=self._world.aes, number_of_bytes=48, aad=b"bound")
        equal(len(made.plaintext), 48)
        opened = self._call(
            "decrypt", key_id=self._world.aes, ciphertext_blob=made.ciphertext_blob, iv=made.iv, aad=b"bound"
        )
        equal(opened.plaintext, made.plaintext)
        made = self._call("advance_generate_data_key", key_id=self._world.aes, number_of_bytes=32)
        opened = self._call("advance_decrypt", ciphertext_blob=made.ciphertext_blob)
        equal(opened.plaintext, made.plaintext)
        equal(opened.key_version_id, made.key_version_id)
        AESGCM(made.plaintext).encrypt(bytes(12), TEXT, None)
        for name in ("generate_data_key", "advance_generate_data_key"):
            refused(400, "InvalidParameter", lambda: self._call(name, key_id=self._world.aes, number_of_bytes=1025))
            refused(400, MISSING, lambda: self._call(name, key_id=self._world.aes))

    def data_key_pairs(self):
        for form, specs in (("", ["RSA_2048", "EC_P256"]), ("advance_", ["RSA_2048", "EC_P256"])):
            for spec in specs:
                name = f"{form}generate_data_key_pair"
                made = self._call(name, key_id=self._world.aes, key_pair_spec=spec, key_format="DER")
                equal(made.key_pair_spec, spec)
                private = serialization.load_der_private_key(made.private_key_plaintext, None)
                public = serialization.load_der_public_key(made.public_key)
                equal(private.public_key().public_numbers(), public.public_numbers(), "public key")
                equal(self._opened_pair(form, made, made.private_key_ciphertext_blob), made.private_key_plaintext)
                sealed = self._call(
                    f"{name}_without_plaintext", key_id=self._world.aes, key_pair_spec=spec, key_format="PEM"
                )
                opened = self._opened_pair(form, sealed, sealed.private_key_ciphertext_blob)
                private = serialization.load_pem_private_key(opened, None)
                public = serialization.load_pem_public_key(sealed.public_key)
                equal(private.public_key().public_numbers(), public.public_numbers(), "public key")
        refused(
            400,
            ["InvalidParameter", "UnsupportedOperation"],
            lambda: self._call("generate_data_key_pair", key_id=self._world.aes, key_pair_spec="RSA_1024"),
        )

    def _opened_pair(self, form, made, blob):
        if form:
            return self._call("advance_decrypt", ciphertext_blob=blob).plaintext
        return self._call("decrypt", key_id=self._world.aes, ciphertext_blob=blob, iv=made.iv).plaintext
