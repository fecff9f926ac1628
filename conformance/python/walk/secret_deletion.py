"""DeleteSecret and RestoreSecret."""

from checks import TIME, empty
from harness import equal, matches
from walk.deletion import in_days


def secret_deletion(walk):
    name = f"{walk.run_id}/deleted"
    none = f"{walk.run_id}/none"
    walk.call("CreateSecret", SecretName=name, VersionId="v1", SecretData="1")
    for what, status, code, parameters in (
        ("a window of 6 days", 400, "InvalidParameter", {"RecoveryWindowInDays": "6"}),
        ("a window of 31 days", 400, "InvalidParameter", {"RecoveryWindowInDays": "31"}),
        ("a window that is no number", 400, "InvalidParameter", {"RecoveryWindowInDays": "soon"}),
        (
            "a window and force",
            400,
            "InvalidParameter",
            {"RecoveryWindowInDays": "7", "ForceDeleteWithoutRecovery": "true"},
        ),
        ("force that is no boolean", 400, "InvalidParameter", {"ForceDeleteWithoutRecovery": "perhaps"}),
        ("an unknown secret", 404, "Forbidden.ResourceNotFound", {"SecretName": none}),
    ):
        walk.refuses(
            f"DeleteSecret with {what} is refused", status, code, "DeleteSecret", **{"SecretName": name, **parameters}
        )
    walk.refuses(
        "RestoreSecret of a secret that is not deleted is refused",
        409,
        "Rejected.ResourceInUse",
        "RestoreSecret",
        SecretName=name,
    )
    walk.refuses(
        "RestoreSecret of an unknown secret is refused",
        404,
        "Forbidden.ResourceNotFound",
        "RestoreSecret",
        SecretName=none,
    )

    def deleted(days, **parameters):
        answer = walk.call("DeleteSecret", SecretName=name, **parameters)
        equal(answer["SecretName"], name, "SecretName")
        matches(TIME, answer["PlannedDeleteTime"], "PlannedDeleteTime")
        in_days(answer["PlannedDeleteTime"], days)
        shown = walk.call("DescribeSecret", SecretName=name)
        equal(shown["PlannedDeleteTime"], answer["PlannedDeleteTime"], "PlannedDeleteTime of DescribeSecret")

    def restored():
        equal(walk.call("RestoreSecret", SecretName=name)["SecretName"], name, "SecretName")
        empty(walk.call("DescribeSecret", SecretName=name), "PlannedDeleteTime")
        equal(walk.call("GetSecretValue", SecretName=name)["SecretData"], "1", "SecretData")

    walk.check("DeleteSecret in 30 days", lambda: deleted(30))
    walk.check("RestoreSecret", restored)
    walk.check(
        "DeleteSecret in 7 days", lambda: deleted(7, RecoveryWindowInDays="7", ForceDeleteWithoutRecovery="false")
    )
    for action, parameters in (
        ("GetSecretValue", {}),
        ("PutSecretValue", {"VersionId": "v2", "SecretData": "2"}),
        ("CreateSecret", {"VersionId": "v1", "SecretData": "1"}),
        ("DeleteSecret", {}),
        ("UpdateSecret", {"Description": "x"}),
        ("UpdateSecretVersionStage", {"VersionStage": "blue", "MoveToVersion": "v1"}),
    ):
        walk.refuses(
            f"{action} of a secret that will be deleted is refused",
            409,
            "Rejected.ResourceInDeleteWindow",
            action,
            SecretName=name,
            **parameters,
        )

    def forced():
        walk.call("RestoreSecret", SecretName=name)
        equal(
            walk.call("DeleteSecret", SecretName=name, ForceDeleteWithoutRecovery="true")["SecretName"],
            name,
            "SecretName",
        )
        for action in ("GetSecretValue", "DescribeSecret", "RestoreSecret", "ListSecretVersionIds"):
            walk.refused(404, "Forbidden.ResourceNotFound", action, SecretName=name)
        walk.call("CreateSecret", SecretName=name, VersionId="v1", SecretData="again")
        equal(walk.call("GetSecretValue", SecretName=name)["SecretData"], "again", "SecretData")

    walk.check("DeleteSecret by force frees the name at once", forced)


def secret_updates(walk):
    name = f"{walk.run_id}/updated"
    walk.call("CreateSecret", SecretName=name, VersionId="v1", SecretData="1", Description="before")

    def updated(text):
        equal(walk.call("UpdateSecret", SecretName=name, Description=text)["SecretName"], name, "SecretName")
        equal(walk.call("DescribeSecret", SecretName=name).get("Description") or "", text, "Description")

    for what, text in (("text beyond ASCII", "Grüße, 密钥 & a+b=c"), ("8192 characters", "d" * 8192)):
        walk.check(f"UpdateSecret to a description of {what}", lambda text=text: updated(text))
    walk.refuses(
        "UpdateSecret to 8193 characters is refused",
        400,
        "InvalidParameter",
        "UpdateSecret",
        SecretName=name,
        Description="d" * 8193,
    )
    walk.refuses(
        "UpdateSecret of an unknown secret is refused",
        404,
        "Forbidden.ResourceNotFound",
        "UpdateSecret",
        SecretName=f"{walk.run_id}/none",
        Description="x",
    )

    def under_key():
        key_id, _ = walk.fresh_key()
        sealed = f"{walk.run_id}/sealed"
        walk.call("CreateSecret", SecretName=sealed, VersionId="v1", SecretData="1", EncryptionKeyId=key_id)
        equal(walk.call("DescribeSecret", SecretName=sealed)["EncryptionKeyId"], key_id, "EncryptionKeyId")
        walk.call("DisableKey", KeyId=key_id)
        walk.refused(409, "Rejected.Disabled", "GetSecretValue", SecretName=sealed)
        walk.refused(409, "Rejected.Disabled", "PutSecretValue", SecretName=sealed, VersionId="v2", SecretData="2")
        answer = walk.call("BatchGetSecretValue", SecretsList=[{"SecretName": sealed}, {"SecretName": name}])
        equal([value["SecretName"] for value in answer["SecretValues"]], [name], "SecretValues")
        equal(
            [(error["Code"], error["HttpStatus"]) for error in answer["Errors"]], [("Rejected.Disabled", 409)], "Errors"
        )
        walk.call("EnableKey", KeyId=key_id)
        equal(walk.call("GetSecretValue", SecretName=sealed)["SecretData"], "1", "SecretData")

    walk.check("a secret under a key of one's own is read only while the key is enabled", under_key)
    pair, _ = walk.key_of("EC_P256")
    walk.refuses(
        "CreateSecret under a key pair is refused",
        400,
        ("UnsupportedOperation", "InvalidParameter"),
        "CreateSecret",
        SecretName=f"{name}-pair",
        VersionId="v1",
        SecretData="1",
        EncryptionKeyId=pair,
    )
