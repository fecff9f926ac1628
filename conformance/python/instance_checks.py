"""Instances: every operation of the current SDK, keys and secrets in them, and their end."""

import json
import re
import subprocess
from pathlib import Path

from checks import TIME, Checks, empty
from current import CurrentClient
from harness import equal, holds, matches
from walk.catalogue import OPERATIONS

ID = re.compile(r"kst-[a-z]{3}[0-9a-f]{8}[0-9a-z]{10}")
UNKNOWN = "kst-hzz00000000aaaaaaaaaa"
# Every account has the service: the operation is refused for good.
REFUSED = {"OpenKmsService"}
NAMES = {operation.name for operation in OPERATIONS if "Kms" in operation.name}


def command(ready, *words):
    """What `keystead instance` prints: the API has no operation that makes an instance."""
    program = f"/proc/{ready.pid}/exe"
    folder = str(Path(ready.ca_file).parent)
    done = subprocess.run(
        [program, "instance", *words, "--data-dir", folder], capture_output=True, text=True, timeout=60, check=False
    )
    holds(done.returncode == 0, f"keystead instance {words[0]}: {done.stderr.strip()}")
    return done.stdout


def made(ready, *words):
    return json.loads(command(ready, "create", *words))["instance_id"]


class InstanceChecks(Checks):
    def run(self):
        self.instance = self.check("an instance is made", lambda: made(self.ready, "--name", self.run_id, "--keys", "3"))
        self.other = self.check("another instance is made", lambda: made(self.ready))
        if self.instance and self.other:
            self.described()
            self.connected()
            self.contents()
            self.quotas()
            self.refusals()
            self.released()
            self.check(
                f"each of {len(NAMES - REFUSED)} operations on instances gave a good answer",
                lambda: equal(sorted(NAMES - REFUSED - self.kms.succeeded), [], "operations without one"),
            )

    def shown(self):
        return self.call("GetKmsInstance", KmsInstanceId=self.instance)["KmsInstance"]

    def described(self):
        def get():
            instance = self.shown()
            matches(ID, instance["InstanceId"], "InstanceId")
            for field, value in {
                "InstanceId": self.instance,
                "InstanceName": self.run_id,
                "Status": "Connected",
                "KeyNum": 3,
                "SecretNum": "1000",
                "DeletionProtection": False,
            }.items():
                equal(instance[field], value, field)
            for field in ("CreateTime", "StartDate", "EndDate"):
                matches(TIME, instance[field], field)
            pem = command(self.ready, "ca", "--id", self.instance)
            equal(instance["CaCertificateChainPem"], pem, "CaCertificateChainPem")
            equal(pem.count("BEGIN CERTIFICATE"), 1, "certificates")

        def listed():
            answer = self.call("ListKmsInstances", PageNumber=1, PageSize=100)
            found = {one["KmsInstanceId"]: one["KmsInstanceArn"] for one in answer["KmsInstances"]["KmsInstance"]}
            holds(answer["TotalCount"] >= 2, f"TotalCount is {answer['TotalCount']}")
            for instance in (self.instance, self.other):
                equal(found.get(instance), self.arn(f"keystore/{instance}"), "KmsInstanceArn")

        def default():
            empty(self.call("GetDefaultKmsInstance"), "DefaultKmsInstanceId")

        self.check("GetKmsInstance", get)
        self.check("ListKmsInstances", listed)
        self.check("GetDefaultKmsInstance names none", default)
        self.check(
            "DescribeAccountKmsStatus",
            lambda: equal(self.call("DescribeAccountKmsStatus")["AccountStatus"], "Enabled", "AccountStatus"),
        )
        self.refuses("OpenKmsService is refused", 400, "Forbidden.Opened", "OpenKmsService")

    def connected(self):
        def connect():
            self.call(
                "ConnectKmsInstance",
                KmsInstanceId=self.instance,
                KMProvider="Aliyun",
                VpcId="vpc-1",
                ZoneIds="cn-hangzhou-h,cn-hangzhou-i",
                VSwitchIds="vsw-1,vsw-2",
            )
            instance = self.shown()
            equal(instance["VpcId"], "vpc-1", "VpcId")
            equal(instance["ZoneIds"], ["cn-hangzhou-h", "cn-hangzhou-i"], "ZoneIds")
            equal(instance["VswitchIds"], ["vsw-1", "vsw-2"], "VswitchIds")

        def bind():
            vpc = {"VpcId": "vpc-2", "VSwitchId": "vsw-3", "RegionId": self.ready.region, "VpcOwnerId": self.ready.account}
            self.call("UpdateKmsInstanceBindVpc", KmsInstanceId=self.instance, BindVpcs=json.dumps([vpc]))
            equal(self.shown()["BindVpcs"]["BindVpc"], [vpc], "BindVpc")
            self.call("UpdateKmsInstanceBindVpc", KmsInstanceId=self.instance, BindVpcs="[]")
            equal(self.shown()["BindVpcs"]["BindVpc"], [], "BindVpc")

        self.check("ConnectKmsInstance", connect)
        self.check("UpdateKmsInstanceBindVpc", bind)

    def contents(self):
        def key():
            metadata = self.new_key(DKMSInstanceId=self.instance)
            equal(metadata["DKMSInstanceId"], self.instance, "DKMSInstanceId")
            equal(metadata["ProtectionLevel"], "SOFTWARE", "ProtectionLevel")
            self.key = metadata["KeyId"]
            self.blob = self.call("Encrypt", KeyId=self.key, Plaintext="Grüße")["CiphertextBlob"]
            equal(self.call("Decrypt", CiphertextBlob=self.blob)["Plaintext"], "Grüße", "Plaintext")
            filters = json.dumps([{"Key": "DKMSInstanceId", "Values": [self.instance]}])
            listed = self.call("ListKeys", Filters=filters)["Keys"]["Key"]
            equal([one["KeyId"] for one in listed], [self.key], "KeyId")

        def secret():
            self.secret = f"{self.run_id}/secret"
            answer = self.call(
                "CreateSecret",
                SecretName=self.secret,
                VersionId="v1",
                SecretData="value",
                DKMSInstanceId=self.instance,
                EncryptionKeyId=self.key,
            )
            equal(answer["DKMSInstanceId"], self.instance, "DKMSInstanceId")
            described = self.call("DescribeSecret", SecretName=self.secret)
            equal(described["DKMSInstanceId"], self.instance, "DKMSInstanceId")
            equal(self.call("GetSecretValue", SecretName=self.secret)["SecretData"], "value", "SecretData")
            filters = json.dumps([{"Key": "DKMSInstanceId", "Values": [self.instance]}])
            listed = self.call("ListSecrets", Filters=filters)["SecretList"]["Secret"]
            equal([one["SecretName"] for one in listed], [self.secret], "SecretName")

        self.check("a key in an instance", key)
        self.check("a secret in an instance", secret)
        self.refuses(
            "a secret under a key of another instance is refused",
            400,
            "InvalidParameter",
            "CreateSecret",
            SecretName=f"{self.run_id}/mixed",
            VersionId="v1",
            SecretData="x",
            DKMSInstanceId=self.other,
            EncryptionKeyId=self.key,
        )

    def quotas(self):
        def used(**parameters):
            answer = self.call("GetKmsInstanceQuotaInfos", KmsInstanceId=self.instance, **parameters)
            equal(answer["KmsInstanceId"], self.instance, "KmsInstanceId")
            return {
                one["ResourceType"]: (one["UsedQuantity"], one["ResourceQuota"])
                for one in answer["KmsInstanceQuotaInfos"]
            }

        def filled():
            quotas = used()
            equal(sorted(quotas), ["key", "qps", "secret", "vpc"], "ResourceType")
            equal(quotas["key"], (1, 3), "keys")
            equal(quotas["secret"], (1, 1000), "secrets")
            self.call("CreateKeyVersion", KeyId=self.key)
            self.new_key(DKMSInstanceId=self.instance)
            equal(used(ResourceType="key"), {"key": (3, 3)}, "keys")

        self.check("GetKmsInstanceQuotaInfos", filled)
        full = (400, "Rejected.LimitExceeded")
        self.refuses("a key beyond the quota is refused", *full, "CreateKey", DKMSInstanceId=self.instance)
        self.refuses("a version beyond the quota is refused", *full, "CreateKeyVersion", KeyId=self.key)

    def refusals(self):
        not_found = (403, "Forbidden.DKMSInstanceNotFound")
        fitting = {
            "KMProvider": "Aliyun",
            "VpcId": "vpc-1",
            "ZoneIds": "a,b",
            "VSwitchIds": "a,b",
            "BindVpcs": "[]",
            "KmsInstanceId": UNKNOWN,
        }
        for operation in OPERATIONS:
            if operation.name not in NAMES or "KmsInstanceId" not in operation.required:
                continue
            sent = {name: fitting[name] for name in operation.required}
            self.refuses(f"{operation.name} of an unknown instance is refused", *not_found, operation.name, **sent)
            for name in operation.required:
                rest = {key: value for key, value in sent.items() if key != name}
                self.refuses(
                    f"{operation.name} without {name} is refused", 400, f"Missing{name}", operation.name, **rest
                )
        self.refuses(
            "ConnectKmsInstance with another provider is refused",
            400,
            "InvalidParameter",
            "ConnectKmsInstance",
            **{**fitting, "KmsInstanceId": self.instance, "KMProvider": "Other"},
        )

    def released(self):
        force = {"KmsInstanceId": self.instance, "ForceDeleteWithoutBackup": "true"}
        refused = (400, "Rejected.UnsupportedOperation", "ReleaseKmsInstance")

        def protect(on, **named):
            self.call("SetDeletionProtection", EnableDeletionProtection=on, **named)
            equal(self.shown()["DeletionProtection"], on, "DeletionProtection")

        self.check(
            "an instance is protected by its ARN",
            lambda: protect(True, ProtectedResourceArn=self.arn(f"keystore/{self.instance}")),
        )
        self.refuses("ReleaseKmsInstance of a protected instance is refused", *refused, **force)
        self.check("the protection ends", lambda: protect(False, KmsInstanceId=self.instance))
        self.refuses("ReleaseKmsInstance without force is refused", *refused, KmsInstanceId=self.instance)
        self.check("ReleaseKmsInstance", lambda: self.call("ReleaseKmsInstance", **force))
        self.check(
            "ReleaseKmsInstance of an empty instance",
            lambda: self.call("ReleaseKmsInstance", KmsInstanceId=self.other),
        )
        for name, status, code, action, parameters in (
            ("the instance", 403, "Forbidden.DKMSInstanceNotFound", "GetKmsInstance", {"KmsInstanceId": self.instance}),
            ("its key", 404, "Forbidden.KeyNotFound", "DescribeKey", {"KeyId": self.key}),
            ("what it sealed", 404, "Forbidden.KeyNotFound", "Decrypt", {"CiphertextBlob": self.blob}),
            ("its secret", 404, "Forbidden.ResourceNotFound", "GetSecretValue", {"SecretName": self.secret}),
        ):
            self.refuses(f"{name} is gone", status, code, action, **parameters)


def run(harness, ready):
    for tag, client in (
        ("instances, V3 over HTTPS", {"protocol": "HTTPS"}),
        ("instances, V1 over HTTP", {"algorithm": "v2"}),
    ):
        InstanceChecks(harness, CurrentClient(ready, **client), ready, tag).run()
