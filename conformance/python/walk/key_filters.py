"""ListKeys with every filter."""

import json

from harness import equal


def key_filters(walk):
    mark = f"mark-{walk.run_id}"
    tags = json.dumps([{"TagKey": mark, "TagValue": "yes"}])
    made = {
        "aes": walk.new_key(Tags=tags)["KeyId"],
        "hsm": walk.new_key(Tags=tags, ProtectionLevel="HSM")["KeyId"],
        "ec": walk.new_key(Tags=tags, KeySpec="EC_P256")["KeyId"],
        "mac": walk.new_key(Tags=tags, KeySpec="HMAC_SHA256")["KeyId"],
        "off": walk.new_key(Tags=tags, KeySpec="Aliyun_SM4")["KeyId"],
        "going": walk.new_key(Tags=json.dumps([{"TagKey": mark, "TagValue": "no"}]))["KeyId"],
    }
    walk.call("DisableKey", KeyId=made["off"])
    walk.call("ScheduleKeyDeletion", KeyId=made["going"], PendingWindowInDays=7)
    alias = f"alias/{walk.run_id}/filtered"
    walk.call("CreateAlias", AliasName=alias, KeyId=made["ec"])
    own = ("TagKey", [mark])

    def found(expected, *pairs):
        text = json.dumps([{"Key": key, "Values": values} for key, values in pairs])
        answer = walk.call("ListKeys", Filters=text, PageSize=100)
        equal(
            sorted(entry["KeyId"] for entry in answer["Keys"]["Key"]), sorted(made[name] for name in expected), "KeyIds"
        )
        equal(answer["TotalCount"], len(expected), "TotalCount")

    everything = tuple(made)
    for name, expected, *pairs in (
        ("TagKey", everything, own),
        ("TagKey and TagValue", ("going",), own, ("TagValue", ["no"])),
        ("KeyState", ("off",), own, ("KeyState", ["Disabled"])),
        ("two states", ("off", "going"), own, ("KeyState", ["Disabled", "PendingDeletion"])),
        ("one key twice", ("off", "going"), own, ("KeyState", ["Disabled"]), ("KeyState", ["PendingDeletion"])),
        ("KeySpec", ("off",), own, ("KeySpec", ["Aliyun_SM4"])),
        ("KeyUsage", ("ec",), own, ("KeyUsage", ["SIGN/VERIFY"])),
        ("KeyUsage of HMAC keys", ("mac",), own, ("KeyUsage", ["GENERATE/VERIFY_MAC"])),
        ("ProtectionLevel", ("hsm",), own, ("ProtectionLevel", ["HSM"])),
        ("CreatorType", everything, own, ("CreatorType", ["User"])),
        ("CreatorType of service keys", (), own, ("CreatorType", ["Service"])),
        ("Creator", everything, own, ("Creator", [walk.ready.account])),
        ("another Creator", (), own, ("Creator", ["1234567890123456"])),
        ("keyId", ("aes", "mac"), ("keyId", [made["aes"], made["mac"]])),
        ("AliasName", ("ec",), ("AliasName", [alias])),
        ("DKMSInstanceId", (), own, ("DKMSInstanceId", ["kst-hzz00000000aaaaaaaaaa"])),
        ("pairs that exclude each other", (), own, ("KeyState", ["Disabled"]), ("KeySpec", ["EC_P256"])),
    ):
        walk.check(f"ListKeys by {name}", lambda expected=expected, pairs=pairs: found(expected, *pairs))
    for name, pairs in (
        ("an unknown key", [{"Key": "Colour", "Values": ["red"]}]),
        ("11 pairs", [{"Key": "KeySpec", "Values": ["RSA_2048"]}] * 11),
        ("11 values", [{"Key": "KeySpec", "Values": ["RSA_2048"] * 11}]),
        ("values that are no list", [{"Key": "KeySpec", "Values": "RSA_2048"}]),
        ("no list at all", {"Key": "KeySpec"}),
    ):
        walk.refuses(f"ListKeys with {name} is refused", 400, "InvalidParameter", "ListKeys", Filters=json.dumps(pairs))
    walk.refuses("ListKeys with a PageNumber of 0 is refused", 400, "InvalidParameter", "ListKeys", PageNumber=0)
    walk.refuses("ListKeys with a PageSize of 0 is refused", 400, "InvalidParameter", "ListKeys", PageSize=0)
