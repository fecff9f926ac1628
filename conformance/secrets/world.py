"""A server as the clients' deployments know it: who may read its secrets, by which way, and how each way is configured."""

import json
import os
import secrets

from credential_checks import AUDIENCE, ISSUER, SUBJECT, Issuer
from current import CurrentClient
from harness import Ready, holds
from identities import Identities

PASSWORD = "Scenario-Pass_2026"
# A secret under a key of its owner's, as those of instances are, needs the key as well.
SECRET_USER, KEY_USER = "AliyunKMSSecretUserAccess", "AliyunKMSCryptoUserAccess"
OF_ACCESS_POINTS = "RbacPermission/Template/CryptoServiceSecretUser"
MACHINE_ROLE = "scenario-machine"
# Families that a scenario is for when it names none.
READING = ("v1", "v2", "rust")
READER, STRANGER, KEYLESS = "reader", "stranger", "keyless"

# What each family of clients can do, the first way of a gateway being the one for scenarios that need just one.
WAYS = {
    "v1": {
        "shared": ["access_key", "session", "client_key", "ram_role", "ecs_ram_role"],
        "dedicated": ["client_key"],
    },
    "v2": {
        "shared": ["access_key", "session", "oidc_role_arn", "ecs_ram_role"],
        "dedicated": ["access_key", "session", "oidc_role_arn", "ecs_ram_role"],
    },
    # The plug-in that calls with the AccessKeys of secrets.
    "ram": {
        "shared": ["client_key", "ecs_ram_role"],
    },
    # Keystead's own client.
    "rust": {
        "shared": ["access_key", "session", "client_key", "ram_role", "oidc_role_arn", "ecs_ram_role"],
        "dedicated": ["access_key", "session", "client_key", "oidc_role_arn", "ecs_ram_role"],
    },
}


