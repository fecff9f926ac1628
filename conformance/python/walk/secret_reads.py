"""BatchGetSecretValue, ListSecretVersionIds, and the filters of ListSecrets."""

import json

from checks import TIME, empty
from harness import equal, holds, matches


def batches(walk):
    names = [f"{walk.run_id}/batch-{number}" for number in range(3)]
    for name in names:
        walk.call("CreateSecret", SecretName=name, VersionId="v1", SecretData=f"first of {name}")
    walk.call("PutSecretValue", SecretName=names[0], VersionId="v2", SecretData="second é 密")

    def read(*wanted):
        answer = walk.call("BatchGetSecretValue", SecretsList=list(wanted))
        return answer.get("SecretValues") or [], answer.get("Errors") or []

    def several():
        values, errors = read(
            {"SecretName": names[0]},
            {"SecretName": names[1], "VersionId": "v1"},
            {"SecretName": names[2], "VersionStage": "ACSCurrent", "FetchExtendedConfig": "true"},
        )
        equal(errors, [], "Errors")
        equal(
            {value["SecretName"]: value["VersionId"] for value in values},
            {names[0]: "v2", names[1]: "v1", names[2]: "v1"},
            "versions",
        )
        by_name = {value["SecretName"]: value for value in values}
        one = by_name[names[0]]
        for field, expected in (("SecretData", "second é 密"), ("SecretDataType", "text"), ("SecretType", "Generic")):
            equal(one[field], expected, field)
        equal(one["VersionStages"]["VersionStage"], ["ACSCurrent"], "VersionStages")
        matches(TIME, one["CreateTime"], "CreateTime")
        empty(one, "ExtendedConfig", "RotationInterval")

    walk.check("BatchGetSecretValue of three secrets", several)

    def partly():
        none = f"{walk.run_id}/none"
        values, errors = read(
            {"SecretName": names[0], "VersionStage": "ACSPrevious"},
            {"SecretName": none},
            {"SecretName": names[1], "VersionId": "v9"},
        )
        equal([value["SecretData"] for value in values], [f"first of {names[0]}"], "values")
        equal(
            {(error["SecretName"], error["Code"], error["HttpStatus"]) for error in errors},
            {(none, "Forbidden.ResourceNotFound", 404), (names[1], "Forbidden.ResourceNotFound", 404)},
            "Errors",
        )
        holds(all(error["Message"] for error in errors), "an error without a message")

    walk.check("BatchGetSecretValue names what it cannot read", partly)
    for name, code, wanted in (
        ("no secret", ("InvalidParameter", "MissingParameter", "MissingSecretsList"), []),
        ("a secret twice", "InvalidParameter", [{"SecretName": names[0]}, {"SecretName": names[0], "VersionId": "v1"}]),
        ("21 secrets", "InvalidParameter", [{"SecretName": f"{walk.run_id}/many-{n}"} for n in range(21)]),
        ("an entry without a name", ("InvalidParameter", "MissingParameter"), [{"VersionId": "v1"}]),
    ):
        walk.refuses(f"BatchGetSecretValue of {name} is refused", 400, code, "BatchGetSecretValue", SecretsList=wanted)


