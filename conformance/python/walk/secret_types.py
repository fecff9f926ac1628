"""Secrets of every type: what CreateSecret asks for, what GetSecretValue gives, and which may be rotated.

The server of a conformance run knows no system whose logins it could rotate, so rotation itself is not seen here.
"""

import json

from checks import TIME, empty
from harness import equal, holds, matches
from walk import local

LOGINS = [
    {"AccountName": "app", "AccountPassword": "p@ss 密"},
    {"AccountName": "app_clone", "AccountPassword": "other"},
]
LOGIN = json.dumps({"Accounts": LOGINS[:1]})
ROOT = {"UserName": "root", "Password": "p@ss"}
ACCESS_KEY = {"AccessKeyId": "LTAI5tConformance", "AccessKeySecret": "secret"}
ACCESS_KEYS = json.dumps({"AccessKeys": [ACCESS_KEY]})
RDS = {"SecretSubType": "SingleUser", "DBInstanceId": "rm-conformance", "CustomData": {"owner": "team"}}
PASSWORD = {"SecretSubType": "Password", "RegionId": "cn-hangzhou", "InstanceId": "i-conformance"}
ACCOUNTS = {"SecretSubType": "DoubleUsers", "AccountName": "app", "CloneAccountName": "app_clone"}
REDIS = {**ACCOUNTS, "RegionId": "cn-hangzhou", "InstanceId": "r-conformance", "AccountPrivilege": "RoleReadWrite"}
POLAR = {
    **ACCOUNTS,
    "RegionId": "cn-hangzhou",
    "DBClusterId": "pc-conformance",
    "DBType": "PostgreSQL",
    "AccountType": "Normal",
}
RAM = {"SecretSubType": "RamUserAccessKey"}
ABSENT = ("InvalidParameter", "MissingParameter")


def without(config, name):
    return {key: value for key, value in config.items() if key != name}


class Names:
    """The name that a secret of a type is created with, and the one that it then has."""

    def __init__(self, walk):
        self.walk = walk

    def sent(self, kind):
        return "$Auto" if kind == "RAMCredentials" else self.kept(kind)

    def kept(self, kind):
        if kind == "RAMCredentials":
            return f"acs/ram/user/{self.walk.run_id}"
        return f"{'acs/ecs/' if kind.startswith('ECS') else ''}{self.walk.run_id}/{kind}"


