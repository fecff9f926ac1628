"""SetKeyPolicy, GetKeyPolicy, SetSecretPolicy, GetSecretPolicy.

Keys and secrets outside an instance have policies here, which is more than the vendor offers.
"""

import json

from checks import UNKNOWN_KEY
from harness import equal


def policies(walk):
    everybody = f"acs:ram::{walk.ready.account}:*"
    key_id, _ = walk.fresh_key()
    name = f"{walk.run_id}/policy"
    walk.check(
        "CreateSecret for the policies",
        lambda: walk.call("CreateSecret", SecretName=name, VersionId="v1", SecretData="x"),
    )
    alias = f"alias/{walk.run_id}/policy"
    walk.check("CreateAlias for the policies", lambda: walk.call("CreateAlias", AliasName=alias, KeyId=key_id))
    statement = {
        "Sid": "kms users",
        "Effect": "Allow",
        "Principal": {"RAM": [everybody]},
        "Action": ["kms:*"],
        "Resource": ["*"],
    }

    def document(**changes):
        changed = {key: value for key, value in {**statement, **changes}.items() if value is not None}
        return json.dumps({"Version": "1", "Statement": [changed]})

    valid = {
        "one statement": document(),
        "two statements": json.dumps(
            {
                "Version": "1",
                "Statement": [statement, {**statement, "Sid": "2", "Effect": "Deny", "Action": "kms:DeleteSecret"}],
            }
        ),
        "texts in place of lists": document(
            Principal={"RAM": f"acs:ram::{walk.ready.account}:user/alice"}, Action="kms:Decrypt", Resource="*"
        ),
        "no Sid": document(Sid=None),
        "a condition": document(Condition={"IpAddress": {"acs:SourceIp": ["10.0.0.0/8"]}}),
        "a role of another account": json.dumps(
            {
                "Version": "1",
                "Statement": [
                    statement,
                    {**statement, "Sid": "other", "Principal": {"RAM": ["acs:ram::1234567890123456:role/reader"]}},
                ],
            }
        ),
    }
    invalid = {
        "text that is no JSON": "everybody",
        "another version": json.dumps({"Version": "2", "Statement": [statement]}),
        "no statement": json.dumps({"Version": "1"}),
        "an unknown effect": document(Effect="Perhaps"),
        "an action of another product": document(Action=["ecs:*"]),
        "a resource that is not *": document(Resource=[walk.arn(f"key/{key_id}")]),
        "no principal": document(Principal=None),
        "a principal that is none": document(Principal={"RAM": ["everybody"]}),
        "an unknown operator": document(Condition={"StringSomehow": {"acs:SourceIp": ["10.0.0.0/8"]}}),
        "a Sid of 129 characters": document(Sid="s" * 129),
        "more than 32768 bytes": document(Action=["kms:" + "a" * 32768]),
    }
    for kind, resource, unknown, not_found in (
        ("Key", {"KeyId": key_id}, {"KeyId": UNKNOWN_KEY}, "Forbidden.KeyNotFound"),
        ("Secret", {"SecretName": name}, {"SecretName": f"{walk.run_id}/none"}, "Forbidden.ResourceNotFound"),
    ):
        get, put = f"Get{kind}Policy", f"Set{kind}Policy"

        def default(kind=kind, get=get, resource=resource):
            sid = f"kms default {kind.lower()} policy"
            expected = {"Version": "1", "Statement": [{**statement, "Sid": sid}]}
            for parameters in ({}, {"PolicyName": "default"}):
                equal(json.loads(walk.call(get, **resource, **parameters)["Policy"]), expected, "Policy")

        walk.check(f"{get} gives the default policy", default)

        def kept(text, get=get, put=put, resource=resource):
            walk.call(put, **resource, Policy=text, PolicyName="default")
            equal(json.loads(walk.call(get, **resource)["Policy"]), json.loads(text), "Policy")

        for what, text in valid.items():
            walk.check(f"{put} with {what}", lambda text=text, kept=kept: kept(text))
        for what, text in invalid.items():
            walk.refuses(f"{put} with {what} is refused", 400, "InvalidParameter", put, **resource, Policy=text)
        for action, rest in ((get, {}), (put, {"Policy": document()})):
            walk.refuses(
                f"{action} of an unknown name is refused",
                404,
                "Forbidden.ResourceNotFound",
                action,
                PolicyName="other",
                **resource,
                **rest,
            )
            walk.refuses(f"{action} of an unknown {kind.lower()} is refused", 404, not_found, action, **unknown, **rest)
            if kind == "Key":
                walk.refuses(f"{action} of an alias is refused", 400, "Unsupported.Alias", action, KeyId=alias, **rest)

    def by_arn():
        walk.call("SetKeyPolicy", KeyId=walk.arn(f"key/{key_id}"), Policy=document())
        walk.call("GetKeyPolicy", KeyId=walk.arn(f"key/{key_id}"))

    walk.check("SetKeyPolicy and GetKeyPolicy by ARN", by_arn)

    def at_creation():
        made = walk.new_key(Policy=document(Sid="from the start"))["KeyId"]
        equal(
            json.loads(walk.call("GetKeyPolicy", KeyId=made)["Policy"])["Statement"][0]["Sid"], "from the start", "Sid"
        )
        walk.call(
            "CreateSecret",
            SecretName=f"{name}-2",
            VersionId="v1",
            SecretData="x",
            Policy=document(Sid="from the start"),
        )
        shown = walk.call("GetSecretPolicy", SecretName=f"{name}-2")["Policy"]
        equal(json.loads(shown)["Statement"][0]["Sid"], "from the start", "Sid")

    walk.check("CreateKey and CreateSecret with a policy", at_creation)