class World:
    """`named` is the world in which the server has the vendor's own names and addresses; `others` are servers of further
    regions."""

    def __init__(self, ready_file, folder, named=False, others=()):
        self.ready = ready = Ready(ready_file)
        self.folder = folder
        self.named = named
        with open(ready_file, encoding="utf-8") as file:
            dedicated = json.load(file)["endpoints"]["dedicated"]
        holds(len(dedicated) == 1, f"the ready file names {len(dedicated)} instances, expected one")
        [(self.instance, address)] = dedicated.items()
        self.instance_host, self.instance_ca = address["host"].removesuffix(":443"), address["ca_file"]
        self.endpoint = ready.https
        self.admin = CurrentClient(ready, protocol="HTTPS")
        self.regions = [self.admin, *(CurrentClient(other, protocol="HTTPS") for other in others)]
        authorities = [ready.ca_file, self.instance_ca, *(other.ca_file for other in others)]
        self.trust = self.file("trust.pem", "".join(self.text(authority) for authority in authorities))
        self.password_file = self.file("password", PASSWORD)
        self.identities()
        self.client_keys = {
            (gateway, who): self.client_key(gateway, who) for gateway in ("shared", "dedicated") for who in (READER, STRANGER)
        }
        specification = dict(KeySpec="Aliyun_AES_256", KeyUsage="ENCRYPT/DECRYPT", DKMSInstanceId=self.instance)
        self.instance_key = self.call("CreateKey", **specification)["KeyMetadata"]["KeyId"]

    def call(self, action, **parameters):
        return self.admin.call(action, **parameters)

    @staticmethod
    def text(path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def identities(self):
        made = Identities(self.admin, self.ready.account)
        own_account = {"RAM": [f"acs:ram::{self.ready.account}:root"]}
        self.users = {
            READER: made.user("scenario-reader", SECRET_USER, KEY_USER, "AliyunSTSAssumeRoleAccess"),
            KEYLESS: made.user("scenario-keyless", SECRET_USER),
            STRANGER: made.user("scenario-stranger", "AliyunSTSAssumeRoleAccess"),
        }
        self.roles = {
            READER: made.role("scenario-role", own_account, SECRET_USER, KEY_USER),
            STRANGER: made.role("scenario-no-role", own_account),
        }
        made.role(MACHINE_ROLE, {"Service": ["ecs.aliyuncs.com"]}, SECRET_USER, KEY_USER)
        self.provider = made.oidc_provider("scenario-cluster", ISSUER, AUDIENCE)
        subject = {"StringEquals": {"oidc:iss": ISSUER, "oidc:aud": AUDIENCE, "oidc:sub": SUBJECT}}
        self.pod = made.role("scenario-pod", {"Federated": [self.provider]}, SECRET_USER, KEY_USER, condition=subject)
        issuer = Issuer(os.path.join(os.path.dirname(self.ready.path), "oidc-keys.json"))
        self.token_file = self.file("token", issuer.token())

    def client_key(self, gateway, who):
        """The file of a client key for all secrets, or for one that is not there."""
        name = f"scenario-{gateway}-{who}"
        resources = ["secret/*"] if who == READER else ["secret/elsewhere"]
        self.call(
            "CreatePolicy",
            Name=name,
            KmsInstance=self.instance if gateway == "dedicated" else "shared",
            Permissions=json.dumps([OF_ACCESS_POINTS]),
            Resources=json.dumps(resources),
        )
        self.call("CreateApplicationAccessPoint", Name=name, Policies=json.dumps([name]))
        made = self.call("CreateClientKey", AapName=name, Password=PASSWORD)
        return self.file(f"{name}.json", json.dumps({"KeyId": made["ClientKeyId"], "PrivateKeyData": made["PrivateKeyData"]}))

    def session(self, who):
        """Keys and token of a session of a role."""
        user = CurrentClient(self.ready, protocol="HTTPS", access_key_id=self.users[who][0], access_key_secret=self.users[who][1])
        name = f"scenario-{secrets.token_hex(3)}"
        keys = user.call_generic("AssumeRole", version="2015-04-01", RoleArn=self.roles[who], RoleSessionName=name)["Credentials"]
        return keys["AccessKeyId"], keys["AccessKeySecret"], keys["SecurityToken"]

    def secret(self, gateway):
        """What CreateSecret needs more for a secret that this gateway serves."""
        return {"DKMSInstanceId": self.instance, "EncryptionKeyId": self.instance_key} if gateway == "dedicated" else {}

    def has(self, gateway, way):
        """Whether the way can be gone here, and was not seen in the other world."""
        if not self.named:
            return way not in ("ram_role", "ecs_ram_role")
        return gateway == "dedicated" or way not in ("access_key", "session", "client_key")

    def settings(self, family, way, gateway, who=READER, endpoint=None, via="environment"):
        """What a deployment writes into its environment or properties file (`via`), and what it says in code."""
        region = {"regionId": self.ready.region}
        options, settings = {}, {}
        if gateway == "dedicated" and way == "client_key":
            return {"cache_client_dkms_config_info": json.dumps([self.dkms_config(who, via)])}, options
        if gateway == "dedicated":
            region.update(endpoint=self.instance_host, caFilePath=self.instance_ca)
        elif endpoint or not self.named:
            region["endpoint"] = endpoint or self.endpoint
        settings["cache_client_region_id"] = json.dumps([region])
        settings.update(getattr(self, f"by_{way}")(family, gateway, who, options))
        return settings, options

    def root_settings(self, regions):
        """The account's own AccessKey, which all regions know."""
        listed = [{"regionId": region["region"], "vpc": region.get("vpc", False)} for region in regions]
        return {
            "cache_client_region_id": json.dumps(listed),
            "credentials_type": "ak",
            "credentials_access_key_id": self.ready.access_key_id,
            "credentials_access_secret": self.ready.access_key_secret,
        }

    def dkms_config(self, who, via):
        config = {
            "regionId": self.ready.region,
            "endpoint": self.instance_host,
            "clientKeyFile": self.client_keys["dedicated", who],
            "passwordFromFilePath": self.password_file,
            "ignoreSslCerts": False,
            "caFilePath": self.instance_ca,
        }
        if via == "environment":
            # Of an authority's file the client of Go reads nothing then. In a properties file, on the other hand, it passes
            # over every line with a second `=` in it, as a certificate may bring.
            config["caCert"] = self.text(self.instance_ca)
        return config

    def by_access_key(self, _family, _gateway, who, _options):
        key_id, secret = self.users[who]
        return {"credentials_type": "ak", "credentials_access_key_id": key_id, "credentials_access_secret": secret}

    def by_session(self, family, _gateway, who, options):
        keys = self.session(who)
        if family == "v1":  # only in code
            options["session"] = keys
            return {}
        names = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN")
        return dict(zip(names, keys))

    def by_client_key(self, _family, gateway, who, _options):
        return {
            "credentials_type": "client_key",
            "client_key_private_key_path": self.client_keys[gateway, who],
            "client_key_password_from_file_path": self.password_file,
        }

    def by_ram_role(self, _family, _gateway, who, _options):
        key_id, secret = self.users[who]
        return {
            "credentials_type": "ram_role",
            "credentials_access_key_id": key_id,
            "credentials_access_secret": secret,
            "credentials_role_arn": self.roles[who],
            "credentials_role_session_name": "scenario",
        }

    def by_ecs_ram_role(self, *_):
        return {"credentials_type": "ecs_ram_role", "credentials_role_name": MACHINE_ROLE}

    def by_oidc_role_arn(self, *_):
        settings = {
            "credentials_type": "oidc_role_arn",
            "credentials_role_arn": self.pod,
            "credentials_role_session_name": "scenario",
            "credentials_oidc_provider_arn": self.provider,
            "credentials_oidc_token_file_path": self.token_file,
        }
        return settings if self.named else {**settings, "credentials_sts_endpoint": self.endpoint}