def version_lists(walk):
    name = f"{walk.run_id}/listed"
    walk.call("CreateSecret", SecretName=name, VersionId="v1", SecretData="1")
    for number in (2, 3, 4):
        walk.call("PutSecretValue", SecretName=name, VersionId=f"v{number}", SecretData=str(number))

    def listed(expected, size=20, **parameters):
        answer = walk.call("ListSecretVersionIds", SecretName=name, **parameters)
        equal(
            (answer["SecretName"], answer["PageSize"], answer["TotalCount"]),
            (name, size, len(expected)),
            "SecretName, PageSize, TotalCount",
        )
        entries = answer["VersionIds"]["VersionId"]
        for entry in entries:
            matches(TIME, entry["CreateTime"], "CreateTime")
        stages = {
            entry["VersionId"]: ((entry.get("VersionStages") or {}).get("VersionStage")) or [] for entry in entries
        }
        return entries, stages

    current = {"v4": ["ACSCurrent"], "v3": ["ACSPrevious"]}
    everything = {**current, "v2": [], "v1": []}
    walk.check("ListSecretVersionIds shows what has a label", lambda: equal(listed(current)[1], current, "versions"))
    walk.check(
        "ListSecretVersionIds without deprecated versions",
        lambda: equal(listed(current, IncludeDeprecated="false")[1], current, "versions"),
    )
    walk.check(
        "ListSecretVersionIds with deprecated versions",
        lambda: equal(listed(everything, IncludeDeprecated="true")[1], everything, "versions"),
    )

    def paged():
        seen = []
        for page in (1, 2, 3):
            entries, _ = listed(everything, 3, IncludeDeprecated="true", PageSize=3, PageNumber=page)
            seen.append([entry["VersionId"] for entry in entries])
        equal([len(page) for page in seen], [3, 1, 0], "sizes of the pages")
        equal(sorted(sum(seen, [])), ["v1", "v2", "v3", "v4"], "versions over all pages")

    walk.check("ListSecretVersionIds: pages", paged)
    for what, status, code, parameters in (
        ("an unknown secret", 404, "Forbidden.ResourceNotFound", {"SecretName": f"{walk.run_id}/none"}),
        ("IncludeDeprecated=perhaps", 400, "InvalidParameter", {"IncludeDeprecated": "perhaps"}),
        ("a PageSize of 101", 400, "InvalidParameter", {"PageSize": 101}),
        ("a PageNumber of 0", 400, "InvalidParameter", {"PageNumber": 0}),
    ):
        walk.refuses(
            f"ListSecretVersionIds with {what} is refused",
            status,
            code,
            "ListSecretVersionIds",
            **{"SecretName": name, **parameters},
        )


def secret_filters(walk):
    names = {word: f"{walk.run_id}/filter-{word}" for word in ("one", "two", "going")}
    tags = json.dumps([{"TagKey": f"f-{walk.run_id}", "TagValue": "yes"}])
    for word, name in names.items():
        walk.call(
            "CreateSecret",
            SecretName=name,
            VersionId="v1",
            SecretData="x",
            Description=f"{walk.run_id} number {word}",
            Tags=tags,
        )
    walk.call("DeleteSecret", SecretName=names["going"], RecoveryWindowInDays="7")
    own = ("TagKey", [f"f-{walk.run_id}"])

    def found(expected, *pairs):
        text = json.dumps([{"Key": key, "Values": values} for key, values in pairs])
        answer = walk.call("ListSecrets", Filters=text, PageSize=100)
        entries = answer["SecretList"]["Secret"]
        equal(sorted(entry["SecretName"] for entry in entries), sorted(names[word] for word in expected), "SecretNames")
        equal(answer["TotalCount"], len(expected), "TotalCount")
        for entry in entries:
            equal(
                bool(entry.get("PlannedDeleteTime")),
                entry["SecretName"] == names["going"],
                "whether there is a PlannedDeleteTime",
            )

    everything = tuple(names)
    for what, expected, *pairs in (
        ("TagKey", everything, own),
        ("TagKey and TagValue", everything, own, ("TagValue", ["yes"])),
        ("another TagValue", (), own, ("TagValue", ["no"])),
        ("SecretName", ("one", "two"), ("SecretName", [names["one"], names["two"]])),
        ("Description", ("two",), ("Description", [f"{walk.run_id} number two"])),
        ("SecretType", everything, own, ("SecretType", ["Generic"])),
        ("SecretType of databases", (), own, ("SecretType", ["RDS"])),
        ("Creator", everything, own, ("Creator", [walk.ready.account])),
        ("another Creator", (), own, ("Creator", ["1234567890123456"])),
        ("DKMSInstanceId", (), own, ("DKMSInstanceId", ["kst-hzz00000000aaaaaaaaaa"])),
    ):
        walk.check(f"ListSecrets by {what}", lambda expected=expected, pairs=pairs: found(expected, *pairs))
    for what, pairs in (
        ("an unknown key", [{"Key": "Colour", "Values": ["red"]}]),
        ("11 pairs", [{"Key": "SecretName", "Values": ["x"]}] * 11),
        ("11 values", [{"Key": "SecretName", "Values": ["x"] * 11}]),
    ):
        walk.refuses(
            f"ListSecrets with {what} is refused", 400, "InvalidParameter", "ListSecrets", Filters=json.dumps(pairs)
        )