def secret_types(walk):
    names = Names(walk)
    pair = local.RsaPair()
    key_pair = {"UserName": "root", "PublicKey": pair.open_ssh, "PrivateKey": pair.pem}

    def whole(kind, data, config, expected):
        name, secret_type = names.kept(kind), kind.partition("-")[0]
        answer = walk.call(
            "CreateSecret",
            SecretName=names.sent(kind),
            VersionId="v1",
            SecretType=secret_type,
            SecretData=data,
            ExtendedConfig=config,
        )
        for field, value in (
            ("SecretName", name),
            ("VersionId", "v1"),
            ("SecretType", secret_type),
            ("AutomaticRotation", "Disabled"),
            ("Arn", walk.arn(f"secret/{name}")),
        ):
            equal(answer[field], value, field)

        def shows_config(text):
            shown = json.loads(text)
            equal({key: shown.get(key) for key in config}, config, "ExtendedConfig")

        shows_config(answer["ExtendedConfig"])
        value = walk.call("GetSecretValue", SecretName=name)
        equal((value["SecretType"], value["SecretDataType"]), (secret_type, "text"), "SecretType and SecretDataType")
        seen = json.loads(value["SecretData"])
        equal(set(seen), set(expected), "fields of SecretData")
        # What the service makes itself is none but a text.
        equal({key: seen[key] if expected[key] else expected[key] for key in seen}, expected, "SecretData")
        holds(all(isinstance(text, str) and text for text in seen.values()), "an empty field")
        empty(value, "ExtendedConfig", "RotationInterval", "NextRotationDate")
        shows_config(walk.call("GetSecretValue", SecretName=name, FetchExtendedConfig=True)["ExtendedConfig"])
        # Only stages tell the versions of these types apart.
        equal(walk.call("GetSecretValue", SecretName=name, VersionId="v9")["VersionId"], "v1", "VersionId")
        walk.refused(404, "Forbidden.ResourceNotFound", "GetSecretValue", SecretName=name, VersionStage="blue")
        shown = walk.call("DescribeSecret", SecretName=name)
        equal(shown["SecretType"], secret_type, "SecretType of DescribeSecret")
        # It is Invalid where the service knows that it cannot rotate.
        for rotation in (value["AutomaticRotation"], shown["AutomaticRotation"]):
            holds(rotation in ("Disabled", "Invalid"), f"AutomaticRotation is {rotation}")
        for action, parameters in (
            ("PutSecretValue", {"VersionId": "v2", "SecretData": data}),
            ("UpdateSecretVersionStage", {"VersionStage": "x", "MoveToVersion": "v1"}),
            ("RotateSecret", {"VersionId": "v2"}),
        ):
            walk.refused(400, "Rejected.UnsupportedOperation", action, SecretName=name, **parameters)

    for kind, data, config, expected in (
        ("Rds-SingleUser", LOGIN, RDS, LOGINS[0]),
        ("Rds-DoubleUsers", json.dumps({"Accounts": LOGINS}), {**RDS, "SecretSubType": "DoubleUsers"}, LOGINS[0]),
        ("Redis", "$Auto", REDIS, {"AccountName": "app", "AccountPassword": None}),
        ("PolarDB", "$Auto", POLAR, {"AccountName": "app", "AccountPassword": None}),
        ("RAMCredentials", ACCESS_KEYS, {**RAM, "UserName": walk.run_id}, {**ACCESS_KEY, "GenerateTimestamp": None}),
        ("ECS-Password", json.dumps(ROOT), PASSWORD, ROOT),
        ("ECS-SSHKey", json.dumps(key_pair), {**PASSWORD, "SecretSubType": "SSHKey"}, key_pair),
    ):
        walk.check(f"a secret of type {kind}", lambda k=kind, d=data, c=config, e=expected: whole(k, d, c, e))

    rotated = {"EnableAutomaticRotation": True}
    for what, kind, data, config, code, more in (
        ("no ExtendedConfig", "Rds", LOGIN, None, ABSENT, {}),
        ("no SecretSubType", "Rds", LOGIN, without(RDS, "SecretSubType"), ABSENT, {}),
        ("an unknown SecretSubType", "Rds", LOGIN, {**RDS, "SecretSubType": "ManyUsers"}, "InvalidParameter", {}),
        ("no DBInstanceId", "Rds", LOGIN, without(RDS, "DBInstanceId"), ABSENT, {}),
        ("CustomData that is no object", "Rds", LOGIN, {**RDS, "CustomData": "x"}, "InvalidParameter", {}),
        (
            "11 pairs of CustomData",
            "Rds",
            LOGIN,
            {**RDS, "CustomData": {f"k{n}": "v" for n in range(11)}},
            "InvalidParameter",
            {},
        ),
        (
            "more than 1024 characters of ExtendedConfig",
            "Rds",
            LOGIN,
            {**RDS, "CustomData": {"k": "v" * 1024}},
            "InvalidParameter",
            {},
        ),
        ("a value that is no JSON", "Rds", "app:p@ss", RDS, "InvalidParameter", {}),
        ("a value without accounts", "Rds", '{"Accounts":[]}', RDS, "InvalidParameter", {}),
        ("an account without a password", "Rds", '{"Accounts":[{"AccountName":"a"}]}', RDS, "InvalidParameter", {}),
        ("a binary value", "Rds", "AAAA", RDS, "InvalidParameter", {"SecretDataType": "binary"}),
        ("the prefix acs/", "Rds", LOGIN, RDS, "InvalidParameter", {"SecretName": f"acs/{walk.run_id}"}),
        ("rotation every 5 hours", "Rds", LOGIN, RDS, "InvalidParameter", {**rotated, "RotationInterval": "5h"}),
        ("rotation every 366 days", "Rds", LOGIN, RDS, "InvalidParameter", {**rotated, "RotationInterval": "366d"}),
        ("rotation without an interval", "Rds", LOGIN, RDS, ABSENT, rotated),
        (
            "a name without acs/ecs/",
            "ECS",
            json.dumps(ROOT),
            PASSWORD,
            "InvalidParameter",
            {"SecretName": f"{walk.run_id}/ecs"},
        ),
        ("the value of a key pair for a password", "ECS", json.dumps(key_pair), PASSWORD, "InvalidParameter", {}),
        ("no InstanceId", "ECS", json.dumps(ROOT), without(PASSWORD, "InstanceId"), ABSENT, {}),
        ("SingleUser", "Redis", "$Auto", {**REDIS, "SecretSubType": "SingleUser"}, "InvalidParameter", {}),
        ("a value that is not $Auto", "Redis", LOGIN, REDIS, "InvalidParameter", {}),
        ("no DBType", "PolarDB", "$Auto", without(POLAR, "DBType"), ABSENT, {}),
        ("no UserName", "RAMCredentials", ACCESS_KEYS, RAM, ABSENT, {"SecretName": "$Auto"}),
        ("an unknown type", "Oracle", "x", RDS, "InvalidParameter", {}),
    ):
        parameters = {
            "SecretName": f"{names.kept(kind)}-bad",
            "VersionId": "v1",
            "SecretType": kind,
            "SecretData": data,
            **({} if config is None else {"ExtendedConfig": config}),
            **more,
        }
        walk.refuses(f"CreateSecret of type {kind} with {what} is refused", 400, code, "CreateSecret", **parameters)


