"""RAM and IMS: every operation of the official SDKs `alibabacloud_ram20150501` and `alibabacloud_ims20190815`."""

import json
import re

from alibabacloud_ims20190815 import models as ims_models
from alibabacloud_ims20190815.client import Client as ImsClient
from alibabacloud_ram20150501 import models as ram_models
from alibabacloud_ram20150501.client import Client as RamClient
from alibabacloud_tea_openapi import utils_models as open_api_models
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from darabonba.runtime import RuntimeOptions

from harness import KmsError, equal, holds, matches, refused

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
REQUEST_ID = re.compile(r"[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
NUMBER = re.compile(r"\d{18}")
DOCUMENT = json.dumps(
    {"Version": "1", "Statement": [{"Effect": "Allow", "Action": ["kms:Encrypt"], "Resource": "*"}]}
)
TRUST = json.dumps(
    {
        "Version": "1",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["ecs.aliyuncs.com"]}}
        ],
    }
)
# Operations that the SDKs have and the service does not offer; one of each kind.
NOT_OFFERED = {"ram": ("GetPasswordPolicy", "GetAccountAlias", "ListVirtualMFADevices"), "ims": ("GetAccountSummary",)}


class Product:
    """One SDK's client: wire names in and out."""

    def __init__(self, ready, models, client, protocol, algorithm, **credential):
        endpoint = ready.https if protocol == "HTTPS" else ready.http
        credential = credential or {
            "access_key_id": ready.access_key_id,
            "access_key_secret": ready.access_key_secret,
        }
        self.models = models
        self.called = set()
        self.client = client(
            open_api_models.Config(
                endpoint=endpoint,
                region_id=ready.region,
                protocol=protocol,
                signature_algorithm=algorithm,
                read_timeout=30000,
                ca=ready.ca_file if protocol == "HTTPS" else None,
                **credential,
            )
        )

    def methods(self):
        """Action names with the client's methods."""
        found = {}
        for name in dir(self.client):
            if name.endswith("_with_options"):
                found[name.removesuffix("_with_options").replace("_", "").lower()] = getattr(self.client, name)
        return found

    def call(self, action, **parameters):
        method = self.methods()[action.lower()]
        arguments = [RuntimeOptions()]
        request = getattr(self.models, f"{action}Request", None)
        if request:
            arguments.insert(0, request().from_map(parameters))
        try:
            answer = method(*arguments).body.to_map()
        except AlibabaCloudException as error:
            raise KmsError(error.status_code, error.code, error.message, error.request_id) from error
        matches(REQUEST_ID, answer.get("RequestId"), "RequestId")
        self.called.add(action)
        return answer


