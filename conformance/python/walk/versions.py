"""Key versions and automatic rotation."""

from checks import TIME, UNKNOWN_KEY, empty
from harness import equal, holds, matches


def versions(walk):
    key_id, first = walk.fresh_key()
    alias = f"alias/{walk.run_id}/versions"

    def created():
        walk.call("CreateAlias", AliasName=alias, KeyId=key_id)
        blob = walk.call("Encrypt", KeyId=key_id, Plaintext="old")["CiphertextBlob"]
        version = walk.call("CreateKeyVersion", KeyId=key_id)["KeyVersion"]
        equal(version["KeyId"], key_id, "KeyId")
        matches(TIME, version["CreationDate"], "CreationDate")
        second = version["KeyVersionId"]
        equal(len(second), 36, "characters of KeyVersionId")
        metadata = walk.described(key_id)
        equal(metadata["PrimaryKeyVersion"], second, "PrimaryKeyVersion")
        equal(metadata["LastRotationDate"], version["CreationDate"], "LastRotationDate")
        equal(walk.call("Encrypt", KeyId=key_id, Plaintext="new")["KeyVersionId"], second, "KeyVersionId of Encrypt")
        opened = walk.call("Decrypt", CiphertextBlob=blob)
        equal((opened["Plaintext"], opened["KeyVersionId"]), ("old", first), "Plaintext and KeyVersionId of Decrypt")
        equal(
            walk.call("DescribeKeyVersion", KeyId=key_id, KeyVersionId=second)["KeyVersion"],
            version,
            "DescribeKeyVersion",
        )
        old = walk.call("DescribeKeyVersion", KeyId=alias, KeyVersionId=first)["KeyVersion"]
        equal((old["KeyId"], old["KeyVersionId"]), (key_id, first), "DescribeKeyVersion of the first version")

    walk.check("CreateKeyVersion: the new version encrypts, the old one still decrypts", created)

    def listed():
        for _ in range(2):
            walk.call("CreateKeyVersion", KeyId=key_id)
        answer = walk.call("ListKeyVersions", KeyId=alias)
        equal(
            (answer["PageNumber"], answer["PageSize"], answer["TotalCount"]),
            (1, 10, 4),
            "PageNumber, PageSize, TotalCount",
        )
        pages = [walk.call("ListKeyVersions", KeyId=key_id, PageNumber=n, PageSize=3) for n in (1, 2)]
        entries = [entry for page in pages for entry in page["KeyVersions"]["KeyVersion"]]
        equal(len({entry["KeyVersionId"] for entry in entries}), 4, "number of versions over all pages")
        holds(
            all(entry["KeyId"] == key_id and TIME.fullmatch(entry["CreationDate"]) for entry in entries),
            "a wrong entry",
        )

    walk.check("ListKeyVersions: defaults, pages, entries", listed)
    _, other_version = walk.key_of("Aliyun_AES_256")
    for name, status, code, action, parameters in (
        (
            "CreateKeyVersion of an unknown key",
            404,
            "Forbidden.KeyNotFound",
            "CreateKeyVersion",
            {"KeyId": UNKNOWN_KEY},
        ),
        (
            "CreateKeyVersion of a new key pair, within 7 days,",
            400,
            "Rejected.UnsupportedOperation",
            "CreateKeyVersion",
            {"KeyId": walk.key_of("EC_P256")[0]},
        ),
        (
            "DescribeKeyVersion of an unknown key",
            404,
            "Forbidden.KeyNotFound",
            "DescribeKeyVersion",
            {"KeyId": UNKNOWN_KEY, "KeyVersionId": first},
        ),
        (
            "DescribeKeyVersion of an unknown version",
            404,
            "Forbidden.KeyVersionNotFound",
            "DescribeKeyVersion",
            {"KeyId": key_id, "KeyVersionId": "00000000-0000-4000-8000-000000000000"},
        ),
        (
            "DescribeKeyVersion of another key's version",
            404,
            "Forbidden.KeyVersionNotFound",
            "DescribeKeyVersion",
            {"KeyId": key_id, "KeyVersionId": other_version},
        ),
        ("ListKeyVersions of an unknown key", 404, "Forbidden.KeyNotFound", "ListKeyVersions", {"KeyId": UNKNOWN_KEY}),
        (
            "ListKeyVersions of an unknown alias",
            404,
            "Forbidden.AliasNotFound",
            "ListKeyVersions",
            {"KeyId": "alias/no-such"},
        ),
        (
            "ListKeyVersions with a PageSize of 101",
            400,
            "InvalidParameter",
            "ListKeyVersions",
            {"KeyId": key_id, "PageSize": 101},
        ),
        (
            "ListKeyVersions with a PageNumber of 0",
            400,
            "InvalidParameter",
            "ListKeyVersions",
            {"KeyId": key_id, "PageNumber": 0},
        ),
    ):
        walk.refuses(f"{name} is refused", status, code, action, **parameters)


