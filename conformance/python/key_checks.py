"""Regions, keys, key states and aliases."""

import re
from datetime import datetime, timedelta, timezone

from checks import TIME, UNKNOWN_KEY, Checks, empty
from harness import equal, holds, matches

VERSION_ID = re.compile(r"[0-9A-Za-z-]{36}")


def metadata_is(metadata, ready, **expected):
    """Every field of KeyMetadata of an enabled default key."""
    region = ready.region
    key_id = metadata["KeyId"]
    matches(re.compile(r"key-[a-z]{3}[0-9a-f]{8}[0-9a-z]{10}"), key_id, "KeyId")
    if region == "cn-hangzhou":
        holds(key_id.startswith("key-hzz"), f"KeyId {key_id} does not begin key-hzz")
    equal(metadata["Arn"], f"acs:kms:{region}:{ready.account}:key/{key_id}", "Arn")
    equal(metadata["Creator"], ready.account, "Creator")
    matches(TIME, metadata["CreationDate"], "CreationDate")
    age = datetime.now(timezone.utc) - datetime.strptime(metadata["CreationDate"], "%Y-%m-%dT%H:%M:%SZ").replace(
        tzinfo=timezone.utc
    )
    holds(timedelta(minutes=-1) < age < timedelta(hours=1), f"CreationDate is {age} ago")
    matches(VERSION_ID, metadata["PrimaryKeyVersion"], "PrimaryKeyVersion")
    matches(TIME, metadata["LastRotationDate"], "LastRotationDate")
    fixed = {
        "Description": "",
        "KeySpec": "Aliyun_AES_256",
        "KeyUsage": "ENCRYPT/DECRYPT",
        "KeyState": "Enabled",
        "Origin": "Aliyun_KMS",
        "AutomaticRotation": "Disabled",
    }
    for name, value in {**fixed, **expected}.items():
        seen = metadata.get(name)
        if name == "Description" and value == "":
            seen = seen or ""
        equal(seen, value, name)
    holds(
        metadata.get("ProtectionLevel") in ("SOFTWARE", "HSM"), f"ProtectionLevel {metadata.get('ProtectionLevel')!r}"
    )
    empty(metadata, "DKMSInstanceId", "DeleteDate", "MaterialExpireTime", "NextRotationDate", "RotationInterval")


