"""Secrets of every type: what CreateSecret asks for, what GetSecretValue gives, and which may be rotated."""

import json

from checks import TIME, empty
from harness import equal, holds, matches
from walk import local

LOGIN = json.dumps({"Accounts": [{"AccountName": "app", "AccountPassword": "p@ss 密"}]})
TWO_LOGINS = json.dumps(
    {"Accounts": [{"AccountName": name, "AccountPassword": f"of {name}"} for name in ("app", "app_clone")]}
)
RDS = {"SecretSubType": "SingleUser", "DBInstanceId": "rm-conformance", "CustomData": {"owner": "team"}}
PASSWORD = {"SecretSubType": "Password", "RegionId": "cn-hangzhou", "InstanceId": "i-conformance"}
SSH = {**PASSWORD, "SecretSubType": "SSHKey"}


def secret_types(walk):
    pair = local.RsaPair()
    key_pair = {"UserName": "root", "PublicKey": pair.open_ssh, "PrivateKey": pair.pem}

    def name_of(kind):
        prefix = "acs/ecs/" if kind.startswith("ECS") else ""
        return f"{prefix}{walk.run_id}/{kind}"

    def create(kind, data, config, name=None, **parameters):
        return walk.call(
            "CreateSecret",
            SecretName=name or name_of(kind),
            VersionId="v1",
            SecretType=kind.partition("-")[0],
            SecretData=data,
            ExtendedConfig=config,
            **parameters,
        )

    def read(name, version, **parameters):
        return walk.call("GetSecretValue", SecretName=name, **parameters)

    def whole(kind, data, config, expected):
        name = name_of(kind)
        secret_type = kind.partition("-")[0]
        answer = create(kind, data, config)
        for field, value in (
            ("SecretName", name),
            ("VersionId", "v1"),
            ("SecretType", secret_type),
            ("AutomaticRotation", "Disabled"),
            ("Arn", walk.arn(f"secret/{name}")),
        ):
            equal(answer[field], value, field)
        shown = json.loads(answer["ExtendedConfig"])
        equal({key: shown.get(key) for key in config}, config, "ExtendedConfig of CreateSecret")
        value = walk.call("GetSecretValue", SecretName=name)
        equal(json.loads(value["SecretData"]), expected, "SecretData")
        equal(
            (value["SecretType"], value["SecretDataType"], value["AutomaticRotation"]),
            (secret_type, "text", "Disabled"),
            "types and AutomaticRotation",
        )
        empty(value, "ExtendedConfig", "RotationInterval", "NextRotationDate")
        value = walk.call("GetSecretValue", SecretName=name, FetchExtendedConfig=True)
        equal(
            {key: json.loads(value["ExtendedConfig"]).get(key) for key in config},
            config,
            "ExtendedConfig of GetSecretValue",
        )
        shown = walk.call("DescribeSecret", SecretName=name)
        equal((shown["SecretType"], shown["AutomaticRotation"]), (secret_type, "Disabled"), "of DescribeSecret")
        walk.refused(
            400, "Rejected.UnsupportedOperation", "PutSecretValue", SecretName=name, VersionId="v2", SecretData=data
        )
        walk.refused(
            400,
            "Rejected.UnsupportedOperation",
            "UpdateSecretVersionStage",
            SecretName=name,
            VersionStage="x",
            MoveToVersion="v1",
        )

    login = json.loads(LOGIN)["Accounts"][0]
    for kind, data, config, expected in (
        ("Rds-SingleUser", LOGIN, RDS, login),
        (
            "Rds-DoubleUsers",
            TWO_LOGINS,
            {**RDS, "SecretSubType": "DoubleUsers"},
            {"AccountName": "app", "AccountPassword": "of app"},
        ),
        ("ECS-Password", '{"UserName":"root","Password":"p@ss"}', PASSWORD, {"UserName": "root", "Password": "p@ss"}),
        ("ECS-SSHKey", json.dumps(key_pair), SSH, key_pair),
    ):
        walk.check(f"a secret of type {kind}", lambda k=kind, d=data, c=config, e=expected: whole(k, d, c, e))

    def rejected(what, kind, data, config, code="InvalidParameter", name=None, **parameters):
        walk.refuses(
            f"CreateSecret of type {kind} with {what} is refused",
            400,
            code,
            "CreateSecret",
            SecretName=name or f"{name_of(kind)}-bad",
            VersionId="v1",
            SecretType=kind,
            SecretData=data,
            **({} if config is None else {"ExtendedConfig": config}),
            **parameters,
        )

    absent = ("InvalidParameter", "MissingParameter")
    rejected("no ExtendedConfig", "Rds", LOGIN, None, absent)
    rejected("no SecretSubType", "Rds", LOGIN, {"DBInstanceId": "rm-x"}, absent)
    rejected("an unknown SecretSubType", "Rds", LOGIN, {**RDS, "SecretSubType": "ManyUsers"})
    rejected("no DBInstanceId", "Rds", LOGIN, {"SecretSubType": "SingleUser"}, absent)
    rejected("CustomData that is no object", "Rds", LOGIN, {**RDS, "CustomData": "x"})
    rejected("11 pairs of CustomData", "Rds", LOGIN, {**RDS, "CustomData": {f"k{n}": "v" for n in range(11)}})
    rejected("more than 1024 characters of ExtendedConfig", "Rds", LOGIN, {**RDS, "CustomData": {"k": "v" * 1024}})
    rejected("a value that is no JSON", "Rds", "app:p@ss", RDS)
    rejected("a value without accounts", "Rds", '{"Accounts":[]}', RDS)
    rejected("an account without a password", "Rds", '{"Accounts":[{"AccountName":"app"}]}', RDS)
    rejected("a binary value", "Rds", "AAAA", RDS, SecretDataType="binary")
    rejected("the prefix acs/", "Rds", LOGIN, RDS, name=f"acs/{walk.run_id}")
    rejected("rotation every 5 hours", "Rds", LOGIN, RDS, EnableAutomaticRotation=True, RotationInterval="5h")
    rejected("rotation every 366 days", "Rds", LOGIN, RDS, EnableAutomaticRotation=True, RotationInterval="366d")
    rejected("rotation without an interval", "Rds", LOGIN, RDS, absent, EnableAutomaticRotation=True)
    rejected(
        "a name without acs/ecs/", "ECS", '{"UserName":"root","Password":"p"}', PASSWORD, name=f"{walk.run_id}/ecs"
    )
    rejected("the value of a key pair for a password", "ECS", json.dumps(key_pair), PASSWORD)
    rejected(
        "no InstanceId",
        "ECS",
        '{"UserName":"root","Password":"p"}',
        {"SecretSubType": "Password", "RegionId": "cn-hangzhou"},
        absent,
    )
    rejected(
        "SingleUser",
        "Redis",
        "$Auto",
        {"SecretSubType": "SingleUser", "InstanceId": "r-x", "RegionId": "cn-hangzhou", "AccountName": "app"},
    )
    rejected(
        "a value that is not $Auto",
        "Redis",
        LOGIN,
        {
            "SecretSubType": "DoubleUsers",
            "InstanceId": "r-x",
            "RegionId": "cn-hangzhou",
            "AccountName": "app",
            "CloneAccountName": "app_clone",
            "AccountPrivilege": "RoleReadWrite",
        },
    )
    rejected(
        "no DBType",
        "PolarDB",
        "$Auto",
        {
            "SecretSubType": "DoubleUsers",
            "DBClusterId": "pc-x",
            "RegionId": "cn-hangzhou",
            "AccountName": "app",
            "AccountType": "Normal",
        },
        absent,
    )
    rejected(
        "no UserName",
        "RAMCredentials",
        '{"AccessKeys":[{"AccessKeyId":"a","AccessKeySecret":"b"}]}',
        {"SecretSubType": "RamUserAccessKey"},
        absent,
        name="$Auto",
    )
    rejected("an unknown type", "Oracle", "x", RDS)

    def scheduled():
        name = name_of("Rds-SingleUser")
        equal(
            walk.call(
                "UpdateSecretRotationPolicy", SecretName=name, EnableAutomaticRotation=True, RotationInterval="7d"
            )["SecretName"],
            name,
            "SecretName",
        )
        for shown in (walk.call("DescribeSecret", SecretName=name), walk.call("GetSecretValue", SecretName=name)):
            equal(shown["RotationInterval"], f"{7 * 86400}s", "RotationInterval")
            holds(
                shown["AutomaticRotation"] in ("Enabled", "Invalid"),
                f"AutomaticRotation is {shown['AutomaticRotation']}",
            )
            matches(TIME, shown["NextRotationDate"], "NextRotationDate")
        for interval in ("6h", "365d", "8760h"):
            walk.call(
                "UpdateSecretRotationPolicy", SecretName=name, EnableAutomaticRotation=True, RotationInterval=interval
            )
        for interval in ("5h", "366d", "2w"):
            walk.refused(
                400,
                "InvalidParameter",
                "UpdateSecretRotationPolicy",
                SecretName=name,
                EnableAutomaticRotation=True,
                RotationInterval=interval,
            )
        walk.refused(400, absent, "UpdateSecretRotationPolicy", SecretName=name, EnableAutomaticRotation=True)
        walk.call("UpdateSecretRotationPolicy", SecretName=name, EnableAutomaticRotation=False)
        shown = walk.call("DescribeSecret", SecretName=name)
        equal(shown["AutomaticRotation"], "Disabled", "AutomaticRotation")
        empty(shown, "NextRotationDate", "RotationInterval")

    walk.check("UpdateSecretRotationPolicy on, with its bounds, and off", scheduled)

    def custom_data():
        name = name_of("Rds-SingleUser")
        walk.call("UpdateSecret", SecretName=name, ExtendedConfig={"CustomData": {"owner": "others", "é": "密"}})
        shown = json.loads(walk.call("DescribeSecret", SecretName=name)["ExtendedConfig"])
        equal(shown["CustomData"], {"owner": "others", "é": "密"}, "CustomData")
        equal(shown["DBInstanceId"], RDS["DBInstanceId"], "DBInstanceId")

    walk.check("UpdateSecret replaces CustomData", custom_data)
    walk.check(
        "ListSecrets by SecretType RDS",
        lambda: equal(
            sorted(
                entry["SecretName"]
                for entry in walk.call(
                    "ListSecrets",
                    Filters=json.dumps(
                        [{"Key": "SecretType", "Values": ["RDS"]}, {"Key": "SecretName", "Values": [walk.run_id]}]
                    ),
                )["SecretList"]["Secret"]
            ),
            [name_of("Rds-DoubleUsers"), name_of("Rds-SingleUser")],
            "SecretNames",
        ),
    )


def generic_rotation(walk):
    name = f"{walk.run_id}/never-rotated"
    walk.call("CreateSecret", SecretName=name, VersionId="v1", SecretData="1")
    rotation = {"EnableAutomaticRotation": True, "RotationInterval": "7d"}
    for action, parameters in (("RotateSecret", {"VersionId": "v2"}), ("UpdateSecretRotationPolicy", rotation)):
        walk.refuses(
            f"{action} of a generic secret is refused",
            400,
            "Rejected.UnsupportedOperation",
            action,
            SecretName=name,
            **parameters,
        )
        walk.refuses(
            f"{action} of an unknown secret is refused",
            404,
            "Forbidden.ResourceNotFound",
            action,
            SecretName=f"{walk.run_id}/none",
            **parameters,
        )
    walk.check(
        "the value of a generic secret stays after that",
        lambda: equal(walk.call("GetSecretValue", SecretName=name)["SecretData"], "1", "SecretData"),
    )