class IdentityChecks:
    def __init__(self, harness, ready, tag, protocol, algorithm):
        self.harness, self.ready, self.tag = harness, ready, tag
        self.protocol, self.algorithm = protocol, algorithm
        self.ram = self.product(ram_models, RamClient)
        self.ims = self.product(ims_models, ImsClient)
        # Names differ between the runs against one server.
        self.own = re.sub("[^a-z0-9]+", "", tag.lower())

    def product(self, models, client, **credential):
        return Product(self.ready, models, client, self.protocol, self.algorithm, **credential)

    def check(self, name, fn):
        return self.harness.check(f"identities, {self.tag}: {name}", fn)

    def refuses(self, status, code, product, action, **parameters):
        shown = ", ".join(f"{name}={str(value)[:24]}" for name, value in parameters.items())
        return self.check(
            f"{action}({shown}) is {status} {code}",
            lambda: refused(status, code, lambda: product.call(action, **parameters)),
        )

    def run(self):
        for part in (
            self.users,
            self.access_keys,
            self.groups,
            self.roles,
            self.policies,
            self.attachments,
            self.providers,
            self.not_offered,
            self.walked,
        ):
            self.check(f"{part.__name__}, as a whole", part)

    def users(self):
        ram, name = self.ram, f"u-{self.own}"
        user = ram.call(
            "CreateUser", UserName=name, DisplayName="A B", Email="a@example.com", MobilePhone="86-1380000000", Comments="c"
        )["User"]
        matches(NUMBER, user["UserId"], "UserId")
        matches(TIME, user["CreateDate"], "CreateDate")
        shown = ram.call("GetUser", UserName=name.upper())["User"]
        equal({key: shown[key] for key in user}, user, "GetUser")
        changed = ram.call("UpdateUser", UserName=name, NewUserName=f"{name}.2", NewComments="d")["User"]
        equal((changed["UserName"], changed["Comments"], changed["UserId"]), (f"{name}.2", "d", user["UserId"]))
        ram.call("UpdateUser", UserName=f"{name}.2", NewUserName=name)
        names, marker = [], None
        while True:
            page = ram.call("ListUsers", MaxItems=1, **({"Marker": marker} if marker else {}))
            names += [entry["UserName"] for entry in page["Users"]["User"]]
            if not page["IsTruncated"]:
                break
            marker = page["Marker"]
        holds(name in names, f"{name} is not in {names}")
        self.refuses(409, "EntityAlreadyExists.User", ram, "CreateUser", UserName=name)
        self.refuses(404, "EntityNotExist.User", ram, "GetUser", UserName="nobody")
        self.refuses(404, "EntityNotExist.User", ram, "DeleteUser", UserName="nobody")
        self.refuses(400, "InvalidParameter.UserName.InvalidChars", ram, "CreateUser", UserName="a b")
        self.refuses(400, "InvalidParameter.UserName.Length", ram, "CreateUser", UserName="x" * 65)
        self.refuses(400, "MissingUserName", ram, "CreateUser")
        self.refuses(400, "InvalidParameter.Email.Format", ram, "CreateUser", UserName="x", Email="x")

    def access_keys(self):
        ram, name = self.ram, f"u-{self.own}"
        key = ram.call("CreateAccessKey", UserName=name)["AccessKey"]
        equal(key["Status"], "Active")
        own = self.product(
            ram_models, RamClient, access_key_id=key["AccessKeyId"], access_key_secret=key["AccessKeySecret"]
        )
        # Without a policy the user may nothing, but the service knows it.
        error = refused(403, ["NoPermission", "Forbidden.NoPermission"], lambda: own.call("ListUsers"))
        holds(error.message, "no message")
        used = ram.call("GetAccessKeyLastUsed", UserName=name, UserAccessKeyId=key["AccessKeyId"])
        matches(TIME, used["AccessKeyLastUsed"]["LastUsedDate"], "LastUsedDate")
        ram.call("UpdateAccessKey", UserName=name, UserAccessKeyId=key["AccessKeyId"], Status="Inactive")
        refused(400, "InvalidAccessKeyId.Inactive", lambda: own.call("ListUsers"))
        listed = ram.call("ListAccessKeys", UserName=name)["AccessKeys"]["AccessKey"]
        equal([(entry["AccessKeyId"], entry["Status"]) for entry in listed], [(key["AccessKeyId"], "Inactive")])
        self.refuses(409, "DeleteConflict.User.AccessKey", ram, "DeleteUser", UserName=name)
        second = ram.call("CreateAccessKey", UserName=name)["AccessKey"]["AccessKeyId"]
        self.refuses(409, "LimitExceeded.User.AccessKey", ram, "CreateAccessKey", UserName=name)
        for access_key_id in (key["AccessKeyId"], second):
            ram.call("DeleteAccessKey", UserName=name, UserAccessKeyId=access_key_id)
        refused(404, "InvalidAccessKeyId.NotFound", lambda: own.call("ListUsers"))
        self.refuses(404, "EntityNotExist.User.AccessKey", ram, "DeleteAccessKey", UserName=name, UserAccessKeyId=second)
        self.refuses(404, "EntityNotExist.User", ram, "CreateAccessKey", UserName="nobody")
        roots = ram.call("ListAccessKeys")["AccessKeys"]["AccessKey"]
        holds(self.ready.access_key_id in [entry["AccessKeyId"] for entry in roots], "the root's own is not listed")

    def groups(self):
        ram, user, name = self.ram, f"u-{self.own}", f"g-{self.own}"
        group = ram.call("CreateGroup", GroupName=name, Comments="c")["Group"]
        holds(group["GroupId"], "no GroupId")
        equal(ram.call("GetGroup", GroupName=name)["Group"]["GroupId"], group["GroupId"])
        ram.call("AddUserToGroup", UserName=user, GroupName=name)
        self.refuses(409, "EntityAlreadyExists.User.Group", ram, "AddUserToGroup", UserName=user, GroupName=name)
        changed = ram.call("UpdateGroup", GroupName=name, NewGroupName=f"{name}.2", NewComments="d")["Group"]
        equal(changed["GroupName"], f"{name}.2")
        joined = ram.call("ListGroupsForUser", UserName=user)["Groups"]["Group"]
        equal([entry["GroupName"] for entry in joined], [f"{name}.2"])
        members = ram.call("ListUsersForGroup", GroupName=f"{name}.2")["Users"]["User"]
        equal([entry["UserName"] for entry in members], [user])
        matches(TIME, members[0]["JoinDate"], "JoinDate")
        listed = ram.call("ListGroups", MaxItems=100)["Groups"]["Group"]
        holds(f"{name}.2" in [entry["GroupName"] for entry in listed], "the group is not listed")
        self.refuses(409, "DeleteConflict.Group.User", ram, "DeleteGroup", GroupName=f"{name}.2")
        self.refuses(409, "DeleteConflict.User.Group", ram, "DeleteUser", UserName=user)
        ram.call("RemoveUserFromGroup", UserName=user, GroupName=f"{name}.2")
        self.refuses(404, "EntityNotExist.User.Group", ram, "RemoveUserFromGroup", UserName=user, GroupName=f"{name}.2")
        ram.call("DeleteGroup", GroupName=f"{name}.2")
        self.refuses(404, "EntityNotExist.Group", ram, "GetGroup", GroupName=name)

    def roles(self):
        ram, name = self.ram, f"r-{self.own}"
        tag = [{"Key": "team", "Value": "pay"}]
        role = ram.call(
            "CreateRole", RoleName=name, AssumeRolePolicyDocument=TRUST, Description="d", MaxSessionDuration=7200, Tag=tag
        )["Role"]
        equal(role["Arn"], f"acs:ram::{self.ready.account}:role/{name}", "Arn")
        shown = ram.call("GetRole", RoleName=name)["Role"]
        equal(shown["AssumeRolePolicyDocument"], TRUST, "AssumeRolePolicyDocument")
        equal(ram.call("UpdateRole", RoleName=name, NewMaxSessionDuration=3600)["Role"]["MaxSessionDuration"], 3600)
        listed = ram.call("ListRoles", Tag=tag)["Roles"]["Role"]
        holds(name in [entry["RoleName"] for entry in listed], "the role is not listed by its tag")
        ram.call("TagResources", ResourceType="role", ResourceNames=[name], Tag=[{"Key": "env", "Value": "x"}])
        tags = ram.call("ListTagResources", ResourceType="role", ResourceNames=[name])["TagResources"]
        equal([(entry["TagKey"], entry["TagValue"]) for entry in tags], [("env", "x"), ("team", "pay")])
        ram.call("UntagResources", ResourceType="role", ResourceNames=[name], TagKeys=["env"])
        self.refuses(409, "EntityAlreadyExists.Role", ram, "CreateRole", RoleName=name, AssumeRolePolicyDocument=TRUST)
        self.refuses(400, "MalformedPolicyDocument", ram, "CreateRole", RoleName="x", AssumeRolePolicyDocument="{}")
        self.refuses(
            400,
            "InvalidParameter.MaxSessionDuration",
            ram,
            "CreateRole",
            RoleName="x",
            AssumeRolePolicyDocument=TRUST,
            MaxSessionDuration=1,
        )
        self.refuses(404, "EntityNotExist.Role", ram, "GetRole", RoleName="none")

    def policies(self):
        ram, name = self.ram, f"p-{self.own}"
        policy = ram.call("CreatePolicy", PolicyName=name, PolicyDocument=DOCUMENT, Description="d")["Policy"]
        equal((policy["DefaultVersion"], policy["PolicyType"]), ("v1", "Custom"))
        custom = {"PolicyName": name, "PolicyType": "Custom"}
        equal(ram.call("GetPolicy", **custom)["DefaultPolicyVersion"]["PolicyDocument"], DOCUMENT)
        second = ram.call("CreatePolicyVersion", PolicyName=name, PolicyDocument=DOCUMENT, SetAsDefault=True)
        equal(second["PolicyVersion"]["VersionId"], "v2")
        ram.call("SetDefaultPolicyVersion", PolicyName=name, VersionId="v1")
        equal(ram.call("GetPolicyVersion", VersionId="v2", **custom)["PolicyVersion"]["IsDefaultVersion"], False)
        versions = ram.call("ListPolicyVersions", **custom)["PolicyVersions"]["PolicyVersion"]
        equal([entry["VersionId"] for entry in versions], ["v1", "v2"])
        self.refuses(409, "DeleteConflict.Policy.Version", ram, "DeletePolicy", PolicyName=name)
        self.refuses(
            409, "DeleteConflict.Policy.Version.Default", ram, "DeletePolicyVersion", PolicyName=name, VersionId="v1"
        )
        ram.call("DeletePolicyVersion", PolicyName=name, VersionId="v2")
        equal(ram.call("UpdatePolicyDescription", PolicyName=name, NewDescription="e")["Policy"]["Description"], "e")
        listed = ram.call("ListPolicies", PolicyType="Custom")["Policies"]["Policy"]
        holds(name in [entry["PolicyName"] for entry in listed], "the policy is not listed")
        system = ram.call("ListPolicies", PolicyType="System")["Policies"]["Policy"]
        holds("AliyunKMSFullAccess" in [entry["PolicyName"] for entry in system], "no system policies")
        self.refuses(409, "EntityAlreadyExists.Policy", ram, "CreatePolicy", PolicyName=name, PolicyDocument=DOCUMENT)
        self.refuses(400, "MalformedPolicyDocument", ram, "CreatePolicy", PolicyName="x", PolicyDocument="[]")
        self.refuses(404, "EntityNotExist.Policy", ram, "GetPolicy", PolicyName="none", PolicyType="Custom")
        self.refuses(400, "InvalidParameter.PolicyType", ram, "GetPolicy", PolicyName=name, PolicyType="other")

    def attachments(self):
        ram, policy = self.ram, f"p-{self.own}"
        custom = {"PolicyName": policy, "PolicyType": "Custom"}
        ram.call("CreateGroup", GroupName=f"g-{self.own}")
        holders = (("User", f"u-{self.own}"), ("Group", f"g-{self.own}"), ("Role", f"r-{self.own}"))
        for kind, name in holders:
            holder = {f"{kind}Name": name}
            ram.call(f"AttachPolicyTo{kind}", **custom, **holder)
            self.refuses(
                409, f"EntityAlreadyExists.{kind}.Policy", ram, f"AttachPolicyTo{kind}", **custom, **holder
            )
            listed = ram.call(f"ListPoliciesFor{kind}", **holder)["Policies"]["Policy"]
            equal([(entry["PolicyName"], entry["PolicyType"]) for entry in listed], [(policy, "Custom")])
            self.refuses(409, f"DeleteConflict.{kind}.Policy", ram, f"Delete{kind}", **holder)
        entities = ram.call("ListEntitiesForPolicy", **custom)
        for kind, name in holders:
            equal([entry[f"{kind}Name"] for entry in entities[f"{kind}s"][kind]], [name], kind)
        equal(ram.call("GetPolicy", **custom)["Policy"]["AttachmentCount"], 3)
        for kind, name in holders:
            ram.call(f"DetachPolicyFrom{kind}", **custom, **{f"{kind}Name": name})
            self.refuses(
                404,
                f"EntityNotExist.{kind}.Policy",
                ram,
                f"DetachPolicyFrom{kind}",
                **custom,
                **{f"{kind}Name": name},
            )
        ram.call("DeletePolicy", PolicyName=policy)
        for kind, name in holders:
            ram.call(f"Delete{kind}", **{f"{kind}Name": name})

    def providers(self):
        ims, name = self.ims, f"idp-{self.own}"
        provider = ims.call(
            "CreateOIDCProvider",
            OIDCProviderName=name,
            IssuerUrl=f"https://{self.own}.example/realm",
            ClientIds="app,sts.aliyuncs.com",
            Fingerprints="ab" * 20,
            IssuanceLimitTime=6,
            Description="d",
        )["OIDCProvider"]
        equal(provider["Arn"], f"acs:ram::{self.ready.account}:oidc-provider/{name}", "Arn")
        equal(ims.call("GetOIDCProvider", OIDCProviderName=name)["OIDCProvider"], provider)
        more = ims.call("AddClientIdToOIDCProvider", OIDCProviderName=name, ClientId="more")["OIDCProvider"]
        equal(more["ClientIds"], "app,sts.aliyuncs.com,more")
        less = ims.call("RemoveClientIdFromOIDCProvider", OIDCProviderName=name, ClientId="app")["OIDCProvider"]
        equal(less["ClientIds"], "sts.aliyuncs.com,more")
        prints = ims.call("AddFingerprintToOIDCProvider", OIDCProviderName=name, Fingerprint="CD" * 20)
        equal(prints["OIDCProvider"]["Fingerprints"], f"{'ab' * 20},{'cd' * 20}")
        prints = ims.call("RemoveFingerprintFromOIDCProvider", OIDCProviderName=name, Fingerprint="ab" * 20)
        equal(prints["OIDCProvider"]["Fingerprints"], "cd" * 20)
        changed = ims.call("UpdateOIDCProvider", OIDCProviderName=name, IssuanceLimitTime=168, NewDescription="e")
        equal((changed["OIDCProvider"]["IssuanceLimitTime"], changed["OIDCProvider"]["Description"]), (168, "e"))
        listed = ims.call("ListOIDCProviders")["OIDCProviders"]["OIDCProvider"]
        holds(name in [entry["OIDCProviderName"] for entry in listed], "the provider is not listed")
        self.refuses(
            409,
            "EntityAlreadyExists.OIDCProvider",
            ims,
            "CreateOIDCProvider",
            OIDCProviderName=name,
            IssuerUrl="https://other.example",
        )
        self.refuses(
            400,
            "InvalidParameter.IssuerUrl.Format",
            ims,
            "CreateOIDCProvider",
            OIDCProviderName="x",
            IssuerUrl="http://other.example",
        )
        ims.call("DeleteOIDCProvider", OIDCProviderName=name)
        self.refuses(404, "EntityNotExist.OIDCProvider", ims, "GetOIDCProvider", OIDCProviderName=name)

    def not_offered(self):
        for product, actions in (("ram", NOT_OFFERED["ram"]), ("ims", NOT_OFFERED["ims"])):
            for action in actions:
                self.refuses(400, "UnsupportedOperation", getattr(self, product), action)

    def walked(self):
        """Every operation that is offered was called with good arguments."""
        missing = []
        for product in (self.ram, self.ims):
            for name, method in product.methods().items():
                if name.endswith("async") or name in {action.lower() for action in product.called}:
                    continue
                # What the SDK has beside: it must be known as not offered.
                action = re.search(r"action = '(\w+)'", source(method)).group(1)
                request = getattr(product.models, f"{action}Request", None)
                try:
                    method(*([request()] if request else []), RuntimeOptions())
                    missing.append(f"{action} was accepted")
                except AlibabaCloudException as error:
                    if error.code != "UnsupportedOperation":
                        missing.append(f"{action}: {error.code}")
                except Exception as error:  # the SDK's own check of the arguments
                    missing.append(f"{action}: {type(error).__name__}")
        equal(missing, [], "operations that were not walked over and are not refused as not offered")


def source(method):
    import inspect

    return inspect.getsource(method)


def run(harness, ready):
    IdentityChecks(harness, ready, "V3 over HTTP", "HTTP", None).run()
    IdentityChecks(harness, ready, "V1 over HTTPS", "HTTPS", "v2").run()
