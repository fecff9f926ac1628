"""Key pairs at the instance; signatures and ciphertexts are checked or made here as well."""

import hashlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

from group import TEXT, Group
from harness import equal, holds, refused
from world import version


class PairChecks(Group):
    def rsa_signatures(self):
        public = self._public_key(self._world.rsa_signer)
        digest = hashlib.sha256(TEXT).digest()
        for algorithm in ("RSA_PKCS1_SHA_256", "RSA_PSS_SHA_256"):
            for kind, message in (("RAW", TEXT), ("DIGEST", digest)):
                made = self._call(
                    "sign",
                    key_id=self._world.rsa_signer,
                    algorithm=algorithm,
                    message=message,
                    message_type=kind,
                )
                scheme = padding.PKCS1v15()
                if "PSS" in algorithm:
                    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
                public.verify(made.signature, TEXT, scheme, hashes.SHA256())
                self._verifies(self._world.rsa_signer, algorithm, message, kind, made.signature)

    def ec_signatures(self):
        public = self._public_key(self._world.ec_signer)
        made = self._call(
            "sign", key_id=self._world.ec_signer, algorithm="ECDSA_SHA_256", message=TEXT, message_type="RAW"
        )
        public.verify(made.signature, TEXT, ec.ECDSA(hashes.SHA256()))
        self._verifies(self._world.ec_signer, "ECDSA_SHA_256", TEXT, "RAW", made.signature)

    def _verifies(self, key, algorithm, message, kind, signature):
        def verified(signature, message):
            return self._call(
                "verify",
                key_id=key,
                algorithm=algorithm,
                message=message,
                message_type=kind,
                signature=signature,
            ).value

        equal(verified(signature, message), True)
        equal(verified(signature, bytes([message[0] ^ 1]) + message[1:]), False)

    def a_digest_of_the_wrong_length(self):
        refused(
            400,
            "InvalidParameter",
            lambda: self._call(
                "sign",
                key_id=self._world.rsa_signer,
                algorithm="RSA_PKCS1_SHA_256",
                message=b"short",
                message_type="DIGEST",
            ),
        )

    def rsa_ciphertexts(self):
        public = self._public_key(self._world.rsa_cipher)
        for algorithm, hash_kind in (("RSAES_OAEP_SHA_256", hashes.SHA256), ("RSAES_OAEP_SHA_1", hashes.SHA1)):
            here = public.encrypt(TEXT, padding.OAEP(padding.MGF1(hash_kind()), hash_kind(), None))
            there = self._call("encrypt", key_id=self._world.rsa_cipher, plaintext=TEXT, algorithm=algorithm)
            for blob in (here, there.ciphertext_blob):
                opened = self._call(
                    "decrypt", key_id=self._world.rsa_cipher, ciphertext_blob=blob, algorithm=algorithm
                )
                equal(opened.plaintext, TEXT)
        refused(
            404,
            "Forbidden.OnlySymmetricKeySupported",
            lambda: self._call("advance_encrypt", key_id=self._world.rsa_cipher, plaintext=TEXT),
        )

    def _public_key(self, key):
        answer = self._call("get_public_key", key_id=key)
        equal(answer.key_id, key)
        holds(version(answer), "no key version in the header")
        return serialization.load_pem_public_key(answer.public_key.encode())
