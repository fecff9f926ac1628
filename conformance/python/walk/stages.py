"""UpdateSecretVersionStage."""

import json

from harness import equal


def stages(walk):
    name = f"{walk.run_id}/stages"
    walk.call("CreateSecret", SecretName=name, VersionId="v1", SecretData="1")
    for number in (2, 3):
        walk.call("PutSecretValue", SecretName=name, VersionId=f"v{number}", SecretData=str(number))

    def holders(expected):
        entries = walk.call("ListSecretVersionIds", SecretName=name, IncludeDeprecated="true")["VersionIds"][
            "VersionId"
        ]
        seen = {
            stage: entry["VersionId"]
            for entry in entries
            for stage in (entry.get("VersionStages") or {}).get("VersionStage") or []
        }
        equal(seen, expected, "who holds which label")

    def update(stage, **versions):
        equal(
            walk.call("UpdateSecretVersionStage", SecretName=name, VersionStage=stage, **versions)["SecretName"],
            name,
            "SecretName",
        )

    base = {"ACSCurrent": "v3", "ACSPrevious": "v2"}

    def added():
        update("blue", MoveToVersion="v1")
        holders({**base, "blue": "v1"})
        equal(walk.call("GetSecretValue", SecretName=name, VersionStage="blue")["SecretData"], "1", "SecretData")
        update("blue", MoveToVersion="v1")

    def moved():
        update("blue", MoveToVersion="v2")
        holders({**base, "blue": "v2"})
        update("blue", MoveToVersion="v3", RemoveFromVersion="v2")
        holders({**base, "blue": "v3"})
        walk.refused(
            400,
            "Rejected.InvalidRequest",
            "UpdateSecretVersionStage",
            SecretName=name,
            VersionStage="blue",
            MoveToVersion="v1",
            RemoveFromVersion="v2",
        )
        holders({**base, "blue": "v3"})

    def removed():
        update("blue", RemoveFromVersion="v3")
        holders(base)

    def current():
        update("ACSCurrent", MoveToVersion="v1")
        holders({"ACSCurrent": "v1", "ACSPrevious": "v3"})
        equal(walk.call("GetSecretValue", SecretName=name)["SecretData"], "1", "SecretData")
        update("ACSCurrent", MoveToVersion="v3", RemoveFromVersion="v1")
        holders({"ACSCurrent": "v3", "ACSPrevious": "v1"})
        update("ACSPrevious", MoveToVersion="v2")
        holders(base)

    walk.check("UpdateSecretVersionStage adds a label", added)
    walk.check("UpdateSecretVersionStage moves a label, and only from its holder", moved)
    walk.check("UpdateSecretVersionStage removes a label", removed)
    walk.check("UpdateSecretVersionStage moves ACSCurrent, whose old holder becomes ACSPrevious", current)
    # How the removal of the service's own labels is refused, no page says.
    unremovable = ("InvalidParameter", "MissingParameter", "Rejected.UnsupportedOperation", "Rejected.InvalidRequest")
    for what, status, code, parameters in (
        ("no version", 400, ("InvalidParameter", "MissingParameter"), {}),
        (
            "an unknown secret",
            404,
            "Forbidden.ResourceNotFound",
            {"SecretName": f"{walk.run_id}/none", "MoveToVersion": "v1"},
        ),
        ("an unknown version", 404, "Forbidden.ResourceNotFound", {"MoveToVersion": "v9"}),
        ("a label that the version does not have", 400, "Rejected.InvalidRequest", {"RemoveFromVersion": "v1"}),
        ("ACSCurrent to be removed", 400, unremovable, {"VersionStage": "ACSCurrent", "RemoveFromVersion": "v3"}),
        ("ACSPrevious to be removed", 400, unremovable, {"VersionStage": "ACSPrevious", "RemoveFromVersion": "v2"}),
        ("a label of 65 characters", 400, "InvalidParameter", {"VersionStage": "s" * 65, "MoveToVersion": "v1"}),
    ):
        walk.refuses(
            f"UpdateSecretVersionStage with {what} is refused",
            status,
            code,
            "UpdateSecretVersionStage",
            **{"SecretName": name, "VersionStage": "green", **parameters},
        )

    def eight():
        for number in range(6):
            update(f"label-{number}", MoveToVersion="v1")
        for action, parameters in (
            ("UpdateSecretVersionStage", {"VersionStage": "label-6", "MoveToVersion": "v1"}),
            ("PutSecretValue", {"VersionId": "v4", "SecretData": "4", "VersionStages": json.dumps(["label-6"])}),
        ):
            walk.refused(400, "Rejected.LimitExceeded", action, SecretName=name, **parameters)
        holders({**base, **{f"label-{number}": "v1" for number in range(6)}})

    walk.check("a ninth label is refused", eight)