def rotation(walk):
    key_id, _ = walk.fresh_key()

    def rotates(interval, seconds):
        walk.call("UpdateRotationPolicy", KeyId=key_id, EnableAutomaticRotation=True, RotationInterval=interval)
        metadata = walk.described(key_id)
        equal(metadata["AutomaticRotation"], "Enabled", "AutomaticRotation")
        equal(metadata["RotationInterval"], f"{seconds}s", "RotationInterval")
        matches(TIME, metadata["NextRotationDate"], "NextRotationDate")

    day = 86400
    for interval, seconds in (
        ("7d", 7 * day),
        ("168h", 7 * day),
        ("10080m", 7 * day),
        (f"{30 * day}s", 30 * day),
        ("730d", 730 * day),
    ):
        walk.check(f"UpdateRotationPolicy every {interval}", lambda i=interval, s=seconds: rotates(i, s))

    def suspended():
        walk.call("DisableKey", KeyId=key_id)
        metadata = walk.described(key_id)
        equal(
            (metadata["AutomaticRotation"], metadata["RotationInterval"]),
            ("Suspended", f"{730 * day}s"),
            "of a disabled key",
        )
        walk.refused(409, "Rejected.Disabled", "UpdateRotationPolicy", KeyId=key_id, EnableAutomaticRotation=False)
        walk.call("EnableKey", KeyId=key_id)
        equal(walk.described(key_id)["AutomaticRotation"], "Enabled", "AutomaticRotation")

    walk.check("automatic rotation of a disabled key is suspended", suspended)

    def off():
        walk.call("UpdateRotationPolicy", KeyId=key_id, EnableAutomaticRotation=False)
        metadata = walk.described(key_id)
        equal(metadata["AutomaticRotation"], "Disabled", "AutomaticRotation")
        empty(metadata, "RotationInterval", "NextRotationDate")

    walk.check("UpdateRotationPolicy switches automatic rotation off", off)
    alias = f"alias/{walk.run_id}/rotation"
    walk.check("CreateAlias for UpdateRotationPolicy", lambda: walk.call("CreateAlias", AliasName=alias, KeyId=key_id))
    for name, status, code, parameters in (
        ("an interval below 7 days", 400, "InvalidParameter", {"RotationInterval": f"{7 * day - 1}s"}),
        ("an interval above 730 days", 400, "InvalidParameter", {"RotationInterval": "731d"}),
        ("an interval in weeks", 400, "InvalidParameter", {"RotationInterval": "2w"}),
        ("a negative interval", 400, "InvalidParameter", {"RotationInterval": "-30d"}),
        ("no interval", 400, ("InvalidParameter", "MissingParameter"), {"RotationInterval": ""}),
        ("an alias", 400, "Unsupported.Alias", {"KeyId": alias}),
        ("an unknown key", 404, "Forbidden.KeyNotFound", {"KeyId": UNKNOWN_KEY}),
        ("a key pair", 400, "Rejected.UnsupportedOperation", {"KeyId": walk.key_of("RSA_2048")[0]}),
        ("an HMAC key", 400, "Rejected.UnsupportedOperation", {"KeyId": walk.key_of("HMAC_SHA256")[0]}),
    ):
        walk.refuses(
            f"UpdateRotationPolicy with {name} is refused",
            status,
            code,
            "UpdateRotationPolicy",
            **{"KeyId": key_id, "EnableAutomaticRotation": True, "RotationInterval": "30d", **parameters},
        )
