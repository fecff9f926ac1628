"""A program as users write it: it finds its credentials as the stock SDK does, encrypts, and tries what it may not.

    probe.py ENDPOINT CA_FILE KEY_ID

All else stands in the environment. Prints one JSON object.
"""

import json
import sys

from alibabacloud_credentials.client import Client as CredentialClient
from alibabacloud_kms20160120 import models
from alibabacloud_kms20160120.client import Client
from alibabacloud_tea_openapi import utils_models as open_api_models


def main():
    endpoint, ca_file, key_id = sys.argv[1:]
    credential = CredentialClient()
    kms = Client(open_api_models.Config(credential=credential, endpoint=endpoint, ca=ca_file, read_timeout=30000))
    blob = kms.encrypt(models.EncryptRequest(key_id=key_id, plaintext="cHJvYmU=")).body.ciphertext_blob
    plaintext = kms.decrypt(models.DecryptRequest(ciphertext_blob=blob)).body.plaintext
    try:
        kms.create_key(models.CreateKeyRequest())
        denied = None
    except Exception as error:
        denied = getattr(error, "code", str(error))
    print(
        json.dumps(
            {
                "provider": credential.get_credential().provider_name,
                "plaintext": plaintext,
                "denied": denied,
                "temporary": bool(credential.get_credential().security_token),
            }
        )
    )


if __name__ == "__main__":
    main()
