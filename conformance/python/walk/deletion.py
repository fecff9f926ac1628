"""ScheduleKeyDeletion, CancelKeyDeletion, SetDeletionProtection."""

from datetime import datetime, timedelta, timezone

from checks import UNKNOWN_KEY, empty
from harness import equal, holds


def in_days(text, days):
    """Whether the time is that many days from now, give or take a minute."""
    seen = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    off = seen - datetime.now(timezone.utc) - timedelta(days=days)
    holds(abs(off) < timedelta(minutes=1), f"{text} is {off} away from {days} days")


def key_deletion(walk):
    key_id, _ = walk.fresh_key()
    alias = f"alias/{walk.run_id}/deletion"
    walk.check("CreateAlias for ScheduleKeyDeletion", lambda: walk.call("CreateAlias", AliasName=alias, KeyId=key_id))
    for name, status, code, parameters in (
        ("a window of 6 days", 400, "InvalidParameter", {"PendingWindowInDays": 6}),
        ("a window of 367 days", 400, "InvalidParameter", {"PendingWindowInDays": 367}),
        ("an alias", 400, "Unsupported.Alias", {"KeyId": alias}),
        ("an unknown key", 404, "Forbidden.KeyNotFound", {"KeyId": UNKNOWN_KEY}),
    ):
        walk.refuses(
            f"ScheduleKeyDeletion with {name} is refused",
            status,
            code,
            "ScheduleKeyDeletion",
            **{"KeyId": key_id, "PendingWindowInDays": 7, **parameters},
        )
    walk.refuses(
        "CancelKeyDeletion of an enabled key is refused",
        409,
        "Rejected.StateModifiedFailed",
        "CancelKeyDeletion",
        KeyId=key_id,
    )
    walk.refuses("CancelKeyDeletion by alias is refused", 400, "Unsupported.Alias", "CancelKeyDeletion", KeyId=alias)
    walk.refuses(
        "CancelKeyDeletion of an unknown key is refused",
        404,
        "Forbidden.KeyNotFound",
        "CancelKeyDeletion",
        KeyId=UNKNOWN_KEY,
    )

    def scheduled(days):
        walk.call("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=days)
        metadata = walk.described(key_id)
        equal(metadata["KeyState"], "PendingDeletion", "KeyState")
        in_days(metadata["DeleteDate"], days)

    def cancelled():
        walk.call("CancelKeyDeletion", KeyId=key_id)
        metadata = walk.described(key_id)
        equal(metadata["KeyState"], "Enabled", "KeyState")
        empty(metadata, "DeleteDate")
        walk.call("Encrypt", KeyId=key_id, Plaintext="x")

    walk.check("ScheduleKeyDeletion in 366 days", lambda: scheduled(366))
    walk.check("CancelKeyDeletion", cancelled)
    walk.check("ScheduleKeyDeletion in 7 days", lambda: scheduled(7))
    other, _ = walk.key_of("Aliyun_AES_256")
    for name, code, action, parameters in (
        ("ScheduleKeyDeletion", "Rejected.StateModifiedFailed", "ScheduleKeyDeletion", {"PendingWindowInDays": 7}),
        ("EnableKey", "Rejected.StateModifiedFailed", "EnableKey", {}),
        ("DisableKey", "Rejected.StateModifiedFailed", "DisableKey", {}),
        ("CreateAlias", "Rejected.StateModifiedFailed", "CreateAlias", {"AliasName": f"{alias}-2"}),
        ("CreateKeyVersion", "Rejected.PendingDeletion", "CreateKeyVersion", {}),
        (
            "UpdateRotationPolicy",
            "Rejected.PendingDeletion",
            "UpdateRotationPolicy",
            {"EnableAutomaticRotation": True, "RotationInterval": "30d"},
        ),
    ):
        walk.refuses(f"{name} of a key that will be deleted is refused", 409, code, action, KeyId=key_id, **parameters)
    walk.refuses(
        "SetDeletionProtection of a key that will be deleted is refused",
        409,
        "Rejected.PendingDeletion",
        "SetDeletionProtection",
        ProtectedResourceArn=walk.arn(f"key/{key_id}"),
        EnableDeletionProtection=True,
    )

    def update_alias():
        moving = f"alias/{walk.run_id}/moving"
        walk.call("CreateAlias", AliasName=moving, KeyId=other)
        walk.refused(409, "Rejected.PendingDeletion", "UpdateAlias", AliasName=moving, KeyId=key_id)

    walk.check("UpdateAlias to a key that will be deleted is refused", update_alias)

    def still_shown():
        equal(walk.described(alias)["KeyId"], key_id, "KeyId")
        equal(walk.call("ListAliasesByKeyId", KeyId=key_id)["TotalCount"], 1, "TotalCount of ListAliasesByKeyId")
        equal(walk.call("ListKeyVersions", KeyId=key_id)["TotalCount"], 1, "TotalCount of ListKeyVersions")
        walk.call("ListResourceTags", KeyId=key_id)
        walk.call("UpdateKeyDescription", KeyId=key_id, Description="going")
        walk.call("DeleteAlias", AliasName=alias)

    walk.check("a key that will be deleted can still be looked at", still_shown)

    def from_disabled():
        disabled, _ = walk.fresh_key()
        walk.call("DisableKey", KeyId=disabled)
        walk.call("ScheduleKeyDeletion", KeyId=disabled, PendingWindowInDays=7)
        walk.call("CancelKeyDeletion", KeyId=disabled)
        equal(walk.described(disabled)["KeyState"], "Enabled", "KeyState")

    walk.check("CancelKeyDeletion enables a key that was disabled", from_disabled)


def deletion_protection(walk):
    key_id, _ = walk.fresh_key()
    arn = walk.arn(f"key/{key_id}")

    def protected(on, reason, **name):
        parameters = {"DeletionProtectionDescription": reason} if reason else {}
        walk.call("SetDeletionProtection", EnableDeletionProtection=on, **name, **parameters)
        metadata = walk.described(key_id)
        equal(metadata["DeletionProtection"], "Enabled" if on else "Disabled", "DeletionProtection")
        equal(metadata.get("DeletionProtectionDescription") or "", reason, "DeletionProtectionDescription")

    walk.check("SetDeletionProtection by ARN", lambda: protected(True, "holds the books, 密", ProtectedResourceArn=arn))
    walk.refuses(
        "ScheduleKeyDeletion of a protected key is refused",
        400,
        "Rejected.UnsupportedOperation",
        "ScheduleKeyDeletion",
        KeyId=key_id,
        PendingWindowInDays=7,
    )
    walk.check("SetDeletionProtection off by ARN", lambda: protected(False, "", ProtectedResourceArn=arn))
    walk.check("SetDeletionProtection by KeyId", lambda: protected(True, "", KeyId=key_id))

    def unprotected():
        protected(False, "", KeyId=key_id)
        walk.call("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)

    walk.check("ScheduleKeyDeletion of a key that is protected no more", unprotected)
    for name, status, code, parameters in (
        ("no resource", 400, ("InvalidParameter", "MissingParameter"), {}),
        ("an unknown key", 404, "Forbidden.KeyNotFound", {"ProtectedResourceArn": walk.arn(f"key/{UNKNOWN_KEY}")}),
        ("an ARN that is none", 400, "InvalidParameter", {"ProtectedResourceArn": "acs:kms"}),
        ("an unknown instance", 403, "Forbidden.DKMSInstanceNotFound", {"KmsInstanceId": "kst-hzz00000000aaaaaaaaaa"}),
    ):
        walk.refuses(
            f"SetDeletionProtection with {name} is refused",
            status,
            code,
            "SetDeletionProtection",
            EnableDeletionProtection=True,
            **parameters,
        )
