"""The official credentials library and the official SDK of STS, feeding the official SDK of KMS.

Whatever way the credentials come, the checks are the same: who the caller is, an operation that its policies allow, and
one that they do not.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time

from alibabacloud_credentials.client import Client as CredentialClient
from alibabacloud_credentials.models import Config as CredentialConfig
from alibabacloud_sts20150401 import models as sts_models
from alibabacloud_sts20150401.client import Client as StsClient
from alibabacloud_tea_openapi import utils_models as open_api_models
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from current import CurrentClient
from harness import KmsError, equal, holds, refused
from identities import Identities
from trust import trusted

# What the server is started with, see conformance/README.md.
ISSUER = "https://issuer.conformance.example"
MACHINE_ROLE = "conformance-machine"
AUDIENCE = "conformance"
SUBJECT = "system:serviceaccount:conformance:app"
USER_OF_KEYS = "AliyunKMSCryptoUserAccess"
# A space in it is what one library signs otherwise than the rule says.
SESSION_POLICY = '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}'


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """An identity provider that signs tokens as Kubernetes does for its service accounts."""

    def __init__(self, jwks_file):
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        number = self.rsa.public_key().public_numbers()
        point = self.ec.public_key().public_numbers()
        keys = [
            {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "r1", "n": b64(number.n.to_bytes(256, "big")), "e": "AQAB"},
            {"kty": "EC", "crv": "P-256", "kid": "e1", "x": b64(point.x.to_bytes(32, "big")), "y": b64(point.y.to_bytes(32, "big"))},
        ]
        part = f"{jwks_file}.part"
        with open(part, "w", encoding="utf-8") as file:
            json.dump({"keys": keys}, file)
        os.replace(part, jwks_file)

    def token(self, algorithm="RS256", **changes):
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": SUBJECT, "aud": [AUDIENCE], "iat": now, "nbf": now, "exp": now + 3600, **changes}
        header = {"alg": algorithm, "kid": "r1" if algorithm == "RS256" else "e1"}
        message = ".".join(b64(json.dumps(part).encode()) for part in (header, claims)).encode()
        if algorithm == "RS256":
            signature = self.rsa.sign(message, padding.PKCS1v15(), hashes.SHA256())
        else:
            r, s = decode_dss_signature(self.ec.sign(message, ec.ECDSA(hashes.SHA256())))
            signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return f"{message.decode()}.{b64(signature)}"


class Sts:
    """The official SDK of STS over TLS."""

    def __init__(self, ready, protocol_v1=False, **credential):
        self.client = StsClient(
            open_api_models.Config(
                endpoint=ready.https,
                region_id=ready.region,
                ca=ready.ca_file,
                read_timeout=30000,
                signature_algorithm="v2" if protocol_v1 else None,
                **credential,
            )
        )

    def call(self, method, *request):
        try:
            return getattr(self.client, method)(*request).body
        except AlibabaCloudException as error:
            raise KmsError(error.status_code, error.code, error.message, error.request_id) from error

    def assume(self, **parameters):
        return self.call("assume_role", sts_models.AssumeRoleRequest(**parameters))

    def assume_with_oidc(self, **parameters):
        return self.call("assume_role_with_oidc", sts_models.AssumeRoleWithOIDCRequest(**parameters))

    def identity(self):
        return self.call("get_caller_identity")


class CredentialChecks:
    def __init__(self, harness, ready, scratch, issuer):
        self.harness = harness
        self.ready = ready
        self.scratch = scratch
        self.issuer = issuer
        self.root = CurrentClient(ready, protocol="HTTPS")

    def check(self, name, fn):
        return self.harness.check(f"credentials: {name}", fn)

    def prepare(self):
        identities = Identities(self.root, self.ready.account)
        own_account = {"RAM": [f"acs:ram::{self.ready.account}:root"]}
        self.user = identities.user("conformance-user", "AliyunSTSAssumeRoleAccess", USER_OF_KEYS)
        self.app = identities.role("conformance-app", own_account, USER_OF_KEYS, "AliyunSTSAssumeRoleAccess")
        external = {"StringEquals": {"sts:ExternalId": "partner/7"}}
        self.partner = identities.role("conformance-partner", own_account, USER_OF_KEYS, condition=external)
        identities.role(MACHINE_ROLE, {"Service": ["ecs.aliyuncs.com"]}, USER_OF_KEYS)
        self.provider = identities.oidc_provider("conformance-cluster", ISSUER, AUDIENCE)
        subject = {"StringEquals": {"oidc:iss": ISSUER, "oidc:aud": AUDIENCE, "oidc:sub": SUBJECT}}
        self.pod = identities.role("conformance-pod", {"Federated": [self.provider]}, USER_OF_KEYS, condition=subject)
        self.key = self.root.call("CreateKey")["KeyMetadata"]["KeyId"]

    def file(self, name, text):
        path = os.path.join(self.scratch, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def serves(self, credential, who):
        """The credential is this identity's, may use keys, and may not make any."""
        equal(Sts(self.ready, credential=credential).identity().arn, who, "Arn")
        for algorithm in (None, "v2"):
            kms = CurrentClient(self.ready, protocol="HTTPS", algorithm=algorithm, credential=credential)
            blob = kms.call("Encrypt", KeyId=self.key, Plaintext="YQ==")["CiphertextBlob"]
            equal(kms.call("Decrypt", CiphertextBlob=blob)["Plaintext"], "YQ==", "Plaintext")
            refused(403, "Forbidden.NoPermission", lambda kms=kms: kms.call("CreateKey"))

    def session_arn(self, role, session):
        return f"acs:ram::{self.ready.account}:assumed-role/{role}/{session}"

    def user_arn(self):
        return f"acs:ram::{self.ready.account}:user/conformance-user"

    def credential(self, kind, **settings):
        return CredentialClient(CredentialConfig(type=kind, **settings))

    def lasting(self, **settings):
        return self.credential("access_key", access_key_id=self.user[0], access_key_secret=self.user[1], **settings)

    def temporary(self, keys):
        return self.credential(
            "sts",
            access_key_id=keys.access_key_id,
            access_key_secret=keys.access_key_secret,
            security_token=keys.security_token,
        )

    def by_role(self, role_arn, **settings):
        return self.credential(
            "ram_role_arn",
            access_key_id=self.user[0],
            access_key_secret=self.user[1],
            role_arn=role_arn,
            role_session_name="lib",
            sts_endpoint=self.ready.https,
            **settings,
        )

    def run(self):
        if self.check("identities are made", lambda: [self.prepare()]) is None:
            return
        self.check("access_key", lambda: self.serves(self.lasting(), self.user_arn()))
        self.sts_sdk()
        self.roles()
        self.oidc()
        self.machine()
        self.chain()

    def sts_sdk(self):
        user = dict(access_key_id=self.user[0], access_key_secret=self.user[1])
        for v1 in (False, True):
            tag = "V1" if v1 else "V3"
            sts = Sts(self.ready, protocol_v1=v1, **user)

            def assumed(sts=sts):
                answer = sts.assume(role_arn=self.app, role_session_name="sdk", source_identity="conformance")
                equal(answer.assumed_role_user.arn, self.session_arn("conformance-app", "sdk"), "Arn")
                equal(answer.source_identity, "conformance", "SourceIdentity")
                holds(answer.credentials.access_key_id.startswith("STS."), "the key's id does not begin with STS.")
                self.serves(self.temporary(answer.credentials), self.session_arn("conformance-app", "sdk"))
                return answer.credentials

            keys = self.check(f"sts, from AssumeRole of the SDK under {tag}", assumed)
            if keys is None:
                continue
            session = Sts(self.ready, protocol_v1=v1, credential=self.temporary(keys))
            self.check(
                f"a session takes a role for an hour at most, under {tag}",
                lambda session=session: (
                    session.assume(role_arn=self.app, role_session_name="chained"),
                    refused(
                        400,
                        "InvalidParameter.DurationSeconds",
                        lambda: session.assume(role_arn=self.app, role_session_name="chained", duration_seconds=3601),
                    ),
                ),
            )
        root = Sts(self.ready, access_key_id=self.ready.access_key_id, access_key_secret=self.ready.access_key_secret)
        self.check("root takes no role", lambda: refused(
            403, "NoPermission", lambda: root.assume(role_arn=self.app, role_session_name="root")
        ))
        sts = Sts(self.ready, **user)
        absent = f"acs:ram::{self.ready.account}:role/conformance-absent"
        elsewhere = "acs:ram::1000000000000000:role/conformance-app"
        for name, status, code, parameters in [
            ("a role that is not there", 404, "EntityNotExist.Role", dict(role_arn=absent)),
            ("a role of another account", 403, "NoPermission", dict(role_arn=elsewhere)),
            ("a role that trusts a service", 403, "NoPermission", dict(role_arn=self.app.replace("-app", "-machine"))),
            ("no ARN", 400, "InvalidParameter.RoleArn", dict(role_arn="conformance-app")),
            ("a session's name with a space", 400, "InvalidParameter.RoleSessionName", dict(role_session_name="a b")),
            ("a policy that is none", 400, "InvalidParameter.PolicyGrammar", dict(policy="{}")),
            ("no external id", 403, "NoPermission", dict(role_arn=self.partner)),
            ("a wrong external id", 403, "NoPermission", dict(role_arn=self.partner, external_id="partner/8")),
        ]:
            request = {"role_arn": self.app, "role_session_name": "sdk", **parameters}
            self.check(f"AssumeRole refuses {name}", lambda status=status, code=code, request=request: refused(
                status, code, lambda: sts.assume(**request)
            ))

        def damaged():
            keys = sts.assume(role_arn=self.app, role_session_name="sdk").credentials
            keys.security_token = keys.security_token[:-4] + "AAAA"
            kms = CurrentClient(self.ready, protocol="HTTPS", credential=self.temporary(keys))
            refused(400, "InvalidSecurityToken.Malformed", lambda: kms.call("DescribeRegions"))

        self.check("a damaged token is refused", damaged)

    def roles(self):
        app = self.session_arn("conformance-app", "lib")
        self.check("ram_role_arn", lambda: self.serves(self.by_role(self.app), app))
        partner = self.session_arn("conformance-partner", "lib")
        self.check(
            "ram_role_arn with an external id",
            lambda: self.serves(self.by_role(self.partner, external_id="partner/7"), partner),
        )

        def narrowed():
            # Spaces in the policy: the library signs them as forms have them.
            credential = self.by_role(self.app, policy=SESSION_POLICY)
            kms = CurrentClient(self.ready, protocol="HTTPS", credential=credential)
            blob = self.root.call("Encrypt", KeyId=self.key, Plaintext="YQ==")["CiphertextBlob"]
            equal(kms.call("Decrypt", CiphertextBlob=blob)["Plaintext"], "YQ==", "Plaintext")
            refused(403, "Forbidden.NoPermission", lambda: kms.call("Encrypt", KeyId=self.key, Plaintext="YQ=="))

        self.check("ram_role_arn with a session policy", narrowed)

    def oidc(self):
        def by_token(token, role=None):
            return self.credential(
                "oidc_role_arn",
                role_arn=role or self.pod,
                oidc_provider_arn=self.provider,
                oidc_token_file_path=self.file("token", token),
                role_session_name="pod",
                sts_endpoint=self.ready.https,
            )

        for algorithm in ("RS256", "ES256"):
            self.check(
                f"oidc_role_arn with {algorithm}",
                lambda algorithm=algorithm: self.serves(
                    by_token(self.issuer.token(algorithm)), self.session_arn("conformance-pod", "pod")
                ),
            )

        sts = Sts(self.ready, access_key_id=self.user[0], access_key_secret=self.user[1])

        def by_sdk(token):
            return sts.assume_with_oidc(
                oidcprovider_arn=self.provider, oidctoken=token, role_arn=self.pod, role_session_name="sdk"
            )

        def informed():
            answer = by_sdk(self.issuer.token())
            equal(answer.oidctoken_info.subject, SUBJECT, "Subject")
            equal(answer.oidctoken_info.issuer, ISSUER, "Issuer")
            self.serves(self.temporary(answer.credentials), self.session_arn("conformance-pod", "sdk"))

        self.check("AssumeRoleWithOIDC of the SDK", informed)
        now = int(time.time())
        for name, code, token in [
            ("an expired token", "AuthenticationFail.OIDCToken.Expired", self.issuer.token(exp=now - 1)),
            ("another audience", "AuthenticationFail.OIDCToken.AudienceNotMatch", self.issuer.token(aud="x")),
            ("another issuer", "AuthenticationFail.OIDCToken.Invalid", self.issuer.token(iss="https://x")),
            ("another subject", "AuthenticationFail.NoPermission", self.issuer.token(sub="x")),
            ("a damaged token", "AuthenticationFail.OIDCToken.InvalidSignature", self.issuer.token()[:-8] + "AAAAAAAA"),
            ("no token", "AuthenticationFail.OIDCToken.Invalid", "nonsense"),
        ]:
            self.check(f"AssumeRoleWithOIDC refuses {name}", lambda code=code, token=token: refused(
                401, code, lambda: by_sdk(token)
            ))

    def uri(self):
        return f"http://{self.ready.credentials_uri}/credentials"

    def machine(self):
        who = self.session_arn(MACHINE_ROLE, "credentials-uri")
        self.check(
            "credentials_uri",
            lambda: self.serves(self.credential("credentials_uri", credentials_uri=self.uri()), who),
        )
        self.namespace()

    def namespace(self):
        """The fixed address of the metadata, in a network of its own with a server of its own."""
        here = os.path.dirname(os.path.abspath(__file__))
        unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
        try:
            able = subprocess.run([*unshare, "ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0
        except FileNotFoundError:
            able = False
        if not able or not os.path.exists(f"/proc/{self.ready.pid}/exe"):
            print("skip credentials: ecs_ram_role at 100.100.100.200 (needs Linux, iproute2 and the right to a network namespace)", flush=True)
            return
        binary = os.readlink(f"/proc/{self.ready.pid}/exe")
        run = subprocess.run(
            [*unshare, sys.executable, os.path.join(here, "metadata_namespace.py"), binary],
            capture_output=True,
            text=True,
            # The SDK reads its variables when it is loaded, and the metadata are switched off for everybody else.
            env={name: value for name, value in os.environ.items() if not name.startswith("ALIBABA_CLOUD_")},
        )
        for line in run.stdout.splitlines():
            # The lines of the other process's checks are this one's.
            self.check(line[5:], lambda line=line: holds(line.startswith("ok "), line))
        self.check("ecs_ram_role in a network namespace ends well", lambda: holds(
            run.returncode == 0 and run.stdout.strip(), f"{run.stdout[-300:]} {run.stderr[-900:]}"
        ))

    def chain(self):
        """The default chain of the SDK, in programs of their own: it reads the environment once."""
        home = os.path.join(self.scratch, "home")
        os.makedirs(os.path.join(home, ".aliyun"))

        def profile(current, **fields):
            profiles = {"current": current, "profiles": [{"name": current, **fields}]}
            self.file("home/.aliyun/config.json", json.dumps(profiles))

        def probed(provider, temporary, **environment):
            variables = {name: value for name, value in os.environ.items() if not name.startswith("ALIBABA_CLOUD_")}
            variables.update(HOME=home, ALIBABA_CLOUD_ECS_METADATA_DISABLED="true", **environment)
            here = os.path.dirname(os.path.abspath(__file__))
            command = [sys.executable, os.path.join(here, "probe.py"), self.ready.https, self.ready.ca_file, self.key]
            run = subprocess.run(command, env=variables, capture_output=True, text=True)
            holds(run.returncode == 0, run.stderr[-600:])
            answer = json.loads(run.stdout)
            expected = {
                "provider": provider,
                "plaintext": "cHJvYmU=",
                "denied": "Forbidden.NoPermission",
                "temporary": temporary,
            }
            equal(answer, expected, "the program's answer")

        key = dict(access_key_id=self.user[0], access_key_secret=self.user[1])

        def by_profile():
            profile("lasting", mode="AK", **key)
            probed("default/cli_profile/static_ak", False)

        self.check("CLI profile with an AccessKey", by_profile)

        def by_session_profile():
            keys = Sts(self.ready, **key).assume(role_arn=self.app, role_session_name="cli").credentials
            profile(
                "session",
                mode="StsToken",
                access_key_id=keys.access_key_id,
                access_key_secret=keys.access_key_secret,
                sts_token=keys.security_token,
            )
            probed("default/cli_profile/static_sts", True)

        self.check("CLI profile with a session", by_session_profile)

        def by_environment():
            keys = Sts(self.ready, **key).assume(role_arn=self.app, role_session_name="env").credentials
            probed(
                "default/env",
                True,
                ALIBABA_CLOUD_ACCESS_KEY_ID=keys.access_key_id,
                ALIBABA_CLOUD_ACCESS_KEY_SECRET=keys.access_key_secret,
                ALIBABA_CLOUD_SECURITY_TOKEN=keys.security_token,
            )

        self.check("environment with a session", by_environment)
        os.remove(os.path.join(home, ".aliyun", "config.json"))
        self.check(
            "ALIBABA_CLOUD_CREDENTIALS_URI",
            lambda: probed("default/credential_uri", True, ALIBABA_CLOUD_CREDENTIALS_URI=self.uri()),
        )


def run(harness, ready, ready_file):
    if ready.credentials_uri is None:
        harness.check("credentials", lambda: holds(False, "the server was started without conformance/server.toml"))
        return
    issuer = Issuer(os.path.join(os.path.dirname(os.path.abspath(ready_file)), "oidc-keys.json"))
    with trusted(ready.ca_file), tempfile.TemporaryDirectory(prefix="keystead-credentials-") as scratch:
        CredentialChecks(harness, ready, scratch, issuer).run()