class KeyChecks(Checks):
    def regions(self):
        def described():
            regions = self.call("DescribeRegions")["Regions"]["Region"]
            holds(self.ready.region in [region["RegionId"] for region in regions], f"own region not in {regions}")

        self.check("DescribeRegions names the server's region", described)

    def keys(self):
        def created():
            metadata = self.new_key()
            metadata_is(metadata, self.ready)
            self.key = metadata
            return metadata

        self.check("CreateKey without parameters gives an Aliyun_AES_256 key", created)
        if self.key is None:
            return
        key_id = self.key["KeyId"]

        def created_in_full():
            text = f"{self.run_id} é 密 a+b*c~d e=f&g%h"
            metadata = self.new_key(
                KeySpec="Aliyun_AES_256",
                KeyUsage="ENCRYPT/DECRYPT",
                Origin="Aliyun_KMS",
                ProtectionLevel="SOFTWARE",
                Description=text,
                EnableAutomaticRotation=False,
                Tags='[{"TagKey":"team","TagValue":"a b"}]',
            )
            metadata_is(metadata, self.ready, Description=text, ProtectionLevel="SOFTWARE")

        self.check("CreateKey with parameters echoes them", created_in_full)

        def described(name):
            metadata = self.call("DescribeKey", KeyId=name)["KeyMetadata"]
            metadata_is(metadata, self.ready, KeyId=key_id, DeletionProtection="Disabled")
            for field in ("Arn", "CreationDate", "PrimaryKeyVersion", "LastRotationDate", "ProtectionLevel"):
                equal(metadata[field], self.key[field], field)

        self.check("DescribeKey by id", lambda: described(key_id))
        self.check("DescribeKey by ARN", lambda: described(self.key["Arn"]))
        self.described = described
        for name, parameters in (
            ("an unknown KeySpec", {"KeySpec": "Aliyun_AES_257"}),
            ("an unknown Origin", {"Origin": "Elsewhere"}),
            ("a KeyUsage that the spec cannot have", {"KeyUsage": "SIGN/VERIFY"}),
        ):
            self.check(
                f"CreateKey with {name} is refused",
                lambda parameters=parameters: self.refused(400, "InvalidParameter", "CreateKey", **parameters),
            )
        for action in ("DescribeKey", "EnableKey", "DisableKey"):
            self.check(
                f"{action} of an unknown key is refused",
                lambda action=action: self.refused(404, "Forbidden.KeyNotFound", action, KeyId=UNKNOWN_KEY),
            )

    def aliases(self):
        key_id = self.key["KeyId"]
        self.alias = f"alias/{self.run_id}/main_1"
        self.alias_arn = f"acs:kms:{self.ready.region}:{self.ready.account}:{self.alias}"
        self.check("CreateAlias", lambda: self.call("CreateAlias", AliasName=self.alias, KeyId=key_id))
        self.check(
            "CreateAlias of a name in use is refused",
            lambda: self.refused(400, "AliasAlreadyExists", "CreateAlias", AliasName=self.alias, KeyId=key_id),
        )
        self.check(
            "CreateAlias without the prefix alias/ is refused",
            lambda: self.refused(400, "InvalidParameter", "CreateAlias", AliasName=self.run_id, KeyId=key_id),
        )
        self.check(
            "CreateAlias for an unknown key is refused",
            lambda: self.refused(
                404, "Forbidden.KeyNotFound", "CreateAlias", AliasName=f"alias/{self.run_id}/none", KeyId=UNKNOWN_KEY
            ),
        )
        self.check("DescribeKey by alias", lambda: self.described(self.alias))
        for action, parameters in (
            ("DescribeKey", {}),
            ("Encrypt", {"Plaintext": "x"}),
            ("GenerateDataKey", {}),
            ("GenerateDataKeyWithoutPlaintext", {}),
        ):
            self.check(
                f"{action} with an unknown alias is refused",
                lambda action=action, parameters=parameters: self.refused(
                    404, "Forbidden.AliasNotFound", action, KeyId="alias/there-is-no-such-alias", **parameters
                ),
            )
        for action in ("EnableKey", "DisableKey"):
            self.check(
                f"{action} with an alias is refused",
                lambda action=action: self.refused(400, "Unsupported.Alias", action, KeyId=self.alias),
            )

        def listed():
            before = self.call("ListAliases", PageSize=1)["TotalCount"]
            names = [f"alias/{self.run_id}/list-{number:02}" for number in range(11)]
            for name in names:
                self.call("CreateAlias", AliasName=name, KeyId=key_id)
            first = self.call("ListAliases")
            for field, value in (("PageNumber", 1), ("PageSize", 10), ("TotalCount", before + 11)):
                equal(first[field], value, field)
            equal(len(first["Aliases"]["Alias"]), 10, "number of entries")
            found = {}
            for page in range(1, (before + 11 + 6) // 7 + 1):
                for entry in self.call("ListAliases", PageNumber=page, PageSize=7)["Aliases"]["Alias"]:
                    found[entry["AliasName"]] = entry
            equal(len(found), before + 11, "number of aliases over all pages")
            for name in [*names, self.alias]:
                equal(found[name]["KeyId"], key_id, "KeyId")
                equal(
                    found[name]["AliasArn"],
                    f"acs:kms:{self.ready.region}:{self.ready.account}:{name}",
                    "AliasArn",
                )

        self.check("ListAliases: defaults, pages, entries", listed)

    def key_lists(self):
        def listed():
            before = self.call("ListKeys", PageSize=1)["TotalCount"]
            made = {self.new_key()["KeyId"] for _ in range(11)}
            first = self.call("ListKeys")
            for field, value in (("PageNumber", 1), ("PageSize", 10), ("TotalCount", before + 11)):
                equal(first[field], value, field)
            equal(len(first["Keys"]["Key"]), 10, "number of entries")
            found = []
            for page in range(1, (before + 11 + 6) // 7 + 1):
                answer = self.call("ListKeys", PageNumber=page, PageSize=7)
                equal(answer["PageNumber"], page, "PageNumber")
                equal(answer["PageSize"], 7, "PageSize")
                for entry in answer["Keys"]["Key"]:
                    equal(
                        entry["KeyArn"],
                        f"acs:kms:{self.ready.region}:{self.ready.account}:key/{entry['KeyId']}",
                        "KeyArn",
                    )
                    found.append(entry["KeyId"])
            equal(len(found), before + 11, "number of keys over all pages")
            equal(len(set(found)), len(found), "number of different keys")
            holds(made <= set(found), "a created key is not listed")
            beyond = self.call("ListKeys", PageNumber=99, PageSize=100)
            equal(beyond["Keys"]["Key"], [], "entries beyond the last page")
            equal(beyond["TotalCount"], before + 11, "TotalCount beyond the last page")

        self.check("ListKeys: defaults, pages, entries", listed)
        self.check(
            "ListKeys with a PageSize of 101 is refused",
            lambda: self.refused(400, "InvalidParameter", "ListKeys", PageSize=101),
        )

        def filtered():
            disabled = self.new_key()["KeyId"]
            self.call("DisableKey", KeyId=disabled)
            answer = self.call("ListKeys", Filters='[{"Key":"KeyState","Values":["Disabled"]}]', PageSize=100)
            ids = [entry["KeyId"] for entry in answer["Keys"]["Key"]]
            holds(disabled in ids and self.key["KeyId"] not in ids, f"{len(ids)} keys, the wrong ones")
            equal(answer["TotalCount"], len(ids), "TotalCount")
            answer = self.call(
                "ListKeys",
                Filters='[{"Key":"KeyState","Values":["Disabled"]},{"Key":"KeySpec","Values":["RSA_2048"]}]',
            )
            equal(answer["TotalCount"], 0, "TotalCount of a filter that nothing meets")
            equal(answer["Keys"]["Key"], [], "entries of a filter that nothing meets")

        self.check("ListKeys with Filters", filtered)
        self.check(
            "ListKeys with Filters that are no JSON is refused",
            lambda: self.refused(400, "InvalidParameter", "ListKeys", Filters="KeyState=Disabled"),
        )

    def states(self):
        key = self.check("CreateKey for the key states", self.new_key)
        if key is None:
            return
        key_id = key["KeyId"]
        blob = self.call("Encrypt", KeyId=key_id, Plaintext="kept")["CiphertextBlob"]
        self.check("EnableKey of an enabled key", lambda: self.call("EnableKey", KeyId=key_id))
        self.check("DisableKey", lambda: self.call("DisableKey", KeyId=key_id))
        self.check("DisableKey of a disabled key", lambda: self.call("DisableKey", KeyId=key_id))
        self.check(
            "DescribeKey says Disabled",
            lambda: equal(self.call("DescribeKey", KeyId=key_id)["KeyMetadata"]["KeyState"], "Disabled", "KeyState"),
        )
        for action, parameters in (
            ("Encrypt", {"KeyId": key_id, "Plaintext": "x"}),
            ("Decrypt", {"CiphertextBlob": blob}),
            ("GenerateDataKey", {"KeyId": key_id}),
            ("GenerateDataKeyWithoutPlaintext", {"KeyId": key_id}),
        ):
            self.check(
                f"{action} with a disabled key is refused",
                lambda action=action, parameters=parameters: self.refused(
                    409, "Rejected.Disabled", action, **parameters
                ),
            )
        self.check("EnableKey", lambda: self.call("EnableKey", KeyId=key_id))

        def usable():
            equal(self.call("DescribeKey", KeyId=key_id)["KeyMetadata"]["KeyState"], "Enabled", "KeyState")
            equal(self.call("Decrypt", CiphertextBlob=blob)["Plaintext"], "kept", "Plaintext")
            self.call("Encrypt", KeyId=key_id, Plaintext="x")
            self.call("GenerateDataKey", KeyId=key_id)

        self.check("an enabled key works again", usable)
