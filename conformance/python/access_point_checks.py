"""Application access points with the current SDK, the ClientKey files that come of them, and the Secrets Manager client."""

import base64
import json
import os
import re
import subprocess
import tempfile
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import load_pem_x509_certificate

from checks import TIME, Checks
from current import CurrentClient
from harness import equal, holds, matches
from walk.catalogue import OPERATIONS

PASSWORD = "Test-Pass_1234"
CLIENT_KEY_ID = re.compile(r"KAAP\.[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
UNKNOWN_KEY = "KAAP.00000000-1111-2222-3333-444444444444"
KEY_USER = "RbacPermission/Template/CryptoServiceKeyUser"
SECRET_USER = "RbacPermission/Template/CryptoServiceSecretUser"
OF_KEYS_AND_SECRETS = re.compile(r"(Key|Secret|Rotation)Policy$")
OF_APPLICATIONS = re.compile(r"ApplicationAccessPoint|ClientKey|NetworkRule|Polic(y|ies)$")
NAMES = {
    operation.name
    for operation in OPERATIONS
    if OF_APPLICATIONS.search(operation.name) and not OF_KEYS_AND_SECRETS.search(operation.name)
}
NOT_FOUND = (404, "Forbidden.ResourceNotFound")


def openssl(*words, data):
    done = subprocess.run(["openssl", *words], input=data, capture_output=True, timeout=60, check=False)
    holds(done.returncode == 0, f"openssl {words[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


class AccessPointChecks(Checks):
    def run(self):
        self.rule, self.policy, self.point = (f"{self.run_id}-{kind}" for kind in ("rule", "policy", "point"))
        self.secret, self.other = f"{self.run_id}/read", f"{self.run_id}/other"
        self.network_rules()
        self.policies()
        self.access_points()
        self.refusals()
        self.client_keys()
        if self.key:
            self.files()
            self.reading()
        self.ending()
        self.check(
            f"each of {len(NAMES)} operations on access points gave a good answer",
            lambda: equal(sorted(NAMES - self.kms.succeeded), [], "operations without one"),
        )

    def shows(self, action, expected, **parameters):
        answer = self.call(action, **parameters)
        equal({name: answer.get(name) for name in expected}, expected, "the answer")
        return answer

    def network_rules(self):
        rule = {
            "Arn": self.arn(f"network/{self.rule}"),
            "Type": "Private",
            "SourcePrivateIp": '["127.0.0.0/8","192.0.2.1"]',
            "Description": "of the checks é",
        }

        def listed():
            answer = self.call("ListNetworkRules", PageNumber=1, PageSize=100)
            found = {"Name": self.rule, "Type": "Private"}
            holds(found in answer["NetworkRules"]["NetworkRule"], f"{found} is not in {answer}")

        def updated():
            self.call("UpdateNetworkRule", Name=self.rule, SourcePrivateIp='["127.0.0.0/8"]', Description="")
            self.shows("DescribeNetworkRule", {"SourcePrivateIp": '["127.0.0.0/8"]'}, Name=self.rule)

        made = {name: rule[name] for name in ("Type", "SourcePrivateIp", "Description")}
        self.check("CreateNetworkRule", lambda: self.shows("CreateNetworkRule", rule, Name=self.rule, **made))
        self.check("DescribeNetworkRule", lambda: self.shows("DescribeNetworkRule", rule, Name=self.rule))
        self.check("ListNetworkRules", listed)
        self.check("UpdateNetworkRule", updated)

    def policies(self):
        permissions, resources = [KEY_USER, SECRET_USER], ["key/*", f"secret/{self.secret}"]
        rules = '{"NetworkRules":["%s"]}' % self.rule
        texts = {
            "Permissions": json.dumps(permissions),
            "Resources": json.dumps(resources),
            "AccessControlRules": rules,
            "KmsInstance": "shared",
        }

        def made():
            answer = self.call("CreatePolicy", Name=self.policy, **texts)
            equal(answer["Arn"], self.arn(f"policy/{self.policy}"), "Arn")
            equal(json.loads(answer["Permissions"]), permissions, "Permissions")
            equal(json.loads(answer["Resources"]), resources, "Resources")
            equal(json.loads(answer["AccessControlRules"]), {"NetworkRules": [self.rule]}, "AccessControlRules")

        def described():
            expected = {"Permissions": permissions, "Resources": resources, "KmsInstance": "shared"}
            self.shows("DescribePolicy", {**expected, "AccessControlRules": rules}, Name=self.policy)

        def listed():
            answer = self.call("ListPolicies", PageNumber=1, PageSize=100)
            holds({"Name": self.policy} in answer["Policies"]["Policy"], f"it is not in {answer}")

        def updated():
            self.call("UpdatePolicy", Name=self.policy, Description="changed", Permissions=json.dumps([SECRET_USER]))
            expected = {"Description": "changed", "Permissions": [SECRET_USER], "Resources": resources}
            self.shows("DescribePolicy", expected, Name=self.policy)

        self.check("CreatePolicy", made)
        self.check("DescribePolicy", described)
        self.check("ListPolicies", listed)
        self.check("UpdatePolicy", updated)

    def access_points(self):
        point = {
            "Arn": self.arn(f"applicationaccesspoint/{self.point}"),
            "AuthenticationMethod": "ClientKey",
            "Policies": json.dumps([self.policy]),
            "Description": "",
        }

        def listed():
            answer = self.call("ListApplicationAccessPoints", PageNumber=1, PageSize=100)
            found = {"Name": self.point, "AuthenticationMethod": "ClientKey"}
            points = answer["ApplicationAccessPoints"]["ApplicationAccessPoint"]
            holds(found in points, f"{found} is not in {answer}")

        def updated():
            self.call("UpdateApplicationAccessPoint", Name=self.point, Description="x", Policies=point["Policies"])
            self.shows("DescribeApplicationAccessPoint", {**point, "Description": "x"}, Name=self.point)

        self.check(
            "CreateApplicationAccessPoint",
            lambda: self.shows(
                "CreateApplicationAccessPoint",
                point,
                Name=self.point,
                AuthenticationMethod="ClientKey",
                Policies=point["Policies"],
            ),
        )
        self.check(
            "DescribeApplicationAccessPoint",
            lambda: self.shows("DescribeApplicationAccessPoint", point, Name=self.point),
        )
        self.check("ListApplicationAccessPoints", listed)
        self.check("UpdateApplicationAccessPoint", updated)

    def refusals(self):
        exists, in_use = (409, "Rejected.ResourceExist"), (409, "Rejected.ResourceInUse")
        policy = {"Permissions": json.dumps([SECRET_USER]), "Resources": '["secret/*"]'}
        self.refuses("a rule of a name in use is refused", *exists, "CreateNetworkRule", Name=self.rule, Type="Private")
        self.refuses("a policy of a name in use is refused", *exists, "CreatePolicy", Name=self.policy, **policy)
        self.refuses(
            "an access point of a name in use is refused",
            *exists,
            "CreateApplicationAccessPoint",
            Name=self.point,
            Policies=json.dumps([self.policy]),
        )
        self.refuses("deleting a rule in use is refused", *in_use, "DeleteNetworkRule", Name=self.rule)
        self.refuses("deleting a policy in use is refused", *in_use, "DeletePolicy", Name=self.policy)
        self.refuses(
            "a policy of an unknown instance is refused",
            403,
            "Forbidden.DKMSInstanceNotFound",
            "CreatePolicy",
            Name=f"{self.policy}-2",
            KmsInstance="kst-hzz00000000aaaaaaaaaa",
            **policy,
        )
        fitting = {"AapName": f"{self.point}-2", "ClientKeyId": UNKNOWN_KEY, "Password": PASSWORD}
        for operation in OPERATIONS:
            if operation.name not in NAMES:
                continue
            if operation.name.startswith(("Describe", "Update", "Delete", "Get", "CreateClientKey")):
                sent = {name: fitting.get(name, f"{self.run_id}-none") for name in operation.required}
                self.refuses(f"{operation.name} of an unknown one is refused", *NOT_FOUND, operation.name, **sent)
            for name in operation.required:
                rest = {key: value for key, value in operation.required.items() if key != name}
                self.refuses(
                    f"{operation.name} without {name} is refused", 400, f"Missing{name}", operation.name, **rest
                )

    def new_key(self, **parameters):
        return self.call("CreateClientKey", AapName=self.point, Password=PASSWORD, **parameters)

    def client_keys(self):
        def made():
            key = self.new_key()
            matches(CLIENT_KEY_ID, key["ClientKeyId"], "ClientKeyId")
            equal(key["KeyAlgorithm"], "RSA_2048", "KeyAlgorithm")
            for name in ("NotBefore", "NotAfter"):
                matches(TIME, key[name], name)
            holds(key["PrivateKeyData"].startswith("MII"), "PrivateKeyData is no DER")
            return key

        self.key = self.check("CreateClientKey", made)
        if not self.key:
            return
        expected = {
            "AapName": self.point,
            "KeyOrigin": "KMS_PROVIDED",
            **{name: self.key[name] for name in ("ClientKeyId", "KeyAlgorithm", "NotBefore", "NotAfter")},
        }

        def listed():
            keys = self.call("ListClientKeys", AapName=self.point)["ClientKeys"]
            equal([{name: key[name] for name in expected} for key in keys], [expected], "ClientKeys")

        def full():
            more = [self.new_key()["ClientKeyId"] for _ in range(2)]
            self.refused(
                400, "Rejected.LimitExceeded", "CreateClientKey", AapName=self.point, Password=PASSWORD
            )
            for key in more:
                self.call("DeleteClientKey", ClientKeyId=key)

        self.check(
            "GetClientKey", lambda: self.shows("GetClientKey", expected, ClientKeyId=self.key["ClientKeyId"])
        )
        self.check("ListClientKeys", listed)
        self.check("an access point has at most three client keys", full)
        for what, parameters in (
            ("a password of one kind of characters", {"Password": "abcdefgh"}),
            ("a start without an end", {"NotBefore": "2026-01-01T00:00:00Z"}),
        ):
            sent = {"AapName": self.point, "Password": PASSWORD, **parameters}
            self.refuses(f"{what} is refused", 400, "InvalidParameter", "CreateClientKey", **sent)

    def certificate(self):
        pem = self.call("GetClientKey", ClientKeyId=self.key["ClientKeyId"])["PublicKeyData"]
        return load_pem_x509_certificate(pem.encode())

    def files(self):
        """The PKCS#12 file in other implementations than the one that wrote it."""
        data = base64.b64decode(self.key["PrivateKeyData"], validate=True)

        def by_cryptography():
            key, certificate, more = pkcs12.load_key_and_certificates(data, PASSWORD.encode())
            equal(more, [], "further certificates")
            equal(certificate, self.certificate(), "the certificate")
            equal(key.key_size, 2048, "the key's bits")
            equal(key.public_key().public_numbers(), certificate.public_key().public_numbers(), "the public key")
            signature = key.sign(b"x", padding.PKCS1v15(), hashes.SHA256())
            certificate.public_key().verify(signature, b"x", padding.PKCS1v15(), hashes.SHA256())
            written = f"{certificate.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}"
            equal(written, self.key["NotBefore"], "the certificate's start")
            valid = certificate.not_valid_after_utc - certificate.not_valid_before_utc
            equal(valid, timedelta(days=5 * 365), "the validity")

        def by_openssl():
            with_password = ("-passin", f"pass:{PASSWORD}")
            # Without -legacy: 3DES and SHA-1 are in OpenSSL's default provider.
            pem = openssl("pkcs12", "-nodes", *with_password, data=data)
            certificate = openssl("x509", "-noout", "-modulus", data=pem)
            equal(openssl("rsa", "-noout", "-modulus", data=pem), certificate, "the modulus")
            openssl("rsa", "-noout", "-check", data=pem)
            pem = pem.decode()
            holds(pem.index("BEGIN CERTIFICATE") < pem.index("BEGIN PRIVATE KEY"), "the key stands first")
            equal(pem.count("-----BEGIN "), 2, "items")
            ids = re.findall(r"localKeyID: (.*)", pem)
            equal(len(ids), 2, "local key ids")
            equal(ids[0], ids[1], "the local key ids")

        def wrong_password():
            try:
                pkcs12.load_key_and_certificates(data, b"Test-Pass_1235")
            except ValueError:
                return
            holds(False, "it opens with another password")

        self.check("the ClientKey file opens in Python's cryptography", by_cryptography)
        self.check("the ClientKey file opens in OpenSSL without its legacy algorithms", by_openssl)
        self.check("the ClientKey file does not open with another password", wrong_password)

    def read(self, *names, key=None, http=False):
        key = key or self.key
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "clientkey.json")
            file.write_text(json.dumps({"KeyId": key["ClientKeyId"], "PrivateKeyData": key["PrivateKeyData"]}))
            settings = {
                "credentials_type": "client_key",
                "client_key_private_key_path": str(file),
                "client_key_password": PASSWORD,
            }
            asked = {
                "region": self.ready.region,
                "endpoint": self.ready.http if http else self.ready.https,
                "http": http,
                "secrets": names,
            }
            done = subprocess.run(
                [os.environ["KEYSTEAD_SECRETS_MANAGER_PYTHON"], Path(__file__).parent / "secrets_manager" / "read.py"],
                input=json.dumps(asked),
                env={"PATH": os.environ["PATH"], "HOME": folder, "PYTHONDONTWRITEBYTECODE": "1", **settings},
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        holds(done.returncode == 0, f"the client failed: {done.stderr[-500:]}")
        return json.loads(done.stdout)

    def reading(self):
        """The official client on the shared gateway with nothing but the ClientKey."""
        for name in (self.secret, self.other):
            self.check(
                f"CreateSecret {name.partition('/')[2]}",
                lambda name=name: self.call("CreateSecret", SecretName=name, VersionId="v1", SecretData="Grüße 密钥"),
            )
        denied = {"code": "Forbidden.NoPermission", "status": 403}
        value = {"value": "Grüße 密钥", "type": "text"}
        both = (self.secret, self.other)

        def not_from_here():
            self.call("UpdateNetworkRule", Name=self.rule, SourcePrivateIp='["192.0.2.0/24"]')
            equal(self.read(self.secret), [denied], "the answer")
            self.call("UpdateNetworkRule", Name=self.rule, SourcePrivateIp='["127.0.0.0/8"]')
            equal(self.read(self.secret), [value], "the answer")

        def deleted():
            key = self.new_key()
            equal(self.read(self.secret, key=key), [value], "the answer")
            self.call("DeleteClientKey", ClientKeyId=key["ClientKeyId"])
            gone = {"code": "InvalidAccessKeyId.NotFound", "status": 404}
            equal(self.read(self.secret, key=key), [gone], "the answer")

        def not_valid_yet():
            key = self.new_key(NotBefore="2999-01-01T00:00:00Z", NotAfter="2999-02-01T00:00:00Z")
            early = {"code": "InvalidAccessKeyId.Inactive", "status": 400}
            equal(self.read(self.secret, key=key), [early], "the answer")
            self.call("DeleteClientKey", ClientKeyId=key["ClientKeyId"])

        def another_key():
            key = self.new_key()
            mixed = {**key, "PrivateKeyData": self.key["PrivateKeyData"]}
            # The client's own name for SignatureDoesNotMatch when the server signed the same text.
            wrong = {"code": "InvalidAccessKeySecret", "status": 400}
            equal(self.read(self.secret, key=mixed), [wrong], "the answer")
            self.call("DeleteClientKey", ClientKeyId=key["ClientKeyId"])

        for name, http in (("HTTPS", False), ("HTTP", True)):
            self.check(
                f"the Secrets Manager client reads over {name} what its policy lists, and nothing else",
                lambda http=http: equal(self.read(*both, http=http), [value, denied], "the answers"),
            )
        self.check("the Secrets Manager client is refused from another network", not_from_here)
        self.check("a deleted ClientKey reads nothing any more", deleted)
        self.check("a ClientKey that is not valid yet reads nothing", not_valid_yet)
        self.check("another ClientKey's private key reads nothing", another_key)

    def ending(self):
        def deleted():
            self.call("DeleteApplicationAccessPoint", Name=self.point)
            self.call("DeletePolicy", Name=self.policy)
            self.call("DeleteNetworkRule", Name=self.rule)
            if self.key:
                self.refused(*NOT_FOUND, "GetClientKey", ClientKeyId=self.key["ClientKeyId"])

        if self.key:
            self.check(
                "DeleteClientKey", lambda: self.call("DeleteClientKey", ClientKeyId=self.key["ClientKeyId"])
            )
        self.check("the access point, its policy and its rule are deleted in this order", deleted)


def run(harness, ready):
    for tag, client in (
        ("access points, V3 over HTTPS", {"protocol": "HTTPS"}),
        ("access points, V1 over HTTP", {"algorithm": "v2"}),
    ):
        AccessPointChecks(harness, CurrentClient(ready, **client), ready, tag).run()
