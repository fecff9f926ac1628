"""The legacy SDK, aliyun-python-sdk-kms on aliyun-python-sdk-core: signature V1, JSON and XML."""

import importlib
import json
import pkgutil
import re
import warnings
from contextlib import ExitStack
from unittest import mock
from xml.etree import ElementTree

from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest
from aliyunsdkcore.utils import parameter_helper
from aliyunsdkcore.vendored.requests.adapters import HTTPAdapter
from aliyunsdkkms.request import v20160120 as requests

from checks import REQUEST_ID
from harness import KmsError, equal, holds, matches, refused
from suite import Suite
from walk import Walk
from walk.catalogue import lacks, of_its_own
from walk.groups import GROUPS

# The variant that walks over every operation.
WALKED = "legacy over HTTP"

warnings.simplefilter("ignore", DeprecationWarning)


def as_text(value):
    """JSON of an object or a list, which this SDK wants from the caller."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value


def request_class(action):
    module = importlib.import_module(f"aliyunsdkkms.request.v20160120.{action}Request")
    return getattr(module, f"{action}Request")


def has(action):
    try:
        request_class(action)
    except ImportError:
        return False
    return True


class LegacyClient:
    """Adapter: wire names in and out."""

    secret_data_in_body = False  # this SDK puts every parameter into the URL
    adds = ("RegionId",)  # parameters that it sends when the caller has left them out

    def __init__(self, ready, *, https=False, key_id=None, secret=None, token=None):
        self.endpoint = ready.https if https else ready.http
        self.protocol = "https" if https else "http"
        self.token = token
        self.succeeded = set()
        self.client = AcsClient(
            key_id or ready.access_key_id,
            secret or ready.access_key_secret,
            ready.region,
            verify=ready.ca_file,
            timeout=30,
        )

    def exposed(self, code):
        return code

    def request(self, action, parameters):
        if not has(action):
            request = CommonRequest(domain=self.endpoint, version="2016-01-20", action_name=action)
            request.set_method("POST")
            for name, value in parameters.items():
                request.add_query_param(name, as_text(value))
        else:
            request = request_class(action)()
            request.set_endpoint(self.endpoint)
            for name, value in parameters.items():
                self.set(request, name, value)
        request.set_protocol_type(self.protocol)
        if self.token:
            request.add_query_param("SecurityToken", self.token)
        return request

    @staticmethod
    def set(request, name, value):
        if name == "ExtendedConfig" and hasattr(request, "set_ExtendedConfigCustomData"):
            request.set_ExtendedConfigCustomData(as_text(value["CustomData"]))
        elif isinstance(value, list):
            getattr(request, f"set_{name}s")(value)
        elif setter := getattr(request, f"set_{name}", None):
            setter(as_text(value))
        else:  # a parameter that is newer than this SDK
            request.add_query_param(name, value)

    def call(self, action, date=None, nonce=None, **parameters):
        with ExitStack() as stack:
            # This SDK has no setting for the two, so its own clock and its own source of nonces are replaced.
            if date:
                stack.enter_context(mock.patch.object(parameter_helper, "get_iso_8061_date", lambda: date))
            if nonce:
                stack.enter_context(mock.patch.object(parameter_helper, "get_uuid", lambda: nonce))
            try:
                return json.loads(self.client.do_action_with_exception(self.request(action, parameters)))
            except ServerException as error:
                raise KmsError(
                    error.get_http_status(), error.get_error_code(), error.get_error_msg(), error.get_request_id()
                ) from error

    def call_xml(self, action, **parameters):
        """Status, content type and root element of the answer in XML."""
        request = self.request(action, parameters)
        request.set_accept_format("XML")
        status, headers, body = self.client.get_response(request)
        return status, headers.get("Content-Type"), ElementTree.fromstring(body)


class Changing(HTTPAdapter):
    """Changes the URL after it was signed, as a meddler on the way would."""

    def send(self, request, **options):
        request.url = request.url.replace("before-signing", "after-signing")
        return super().send(request, **options)


def credentials(harness, ready, tag, https):
    def wrong_secret():
        # The SDK compares what follows the first colon of the message with its own string to sign, and
        # when they are equal it reports its own code in place of the server's SignatureDoesNotMatch.
        kms = LegacyClient(ready, https=https, secret="wrong")
        refused(400, "InvalidAccessKeySecret", lambda: kms.call("DescribeKey", KeyId="a b+c*d~é"))

    def changed():
        kms = LegacyClient(ready, https=https)
        for prefix in ("http://", "https://"):
            kms.client.session.mount(prefix, Changing())
        error = refused(400, "SignatureDoesNotMatch", lambda: kms.call("DescribeKey", KeyId="before-signing"))
        tail = error.message.split(":")[1]
        holds(tail.startswith("POST&%2F&") and "after-signing" in tail, f"the message is {error.message!r}")

    def unknown_key():
        kms = LegacyClient(ready, https=https, key_id="LTAI5tUnknownUnknownUnkn")
        refused(404, "InvalidAccessKeyId.NotFound", lambda: kms.call("DescribeRegions"))

    def unknown_token():
        kms = LegacyClient(ready, https=https, token="not-a-token-of-this-server")
        refused(400, "InvalidSecurityToken.Malformed", lambda: kms.call("DescribeRegions"))

    harness.check(f"{tag}: a wrong AccessKey secret is told from a wrong string to sign", wrong_secret)
    harness.check(f"{tag}: a request changed on the way is refused", changed)
    harness.check(f"{tag}: an unknown AccessKey is refused", unknown_key)
    harness.check(f"{tag}: an unknown security token is refused", unknown_token)


def xml(harness, ready, tag, https):
    kms = LegacyClient(ready, https=https)

    def success(action, **parameters):
        status, content_type, root = kms.call_xml(action, **parameters)
        equal(status, 200, "status")
        equal(content_type, "text/xml;charset=utf-8", "Content-Type")
        equal(root.tag, f"{action}Response", "root element")
        matches(REQUEST_ID, root.findtext("RequestId"), "RequestId")
        return root

    def key():
        created = success("CreateKey", Description="<XML> & 密").find("KeyMetadata")
        key_id = created.findtext("KeyId")
        described = success("DescribeKey", KeyId=key_id).find("KeyMetadata")
        for name, value in (
            ("KeyId", key_id),
            ("Arn", f"acs:kms:{ready.region}:{ready.account}:key/{key_id}"),
            ("Description", "<XML> & 密"),
            ("KeyState", "Enabled"),
            ("KeySpec", "Aliyun_AES_256"),
        ):
            equal(described.findtext(name), value, name)
        return key_id

    key_id = harness.check(f"{tag}: XML answers of CreateKey and DescribeKey", key)

    def listed():
        root = success("ListKeys", PageSize=3)
        equal([child.tag for child in root.find("Keys")], ["Key"] * 3, "members of Keys")
        for name, form in (("PageNumber", "1"), ("PageSize", "3")):
            equal(root.findtext(name), form, name)
        matches(re.compile(r"\d+"), root.findtext("TotalCount"), "TotalCount")
        holds(all(entry.findtext("KeyId") and entry.findtext("KeyArn") for entry in root.find("Keys")), "an empty Key")

    harness.check(f"{tag}: XML answer of ListKeys", listed)

    def encrypted():
        blob = success("Encrypt", KeyId=key_id, Plaintext="<&>\"' 密").findtext("CiphertextBlob")
        equal(success("Decrypt", CiphertextBlob=blob).findtext("Plaintext"), "<&>\"' 密", "Plaintext")

    harness.check(f"{tag}: XML answers of Encrypt and Decrypt", encrypted)

    def secret():
        name = f"xml/{'s' if https else 'p'}/{key_id}"
        success("CreateSecret", SecretName=name, VersionId="v1", SecretData="<v> & 密")
        root = success("GetSecretValue", SecretName=name)
        equal(root.findtext("SecretData"), "<v> & 密", "SecretData")
        equal([(c.tag, c.text) for c in root.find("VersionStages")], [("VersionStage", "ACSCurrent")], "VersionStages")

    harness.check(f"{tag}: XML answers of CreateSecret and GetSecretValue", secret)

    def error():
        status, content_type, root = kms.call_xml("DescribeKey", KeyId="no-such-key")
        equal(status, 404, "status")
        equal(content_type, "text/xml;charset=utf-8", "Content-Type")
        equal(root.tag, "Error", "root element")
        equal(root.findtext("Code"), "Forbidden.KeyNotFound", "Code")
        holds(root.findtext("Message"), "no Message")
        matches(REQUEST_ID, root.findtext("RequestId"), "RequestId")

    harness.check(f"{tag}: an error in XML", error)

    def unset():
        # The SDK sends Format=None when no format was chosen.
        status, headers, body = kms.client.get_response(kms.request("DescribeRegions", {}))
        equal(status, 200, "status")
        holds(headers["Content-Type"].startswith("application/json"), f"Content-Type is {headers['Content-Type']}")
        matches(REQUEST_ID, json.loads(body)["RequestId"], "RequestId")

    harness.check(f"{tag}: an answer is JSON unless a format was chosen", unset)


def retired(harness, ready):
    """What the API has no more is refused, and told from a name that it never had."""
    modules = pkgutil.iter_modules(requests.__path__)
    names = of_its_own("the legacy SDK", [module.name.removesuffix("Request") for module in modules])
    kms = LegacyClient(ready)
    for name in names:
        harness.check(
            f"legacy over HTTP: {name} is not offered",
            lambda name=name: refused(400, "UnsupportedOperation", lambda: kms.call(name)),
        )


def run(harness, ready):
    lacks("the legacy SDK", has)
    retired(harness, ready)
    for tag, https in (("legacy over HTTP", False), ("legacy over HTTPS", True)):
        credentials(harness, ready, tag, https)
        xml(harness, ready, tag, https)
        kms = LegacyClient(ready, https=https)
        Suite(harness, kms, ready, tag).run()
        if tag == WALKED:
            Walk(harness, kms, ready, tag).run(*GROUPS)
