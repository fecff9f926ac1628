"""What the checks work on: keys, a secret, access points and client keys of an instance, made through the OpenAPI."""

import json
import os

from alibabacloud_kms20160120 import models
from alibabacloud_kms20160120.client import Client as KmsClient
from alibabacloud_tea_openapi import models as open_api_models
from alibabacloud_tea_util.models import RuntimeOptions
from openapi import models as config_models
from openapi_util.models import RuntimeOptions as InstanceOptions
from sdk import models as messages
from sdk.client import Client
from Tea.exceptions import TeaException, UnretryableException

from harness import KmsError, Ready, holds
from same_answers import RustClient

PASSWORD = "Instance-Checks_2026"
KEY_USER = "RbacPermission/Template/CryptoServiceKeyUser"
SECRET_USER = "RbacPermission/Template/CryptoServiceSecretUser"
SECRET = "instance-checks"
VERSION_HEADER = "x-kms-migrationkeyversionid"


class OpenApi:
    """An official client with the OpenAPI's calls: wire names in and out."""

    def __init__(self, client):
        self.client = client

    @staticmethod
    def config(ready, endpoint, ca_file):
        return open_api_models.Config(
            endpoint=endpoint,
            region_id=ready.region,
            protocol="HTTPS",
            ca=ca_file,
            read_timeout=30000,
            access_key_id=ready.access_key_id,
            access_key_secret=ready.access_key_secret,
        )

    def __call__(self, action, **parameters):
        method = "".join("_" + letter.lower() if letter.isupper() else letter for letter in action).lstrip("_")
        request = getattr(models, f"{action}Request")().from_map(parameters)
        try:
            return getattr(self.client, f"{method}_with_options")(request, RuntimeOptions()).body.to_map()
        except UnretryableException as error:
            if isinstance(error.inner_exception, TeaException):
                raise refusal(error.inner_exception) from error
            raise
        except TeaException as error:
            raise refusal(error) from error


class Instance:
    """The official instance client: `call("advance_encrypt", key_id=…)` gives the SDK's answer."""

    answered, refused = set(), set()

    def __init__(self, world, client_key, *, password=PASSWORD, ca_file=None, **config):
        # What this client is answered, the Rust client is answered too.
        self.rust = world.rust if client_key and not ca_file else None
        self.client_key = client_key
        self.client = Client(
            config_models.Config(
                endpoint=world.host,
                client_key_content=client_key,
                password=password,
                ca_file_path=ca_file or world.ca_file,
                read_timeout=30000,
                **config,
            )
        )

    def __call__(self, name, *, headers=None, retry=True, **fields):
        message = "".join(word.capitalize() for word in name.split("_"))
        request = getattr(messages, f"{message}Request")(**fields)
        request.request_headers = headers or {}
        options = InstanceOptions(response_headers=[VERSION_HEADER], autoretry=retry)
        beside = (name, request, headers or {}, self.client_key)
        try:
            answer = getattr(self.client, f"{name}_with_options")(request, options)
        except UnretryableException as error:
            if isinstance(error.inner_exception, TeaException):
                raise refusal(error.inner_exception) from error
            raise
        except TeaException as error:
            self.refused.add(name)
            refused = refusal(error)
            if self.rust:
                self.rust.same_refusal(*beside, refused)
            raise refused from error
        self.answered.add(name)
        if self.rust:
            self.rust.same_answer(*beside, answer, answer.response_headers.get(VERSION_HEADER))
        return answer


def refusal(error):
    """The status stands in another place in each of the SDKs."""
    data = error.data or {}
    status = data.get("httpCode") or data.get("statusCode") or getattr(error, "statusCode", None)
    return KmsError(int(status or 0), error.code, error.message, data.get("requestId"))


def version(answer):
    """The key version that an answer names in its header."""
    return answer.response_headers[VERSION_HEADER]


class World:
    def __init__(self, ready_file):
        self.ready = ready = Ready(ready_file)
        with open(ready_file, encoding="utf-8") as file:
            dedicated = json.load(file)["endpoints"]["dedicated"]
        holds(len(dedicated) == 1, f"the ready file names {len(dedicated)} instances, expected one")
        [(self.instance, address)] = dedicated.items()
        self.host, self.ca_file = address["host"], address["ca_file"]
        program = os.environ.get("KEYSTEAD_INSTANCE_ANSWERS")
        self.rust = RustClient(program, self.host, self.ca_file, PASSWORD) if program else None
        self.shared = OpenApi(KmsClient(OpenApi.config(ready, ready.https, ready.ca_file)))
        self.dedicated = OpenApi(KmsClient(OpenApi.config(ready, self.host, self.ca_file)))

        self.aes = self.key("Aliyun_AES_256", "ENCRYPT/DECRYPT")
        self.hidden = self.key("Aliyun_AES_256", "ENCRYPT/DECRYPT")
        self.rsa_cipher = self.key("RSA_2048", "ENCRYPT/DECRYPT")
        self.rsa_signer = self.key("RSA_2048", "SIGN/VERIFY")
        self.ec_signer = self.key("EC_P256", "SIGN/VERIFY")
        self.shared("CreateAlias", KeyId=self.aes, AliasName="alias/instance-checks")
        self.secret_key = self.key("Aliyun_AES_256", "ENCRYPT/DECRYPT")
        self.shared(
            "CreateSecret",
            SecretName=SECRET,
            SecretData="value one é",
            VersionId="v1",
            DKMSInstanceId=self.instance,
            EncryptionKeyId=self.secret_key,
        )
        rules = {"loopback": ["127.0.0.0/8"], "elsewhere": ["192.0.2.0/24"]}
        for name, addresses in rules.items():
            self.shared("CreateNetworkRule", Name=name, Type="Private", SourcePrivateIp=json.dumps(addresses))
        self.client_key = self.access_point("all", [KEY_USER, SECRET_USER], ["key/*", "secret/*"], "loopback")
        self.narrow = self.access_point("narrow", [KEY_USER], [f"key/{self.aes}"], "loopback")
        self.elsewhere = self.access_point("elsewhere", [KEY_USER], ["key/*"], "elsewhere")

    def key(self, spec, usage):
        answer = self.shared("CreateKey", KeySpec=spec, KeyUsage=usage, DKMSInstanceId=self.instance)
        return answer["KeyMetadata"]["KeyId"]

    def access_point(self, name, permissions, resources, rule):
        """A policy, an access point with it alone, and a client key's file for it."""
        self.shared(
            "CreatePolicy",
            Name=name,
            KmsInstance=self.instance,
            Permissions=json.dumps(permissions),
            Resources=json.dumps(resources),
            AccessControlRules=json.dumps({"NetworkRules": [rule]}),
        )
        self.shared("CreateApplicationAccessPoint", Name=name, Policies=json.dumps([name]))
        return self.new_client_key(name)

    def new_client_key(self, access_point):
        made = self.shared("CreateClientKey", AapName=access_point, Password=PASSWORD)
        return json.dumps({"KeyId": made["ClientKeyId"], "PrivateKeyData": made["PrivateKeyData"]})