def secret_rotation(walk):
    names = Names(walk)
    name = names.kept("Rds-SingleUser")

    def update(interval=None, on=True):
        parameters = {} if interval is None else {"RotationInterval": interval}
        return {"SecretName": name, "EnableAutomaticRotation": on, **parameters}

    def scheduled():
        equal(walk.call("UpdateSecretRotationPolicy", **update("7d"))["SecretName"], name, "SecretName")
        for action in ("DescribeSecret", "GetSecretValue"):
            shown = walk.call(action, SecretName=name)
            equal(shown["RotationInterval"], f"{7 * 86400}s", "RotationInterval")
            holds(
                shown["AutomaticRotation"] in ("Enabled", "Invalid"),
                f"AutomaticRotation is {shown['AutomaticRotation']}",
            )
            matches(TIME, shown["NextRotationDate"], "NextRotationDate")
        for interval in ("6h", "365d", "8760h"):
            walk.call("UpdateSecretRotationPolicy", **update(interval))
        for interval in ("5h", "366d", "2w"):
            walk.refused(400, "InvalidParameter", "UpdateSecretRotationPolicy", **update(interval))

    walk.check("UpdateSecretRotationPolicy with its bounds", scheduled)
    walk.refuses(
        "UpdateSecretRotationPolicy without an interval is refused",
        400,
        ABSENT,
        "UpdateSecretRotationPolicy",
        **update(),
    )

    def off():
        walk.call("UpdateSecretRotationPolicy", **update(on=False))
        shown = walk.call("DescribeSecret", SecretName=name)
        holds(shown["AutomaticRotation"] in ("Disabled", "Invalid"), f"it is {shown['AutomaticRotation']}")
        empty(shown, "NextRotationDate")

    walk.check("UpdateSecretRotationPolicy switches rotation off", off)

    def known():
        answer = walk.call("RotateSecret", SecretName=name, VersionId="v1")
        shown = (answer["SecretName"], answer["VersionId"], answer["Arn"])
        equal(shown, (name, "v1", walk.arn(f"secret/{name}")), "SecretName, VersionId, Arn")
        equal(json.loads(walk.call("GetSecretValue", SecretName=name)["SecretData"]), LOGINS[0], "SecretData")

    walk.check("RotateSecret to a version that is there changes nothing", known)

    def custom_data():
        data = {"owner": "others", "place": "密"}
        walk.call("UpdateSecret", SecretName=name, ExtendedConfig={"CustomData": data})
        text = walk.call("GetSecretValue", SecretName=name, FetchExtendedConfig=True)["ExtendedConfig"]
        shown = json.loads(text)
        equal((shown["CustomData"], shown["DBInstanceId"]), (data, RDS["DBInstanceId"]), "CustomData and DBInstanceId")

    walk.check("UpdateSecret replaces CustomData", custom_data)

    def listed():
        pairs = [{"Key": "SecretType", "Values": ["RDS"]}, {"Key": "SecretName", "Values": [walk.run_id]}]
        entries = walk.call("ListSecrets", Filters=json.dumps(pairs))["SecretList"]["Secret"]
        seen = sorted(entry["SecretName"] for entry in entries)
        equal(seen, [names.kept("Rds-DoubleUsers"), names.kept("Rds-SingleUser")], "SecretNames")

    walk.check("ListSecrets by SecretType RDS", listed)


def generic_rotation(walk):
    name = f"{walk.run_id}/never-rotated"
    walk.call("CreateSecret", SecretName=name, VersionId="v1", SecretData="1")
    rotation = {"EnableAutomaticRotation": True, "RotationInterval": "7d"}
    for action, parameters in (("RotateSecret", {"VersionId": "v2"}), ("UpdateSecretRotationPolicy", rotation)):
        for what, status, code, secret in (
            ("a generic secret", 400, "Rejected.UnsupportedOperation", name),
            ("an unknown secret", 404, "Forbidden.ResourceNotFound", f"{walk.run_id}/none"),
        ):
            walk.refuses(f"{action} of {what} is refused", status, code, action, SecretName=secret, **parameters)
    walk.check(
        "the value of a generic secret stays after that",
        lambda: equal(walk.call("GetSecretValue", SecretName=name)["SecretData"], "1", "SecretData"),
    )
