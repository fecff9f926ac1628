"""Users, roles and identity providers, made through the API of RAM and IMS with the general call of the current SDK."""

import json

from harness import KmsError

RAM = "2015-05-01"
IMS = "2019-08-15"


class Identities:
    """What an account's root makes for the checks. What is there from a run before is used again."""

    def __init__(self, client, account):
        self.client = client
        self.account = account

    def ram(self, action, **parameters):
        return self.client.call_generic(action, version=RAM, **parameters)

    def ims(self, action, **parameters):
        return self.client.call_generic(action, version=IMS, **parameters)

    def once(self, make, action, **parameters):
        try:
            return make(action, **parameters)
        except KmsError as error:
            if not error.code.startswith("EntityAlreadyExists"):
                raise
            return None

    def arn(self, kind, name):
        return f"acs:ram::{self.account}:{kind}/{name}"

    def user(self, name, *policies):
        """A user with these policies of the system; gives a new AccessKey of it: id and secret."""
        self.once(self.ram, "CreateUser", UserName=name)
        for policy in policies:
            self.once(self.ram, "AttachPolicyToUser", PolicyType="System", PolicyName=policy, UserName=name)
        key = self.ram("CreateAccessKey", UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["AccessKeySecret"]

    def role(self, name, principal, *policies, condition=None):
        """A role that trusts this principal; gives its ARN."""
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
        if condition:
            statement["Condition"] = condition
        document = json.dumps({"Version": "1", "Statement": [statement]})
        self.once(self.ram, "CreateRole", RoleName=name, AssumeRolePolicyDocument=document)
        for policy in policies:
            self.once(self.ram, "AttachPolicyToRole", PolicyType="System", PolicyName=policy, RoleName=name)
        return self.arn("role", name)

    def oidc_provider(self, name, issuer, *audiences):
        """An OIDC provider; gives its ARN."""
        self.once(self.ims, "CreateOIDCProvider", OIDCProviderName=name, IssuerUrl=issuer, ClientIds=",".join(audiences))
        return self.arn("oidc-provider", name)
