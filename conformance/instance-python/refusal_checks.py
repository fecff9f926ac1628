"""What an instance refuses: by key, by policy, by address, by client key."""

import json

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from group import MISSING, TEXT, Group
from harness import KmsError, holds, refused
from world import PASSWORD, SECRET, Instance


class RefusalChecks(Group):
    def unknown_keys(self):
        for name in ("key-hzz00000000aaaaaaaaaa", "alias/none"):
            for operation in ("encrypt", "advance_encrypt"):
                refused(
                    404, "Forbidden.KeyNotFound", lambda: self._call(operation, key_id=name, plaintext=TEXT)
                )

    def keys_outside_the_instance(self):
        outside = self._world.shared("CreateKey")["KeyMetadata"]["KeyId"]
        refused(404, "Forbidden.KeyNotFound", lambda: self._call("encrypt", key_id=outside, plaintext=TEXT))

    def missing_parameters(self):
        refused(400, MISSING, lambda: self._call("encrypt", plaintext=TEXT))
        refused(400, MISSING, lambda: self._call("encrypt", key_id=self._world.aes))
        refused(400, MISSING, lambda: self._call("get_secret_value"))

    def a_disabled_key(self):
        key = self._world.key("Aliyun_AES_256", "ENCRYPT/DECRYPT")
        self._world.shared("DisableKey", KeyId=key)
        refused(409, "Rejected.Disabled", lambda: self._call("encrypt", key_id=key, plaintext=TEXT))

    def resources_of_the_policy(self):
        narrow = Instance(self._world, self._world.narrow)
        narrow("encrypt", key_id=self._world.aes, plaintext=TEXT)
        denied = "Forbidden.NoPermission"
        refused(403, denied, lambda: narrow("encrypt", key_id=self._world.hidden, plaintext=TEXT))
        sealed = self._call("advance_encrypt", key_id=self._world.hidden, plaintext=TEXT)
        refused(403, denied, lambda: narrow("advance_decrypt", ciphertext_blob=sealed.ciphertext_blob))
        refused(403, denied, lambda: narrow("get_secret_value", secret_name=SECRET))

    def network_rules(self):
        """Each operation with what would be good from another address."""
        elsewhere = Instance(self._world, self._world.elsewhere)
        key, signer = {"key_id": self._world.aes}, {"key_id": self._world.rsa_signer}
        sealed = self._call("advance_encrypt", plaintext=TEXT, **key).ciphertext_blob
        plain = self._call("encrypt", plaintext=TEXT, **key)
        signature = {"algorithm": "RSA_PKCS1_SHA_256", "message": TEXT, "message_type": "RAW", **signer}
        pair = {"key_pair_spec": "EC_P256", **key}
        for name, fields in {
            "encrypt": {"plaintext": TEXT, **key},
            "decrypt": {"ciphertext_blob": plain.ciphertext_blob, "iv": plain.iv, **key},
            "advance_encrypt": {"plaintext": TEXT, **key},
            "advance_decrypt": {"ciphertext_blob": sealed},
            "generate_data_key": {"number_of_bytes": 32, **key},
            "advance_generate_data_key": {"number_of_bytes": 32, **key},
            "generate_data_key_pair": pair,
            "generate_data_key_pair_without_plaintext": pair,
            "advance_generate_data_key_pair": pair,
            "advance_generate_data_key_pair_without_plaintext": pair,
            "sign": signature,
            "verify": {"signature": bytes(256), **signature},
            "get_public_key": signer,
            "get_secret_value": {"secret_name": SECRET},
            "generate_random": {"length": 8},
        }.items():
            refused(403, "Forbidden.NoPermission", lambda: elsewhere(name, **fields))

    def a_policy_changes_at_once(self):
        narrow = Instance(self._world, self._world.narrow)
        wide = json.dumps([f"key/{self._world.aes}", f"key/{self._world.hidden}"])
        usual = json.dumps([f"key/{self._world.aes}"])
        self._world.shared("UpdatePolicy", Name="narrow", Resources=wide)
        narrow("encrypt", key_id=self._world.hidden, plaintext=TEXT)
        self._world.shared("UpdatePolicy", Name="narrow", Resources=usual)
        refused(
            403, "Forbidden.NoPermission", lambda: narrow("encrypt", key_id=self._world.hidden, plaintext=TEXT)
        )

    def a_deleted_client_key(self):
        client_key = self._world.new_client_key("narrow")
        call = Instance(self._world, client_key)
        call("generate_random", length=8)
        self._world.shared("DeleteClientKey", ClientKeyId=json.loads(client_key)["KeyId"])
        refused(404, "Unauthorized", lambda: call("generate_random", length=8))

    def a_client_key_that_is_not_valid_yet(self):
        made = self._world.shared(
            "CreateClientKey",
            AapName="narrow",
            Password=PASSWORD,
            NotBefore="2040-01-01T00:00:00Z",
            NotAfter="2041-01-01T00:00:00Z",
        )
        content = json.dumps({"KeyId": made["ClientKeyId"], "PrivateKeyData": made["PrivateKeyData"]})
        call = Instance(self._world, content)
        try:
            call("generate_random", length=8)
            raise AssertionError("accepted")
        except KmsError as error:
            holds(error.status in (401, 403, 404) and error.code == "Unauthorized", f"{error}")
        finally:
            self._world.shared("DeleteClientKey", ClientKeyId=made["ClientKeyId"])

    def another_private_key(self):
        pem = rsa.generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        # The SDK puts the lines around it back itself.
        pem = "".join(line for line in pem.decode().splitlines() if not line.startswith("-----"))
        key_id = json.loads(self._world.client_key)["KeyId"]
        call = Instance(self._world, None, access_key_id=key_id, private_key=pem)
        refused(401, "SignatureNotMatch", lambda: call("generate_random", length=8))
        call = Instance(self._world, None, access_key_id="KAAP.none", private_key=pem)
        refused(404, "Unauthorized", lambda: call("generate_random", length=8))

    def a_wrong_password(self):
        try:
            Instance(self._world, self._world.client_key, password="Wrong-Pass_1234")
        except Exception:  # whatever the SDK makes of it
            return
        raise AssertionError("the client key opens with a wrong password")
