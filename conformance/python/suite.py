"""The checks that every Python client runs, in every signature version it has.

A client is an adapter with `call(action, date=None, nonce=None, **parameters)`, which takes and
gives names as they stand on the wire, and raises `KmsError`. `date` and `nonce` replace what the
SDK would have put into the request before signing it.
"""

import base64
import json
import re
import secrets
import string
from datetime import datetime, timedelta, timezone

from harness import equal, holds, matches, refused

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
REQUEST_ID = re.compile(r"[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
VERSION_ID = re.compile(r"[0-9A-Za-z-]{36}")
UNKNOWN_KEY = "key-hzz00000000aaaaaaaaaa"
PUNCTUATION = string.punctuation

TEXTS = {
    "text that is no base64": "plaintext",
    "text beyond ASCII": "Grüße, 密钥 и ключ 🔑",
    "base64 text": base64.b64encode(bytes(range(256))).decode(),
    "text that URLs escape": " a+b*c~d/e=f&g%20h?i#j'k(l)!\"m\\n<>\t\r\n.",
    "one character": "x",
}


def stamp(minutes=0):
    return (datetime.now(timezone.utc) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def empty(answer, *names):
    for name in names:
        holds(answer.get(name) in (None, ""), f"{name} is {answer.get(name)!r}, expected none")


def answered(answer):
    matches(REQUEST_ID, answer.get("RequestId"), "RequestId")
    return answer


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
    holds(metadata.get("ProtectionLevel") in ("SOFTWARE", "HSM"), f"ProtectionLevel {metadata.get('ProtectionLevel')!r}")
    empty(metadata, "DKMSInstanceId", "DeleteDate", "MaterialExpireTime", "NextRotationDate", "RotationInterval")


class Suite:
    def __init__(self, harness, kms, ready, tag):
        self.harness = harness
        self.kms = kms
        self.ready = ready
        self.tag = tag
        self.run_id = f"{re.sub('[^a-z0-9]+', '-', tag.lower())}-{secrets.token_hex(4)}"
        self.key = None

    def check(self, name, fn):
        return self.harness.check(f"{self.tag}: {name}", fn)

    def call(self, action, **parameters):
        return answered(self.kms.call(action, **parameters))

    def refused(self, status, code, action, **parameters):
        return refused(status, self.kms.exposed(code), lambda: self.kms.call(action, **parameters))

    def new_key(self, **parameters):
        return self.call("CreateKey", **parameters)["KeyMetadata"]

    def run(self):
        self.regions()
        self.keys()
        if self.key is None:
            self.check("the remaining checks", lambda: holds(False, "not run, for there is no key"))
            return
        self.aliases()
        self.key_lists()
        self.encryption()
        self.contexts()
        self.data_keys()
        self.states()
        self.passwords()
        self.secrets()
        self.secret_versions()
        self.secret_lists()
        self.secret_sizes()
        self.missing_parameters()
        self.undone_operations()
        self.clock_and_replay()

    # Regions and keys

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

    # Cryptography

    def round_trip(self, key, text, context=None, read_context=None):
        extra = {} if context is None else {"EncryptionContext": context}
        sealed = self.call("Encrypt", KeyId=key, Plaintext=text, **extra)
        equal(sealed["KeyId"], self.key["KeyId"], "KeyId of Encrypt")
        equal(sealed["KeyVersionId"], self.key["PrimaryKeyVersion"], "KeyVersionId of Encrypt")
        blob = base64.b64decode(sealed["CiphertextBlob"], validate=True)
        equal(blob[:36].decode(), sealed["KeyVersionId"], "version id at the head of the blob")
        context = read_context if read_context is not None else context
        extra = {} if context is None else {"EncryptionContext": context}
        opened = self.call("Decrypt", CiphertextBlob=sealed["CiphertextBlob"], **extra)
        equal(opened["Plaintext"], text, "Plaintext")
        equal(opened["KeyId"], self.key["KeyId"], "KeyId of Decrypt")
        equal(opened["KeyVersionId"], self.key["PrimaryKeyVersion"], "KeyVersionId of Decrypt")
        return sealed["CiphertextBlob"]

    def encryption(self):
        key_id = self.key["KeyId"]
        for name, text in TEXTS.items():
            self.check(f"Encrypt and Decrypt {name}", lambda text=text: self.round_trip(key_id, text))
        self.check("Encrypt by alias names the real key", lambda: self.round_trip(self.alias, "by alias"))
        self.check("Encrypt by ARN names the real key", lambda: self.round_trip(self.key["Arn"], "by ARN"))
        self.check("Encrypt by alias ARN names the real key", lambda: self.round_trip(self.alias_arn, "by alias ARN"))

        def never_twice():
            one, two = self.round_trip(key_id, "same"), self.round_trip(key_id, "same")
            holds(one != two, "two encryptions gave one blob")

        self.check("Encrypt never gives the same blob twice", never_twice)
        self.check("Encrypt of 6144 bytes", lambda: self.round_trip(key_id, "a" * 6144))
        self.check("Encrypt of 6144 bytes in 2048 characters", lambda: self.round_trip(key_id, "密" * 2048))
        self.check(
            "Encrypt of 6145 bytes is refused",
            lambda: self.refused(400, "InvalidParameter", "Encrypt", KeyId=key_id, Plaintext="a" * 6145),
        )
        self.check(
            "Encrypt of 6145 bytes in 2049 characters is refused",
            lambda: self.refused(400, "InvalidParameter", "Encrypt", KeyId=key_id, Plaintext="密" * 2048 + "a"),
        )
        self.check(
            "Encrypt with an unknown key is refused",
            lambda: self.refused(404, "Forbidden.KeyNotFound", "Encrypt", KeyId=UNKNOWN_KEY, Plaintext="x"),
        )

        def corrupt(position):
            blob = bytearray(base64.b64decode(self.round_trip(key_id, "to be broken")))
            blob[position] ^= 1
            self.refused(400, "InvalidParameter", "Decrypt", CiphertextBlob=base64.b64encode(blob).decode())

        for position in (-1, 36, 50):
            self.check(f"Decrypt of a blob with byte {position} changed is refused", lambda p=position: corrupt(p))

        def cut():
            blob = base64.b64decode(self.round_trip(key_id, "to be cut"))
            self.refused(400, "InvalidParameter", "Decrypt", CiphertextBlob=base64.b64encode(blob[:48]).decode())

        self.check("Decrypt of a blob that was cut off is refused", cut)
        self.check(
            "Decrypt of what is no base64 is refused",
            lambda: self.refused(400, "InvalidParameter", "Decrypt", CiphertextBlob="!no base64!"),
        )

        def foreign():
            blob = b"00000000-0000-4000-8000-000000000000" + secrets.token_bytes(60)
            self.refused(404, "Forbidden.KeyNotFound", "Decrypt", CiphertextBlob=base64.b64encode(blob).decode())

        self.check("Decrypt of a blob of an unknown key is refused", foreign)

    def contexts(self):
        key_id = self.key["KeyId"]
        context = {"purpose": "backup", "owner": "Jürgen & 密", "zone": "a+b=c"}
        other_order = dict(reversed(list(context.items())))
        self.check("EncryptionContext is bound and can be given again", lambda: self.round_trip(key_id, "x", context))
        self.check(
            "EncryptionContext may be given in another order",
            lambda: self.round_trip(key_id, "x", context, other_order),
        )
        self.check("an empty EncryptionContext is none", lambda: self.round_trip(key_id, "x", {}, {}))
        sealed = self.check(
            "Encrypt with EncryptionContext",
            lambda: self.call("Encrypt", KeyId=key_id, Plaintext="x", EncryptionContext=context)["CiphertextBlob"],
        )
        wrong = {
            "another value": {**context, "purpose": "restore"},
            "a pair missing": {"purpose": "backup"},
            "a pair more": {**context, "more": "1"},
            "another name": {"Purpose": "backup", "owner": context["owner"], "zone": context["zone"]},
        }
        for name, pairs in wrong.items():
            self.check(
                f"Decrypt with an EncryptionContext with {name} is refused",
                lambda pairs=pairs: self.refused(
                    400, "InvalidParameter", "Decrypt", CiphertextBlob=sealed, EncryptionContext=pairs
                ),
            )
        self.check(
            "Decrypt without the EncryptionContext is refused",
            lambda: self.refused(400, "InvalidParameter", "Decrypt", CiphertextBlob=sealed),
        )

        def unwanted():
            plain = self.round_trip(key_id, "x")
            self.refused(400, "InvalidParameter", "Decrypt", CiphertextBlob=plain, EncryptionContext=context)

        self.check("Decrypt with an EncryptionContext that Encrypt did not have is refused", unwanted)
        for name, pairs in (("a number", {"a": 1}), ("a list", {"a": ["b"]}), ("a nested object", {"a": {"b": "c"}})):
            self.check(
                f"Encrypt with {name} in the EncryptionContext is refused",
                lambda pairs=pairs: self.refused(
                    400, "InvalidParameter", "Encrypt", KeyId=key_id, Plaintext="x", EncryptionContext=pairs
                ),
            )

    def data_keys(self):
        key_id = self.key["KeyId"]
        cases = (
            ("default", {}, 32),
            ("AES_256", {"KeySpec": "AES_256"}, 32),
            ("AES_128", {"KeySpec": "AES_128"}, 16),
            ("1 byte", {"NumberOfBytes": 1}, 1),
            ("1024 bytes", {"NumberOfBytes": 1024}, 1024),
            ("24 bytes before AES_128", {"NumberOfBytes": 24, "KeySpec": "AES_128"}, 24),
            ("with EncryptionContext", {"EncryptionContext": {"a": "b"}}, 32),
        )

        def generated(action, parameters, size, key=key_id):
            answer = self.call(action, KeyId=key, **parameters)
            equal(answer["KeyId"], key_id, "KeyId")
            equal(answer["KeyVersionId"], self.key["PrimaryKeyVersion"], "KeyVersionId")
            context = {name: parameters[name] for name in ("EncryptionContext",) if name in parameters}
            opened = self.call("Decrypt", CiphertextBlob=answer["CiphertextBlob"], **context)["Plaintext"]
            equal(len(base64.b64decode(opened, validate=True)), size, "number of bytes")
            if action == "GenerateDataKey":
                equal(answer["Plaintext"], opened, "Plaintext")
            else:
                empty(answer, "Plaintext")
            return opened

        for action in ("GenerateDataKey", "GenerateDataKeyWithoutPlaintext"):
            for name, parameters, size in cases:
                self.check(
                    f"{action}, {name}",
                    lambda action=action, parameters=parameters, size=size: generated(action, parameters, size),
                )
            self.check(f"{action} by alias", lambda action=action: generated(action, {}, 32, self.alias))
            self.check(f"{action} by ARN", lambda action=action: generated(action, {}, 32, self.key["Arn"]))
            for name, parameters in (
                ("1025 bytes", {"NumberOfBytes": 1025}),
                ("-1 bytes", {"NumberOfBytes": -1}),
                ("an unknown KeySpec", {"KeySpec": "AES_512"}),
            ):
                self.check(
                    f"{action} with {name} is refused",
                    lambda action=action, parameters=parameters: self.refused(
                        400, "InvalidParameter", action, KeyId=key_id, **parameters
                    ),
                )
            self.check(
                f"{action} with an unknown key is refused",
                lambda action=action: self.refused(404, "Forbidden.KeyNotFound", action, KeyId=UNKNOWN_KEY),
            )
        self.check(
            "GenerateDataKey never gives the same key twice",
            lambda: holds(
                generated("GenerateDataKey", {}, 32) != generated("GenerateDataKey", {}, 32), "the same key twice"
            ),
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
                lambda action=action, parameters=parameters: self.refused(409, "Rejected.Disabled", action, **parameters),
            )
        self.check("EnableKey", lambda: self.call("EnableKey", KeyId=key_id))

        def usable():
            equal(self.call("DescribeKey", KeyId=key_id)["KeyMetadata"]["KeyState"], "Enabled", "KeyState")
            equal(self.call("Decrypt", CiphertextBlob=blob)["Plaintext"], "kept", "Plaintext")
            self.call("Encrypt", KeyId=key_id, Plaintext="x")
            self.call("GenerateDataKey", KeyId=key_id)

        self.check("an enabled key works again", usable)

    # Passwords

    def passwords(self):
        classes = {
            "lower case": ("ExcludeLowercase", string.ascii_lowercase),
            "upper case": ("ExcludeUppercase", string.ascii_uppercase),
            "digits": ("ExcludeNumbers", string.digits),
            "punctuation": ("ExcludePunctuation", PUNCTUATION),
        }
        everything = set(string.ascii_letters + string.digits + PUNCTUATION)

        def password(length=32, absent="", required=(), **parameters):
            text = self.call("GetRandomPassword", **parameters)["RandomPassword"]
            equal(len(text), length, "length")
            holds(set(text) <= everything, "a character outside the four classes")
            holds(not set(text) & set(absent), "an excluded character")
            for members in required:
                holds(set(text) & set(members), f"no character of {members}")
            return text

        all_classes = [members for _, members in classes.values()]
        self.check("GetRandomPassword: 32 characters of all classes", lambda: password(required=all_classes))
        for length in ("8", "64", "128"):
            self.check(
                f"GetRandomPassword of {length} characters",
                lambda length=length: password(int(length), required=all_classes, PasswordLength=length),
            )
        for length in ("7", "129", "long"):
            self.check(
                f"GetRandomPassword of {length} characters is refused",
                lambda length=length: self.refused(
                    400, "InvalidParameter", "GetRandomPassword", PasswordLength=length
                ),
            )
        for name, (parameter, members) in classes.items():
            self.check(
                f"GetRandomPassword without {name}",
                lambda parameter=parameter, members=members: password(absent=members, **{parameter: "true"}),
            )
        self.check(
            "GetRandomPassword of digits only",
            lambda: holds(
                password(
                    128,
                    PasswordLength="128",
                    ExcludeLowercase="true",
                    ExcludeUppercase="true",
                    ExcludePunctuation="true",
                ).isdigit(),
                "more than digits",
            ),
        )
        unwanted = "aeiouAEIOU013579+&=%#\"'\\ ~"
        self.check(
            "GetRandomPassword with ExcludeCharacters",
            lambda: password(128, unwanted, PasswordLength="128", ExcludeCharacters=unwanted.replace(" ", "")),
        )
        self.check(
            "GetRandomPassword with RequireEachIncludedType",
            lambda: [
                password(8, required=all_classes, PasswordLength="8", RequireEachIncludedType="true") for _ in range(5)
            ],
        )
        self.check(
            "GetRandomPassword without any class is refused",
            lambda: self.refused(
                400,
                "InvalidParameter",
                "GetRandomPassword",
                **{parameter: "true" for parameter, _ in classes.values()},
            ),
        )
        self.check(
            "GetRandomPassword never gives the same password twice",
            lambda: holds(password() != password(), "the same password twice"),
        )

    # Secrets

    def value_is(self, name, version, data, stages, data_type="text", **parameters):
        answer = self.call("GetSecretValue", SecretName=name, **parameters)
        expected = {
            "SecretName": name,
            "VersionId": version,
            "SecretData": data,
            "SecretDataType": data_type,
            "SecretType": "Generic",
        }
        for field, value in expected.items():
            equal(answer[field], value, field)
        equal(sorted(answer["VersionStages"]["VersionStage"]), sorted(stages), "VersionStages")
        matches(TIME, answer["CreateTime"], "CreateTime")
        empty(answer, "ExtendedConfig", "NextRotationDate", "RotationInterval")
        return answer

    def secrets(self):
        self.secret = name = f"{self.run_id}/app.db+main=1@x-y_z"
        text = " p@ss w0rd+&=%25~*\"'<>/\\ Grüße 密钥 🔑\r\n\t#"
        self.first_value = text

        def created():
            answer = self.call(
                "CreateSecret",
                SecretName=name,
                VersionId="v1",
                SecretData=text,
                Description=f"for {self.run_id} é",
                Tags='[{"TagKey":"team","TagValue":"blue"},{"TagKey":"%s","TagValue":"a b"}]' % self.run_id,
            )
            equal(answer["Arn"], f"acs:kms:{self.ready.region}:{self.ready.account}:secret/{name}", "Arn")
            equal(answer["SecretName"], name, "SecretName")
            equal(answer["VersionId"], "v1", "VersionId")
            equal(answer["SecretType"], "Generic", "SecretType")
            empty(answer, "ExtendedConfig", "NextRotationDate", "RotationInterval", "DKMSInstanceId")

        self.check("CreateSecret", created)
        self.check(
            "CreateSecret of a name in use is refused",
            lambda: self.refused(
                409, "Rejected.ResourceExist", "CreateSecret", SecretName=name, VersionId="v9", SecretData="x"
            ),
        )
        self.check("GetSecretValue", lambda: self.value_is(name, "v1", text, ["ACSCurrent"]))
        self.check(
            "GetSecretValue by stage",
            lambda: self.value_is(name, "v1", text, ["ACSCurrent"], VersionStage="ACSCurrent"),
        )
        self.check(
            "GetSecretValue by version id",
            lambda: self.value_is(name, "v1", text, ["ACSCurrent"], VersionId="v1"),
        )
        for what, parameters in (
            ("an unknown secret", {"SecretName": f"{self.run_id}/none"}),
            ("an unknown version", {"SecretName": name, "VersionId": "v0"}),
            ("an unknown stage", {"SecretName": name, "VersionStage": "ACSPrevious"}),
        ):
            self.check(
                f"GetSecretValue of {what} is refused",
                lambda parameters=parameters: self.refused(
                    404, "Forbidden.ResourceNotFound", "GetSecretValue", **parameters
                ),
            )
        self.check(
            "DescribeSecret of an unknown secret is refused",
            lambda: self.refused(
                404, "Forbidden.ResourceNotFound", "DescribeSecret", SecretName=f"{self.run_id}/none"
            ),
        )
        self.check(
            "PutSecretValue to an unknown secret is refused",
            lambda: self.refused(
                404,
                "Forbidden.ResourceNotFound",
                "PutSecretValue",
                SecretName=f"{self.run_id}/none",
                VersionId="v1",
                SecretData="x",
            ),
        )

        def described(fetch):
            extra = {} if fetch is None else {"FetchTags": fetch}
            answer = self.call("DescribeSecret", SecretName=name, **extra)
            for field, value in (
                ("Arn", f"acs:kms:{self.ready.region}:{self.ready.account}:secret/{name}"),
                ("SecretName", name),
                ("SecretType", "Generic"),
                ("Description", f"for {self.run_id} é"),
            ):
                equal(answer[field], value, field)
            matches(TIME, answer["CreateTime"], "CreateTime")
            matches(TIME, answer["UpdateTime"], "UpdateTime")
            empty(answer, "PlannedDeleteTime", "DKMSInstanceId", "ExtendedConfig", "RotationInterval")
            tags = ((answer.get("Tags") or {}).get("Tag")) or []
            seen = sorted((tag["TagKey"], tag["TagValue"]) for tag in tags)
            equal(seen, sorted([("team", "blue"), (self.run_id, "a b")]) if fetch == "true" else [], "Tags")

        self.check("DescribeSecret with its tags", lambda: described("true"))
        self.check("DescribeSecret without tags", lambda: described(None))
        for what, bad in (
            ("longer than 192 characters", "n" * 193),
            ("with the prefix acs/", f"acs/{self.run_id}"),
            ("with a blank", f"{self.run_id} x"),
        ):
            self.check(
                f"CreateSecret with a name {what} is refused",
                lambda bad=bad: self.refused(
                    400, "InvalidParameter", "CreateSecret", SecretName=bad, VersionId="v1", SecretData="x"
                ),
            )

        def binary():
            data = base64.b64encode(bytes(range(256))).decode()
            self.call(
                "CreateSecret",
                SecretName=f"{self.run_id}/binary",
                VersionId="v1",
                SecretData=data,
                SecretDataType="binary",
            )
            self.value_is(f"{self.run_id}/binary", "v1", data, ["ACSCurrent"], "binary")

        self.check("a binary secret comes back as it went in", binary)

    def secret_versions(self):
        name, first = self.secret, self.first_value

        def put(version, data, stages=None, expected=("ACSCurrent",), **parameters):
            extra = {} if stages is None else {"VersionStages": json.dumps(stages)}
            answer = self.call(
                "PutSecretValue", SecretName=name, VersionId=version, SecretData=data, **extra, **parameters
            )
            equal(answer["SecretName"], name, "SecretName")
            equal(answer["VersionId"], version, "VersionId")
            equal(sorted(answer["VersionStages"]["VersionStage"]), sorted(expected), "VersionStages")

        def moved():
            put("v2", "second")
            self.value_is(name, "v2", "second", ["ACSCurrent"])
            self.value_is(name, "v1", first, ["ACSPrevious"], VersionStage="ACSPrevious")
            put("v3", "third")
            self.value_is(name, "v3", "third", ["ACSCurrent"])
            self.value_is(name, "v2", "second", ["ACSPrevious"], VersionStage="ACSPrevious")
            self.value_is(name, "v1", first, [], VersionId="v1")

        self.check("PutSecretValue moves ACSCurrent and ACSPrevious", moved)

        def repeated():
            put("v3", "third")
            self.value_is(name, "v3", "third", ["ACSCurrent"])
            self.value_is(name, "v2", "second", ["ACSPrevious"], VersionStage="ACSPrevious")

        self.check("PutSecretValue with the same id and value changes nothing", repeated)
        self.check(
            "PutSecretValue with the same id and another value is refused",
            lambda: self.refused(
                409, "Rejected.ResourceExist", "PutSecretValue", SecretName=name, VersionId="v3", SecretData="other"
            ),
        )
        self.check(
            "GetSecretValue with an id and a stage of different versions is refused",
            lambda: self.refused(
                404,
                "Forbidden.ResourceNotFound",
                "GetSecretValue",
                SecretName=name,
                VersionId="v2",
                VersionStage="ACSCurrent",
            ),
        )

        def labelled():
            put("v4", "fourth", ["blue"], ["blue"])
            self.value_is(name, "v4", "fourth", ["blue"], VersionStage="blue")
            self.value_is(name, "v3", "third", ["ACSCurrent"])
            put("v5", "fifth", ["ACSCurrent", "blue"], ["ACSCurrent", "blue"])
            self.value_is(name, "v5", "fifth", ["ACSCurrent", "blue"])
            self.value_is(name, "v3", "third", ["ACSPrevious"], VersionStage="ACSPrevious")
            self.value_is(name, "v4", "fourth", [], VersionId="v4")

        self.check("PutSecretValue with VersionStages moves those labels", labelled)

        def binary():
            put("v6", "AAECAw==", SecretDataType="binary")
            self.value_is(name, "v6", "AAECAw==", ["ACSCurrent"], "binary")

        self.check("PutSecretValue of binary data", binary)

        def pruned():
            other = f"{self.run_id}/pruned"
            self.call("CreateSecret", SecretName=other, VersionId="v01", SecretData="1")
            for number in range(2, 11):
                self.call("PutSecretValue", SecretName=other, VersionId=f"v{number:02}", SecretData=str(number))
            self.value_is(other, "v01", "1", [], VersionId="v01")
            self.call("PutSecretValue", SecretName=other, VersionId="v11", SecretData="11")
            self.refused(404, "Forbidden.ResourceNotFound", "GetSecretValue", SecretName=other, VersionId="v01")
            self.value_is(other, "v02", "2", [], VersionId="v02")
            self.value_is(other, "v11", "11", ["ACSCurrent"])

        self.check("the eleventh version replaces the oldest without a stage", pruned)

    def secret_lists(self):
        def listed():
            before = self.call("ListSecrets", PageSize=1)["TotalCount"]
            names = [f"{self.run_id}/list-{number:02}" for number in range(11)]
            for name in names:
                self.call("CreateSecret", SecretName=name, VersionId="v1", SecretData="x")
            first = self.call("ListSecrets")
            for field, value in (("PageNumber", 1), ("PageSize", 10), ("TotalCount", before + 11)):
                equal(first[field], value, field)
            equal(len(first["SecretList"]["Secret"]), 10, "number of entries")
            found = []
            for page in range(1, (before + 11 + 6) // 7 + 1):
                answer = self.call("ListSecrets", PageNumber=page, PageSize=7)
                equal(answer["PageNumber"], page, "PageNumber")
                equal(answer["PageSize"], 7, "PageSize")
                for entry in answer["SecretList"]["Secret"]:
                    matches(TIME, entry["CreateTime"], "CreateTime")
                    matches(TIME, entry["UpdateTime"], "UpdateTime")
                    equal(entry["SecretType"], "Generic", "SecretType")
                    empty(entry, "PlannedDeleteTime")
                    found.append(entry["SecretName"])
            equal(len(found), before + 11, "number of secrets over all pages")
            equal(len(set(found)), len(found), "number of different secrets")
            holds(set(names) <= set(found), "a created secret is not listed")

        self.check("ListSecrets: defaults, pages, entries", listed)

        def filtered(expected, fetch="false", **filters):
            text = json.dumps([{"Key": key, "Values": values} for key, values in filters.items()])
            answer = self.call("ListSecrets", Filters=text, FetchTags=fetch)
            entries = answer["SecretList"]["Secret"]
            equal(sorted(entry["SecretName"] for entry in entries), sorted(expected), "SecretNames")
            equal(answer["TotalCount"], len(expected), "TotalCount")
            return entries

        one = f"{self.run_id}/list-05"
        other = f"{self.run_id}/list-06"
        self.check("ListSecrets by name", lambda: filtered([one], SecretName=[one]))
        self.check("ListSecrets by two names", lambda: filtered([one, other], SecretName=[one, other]))
        self.check("ListSecrets by a filter that nothing meets", lambda: filtered([], SecretName=[f"{self.run_id}/no"]))
        self.check(
            "ListSecrets by type and name", lambda: filtered([one], SecretName=[one], SecretType=["generic"])
        )

        def tagged():
            entries = filtered([self.secret], "true", TagKey=[self.run_id], TagValue=["a b"])
            tags = sorted((tag["TagKey"], tag["TagValue"]) for tag in entries[0]["Tags"]["Tag"])
            equal(tags, sorted([("team", "blue"), (self.run_id, "a b")]), "Tags")

        self.check("ListSecrets by tag, with tags", tagged)
        self.check(
            "ListSecrets with a PageSize of 101 is refused",
            lambda: self.refused(400, "InvalidParameter", "ListSecrets", PageSize=101),
        )

    def secret_sizes(self):
        values = {"30720 bytes": "a" * 30720}
        if self.kms.secret_data_in_body:
            values["30720 bytes in 10240 characters"] = "密" * 10240
        for what, data in values.items():

            def kept(what=what, data=data):
                name = f"{self.run_id}/{what.replace(' ', '-')}"
                self.call("CreateSecret", SecretName=name, VersionId="v1", SecretData=data)
                self.value_is(name, "v1", data, ["ACSCurrent"])

            self.check(f"a secret of {what}", kept)
        self.check(
            "CreateSecret of 30721 bytes is refused",
            lambda: self.refused(
                400,
                "InvalidParameter",
                "CreateSecret",
                SecretName=f"{self.run_id}/large",
                VersionId="v1",
                SecretData="a" * 30721,
            ),
        )
        self.check(
            "PutSecretValue of 30721 bytes is refused",
            lambda: self.refused(
                400,
                "InvalidParameter",
                "PutSecretValue",
                SecretName=self.secret,
                VersionId="large",
                SecretData="a" * 30721,
            ),
        )

    # Refusals that do not depend on keys and secrets

    def missing_parameters(self):
        complete = {
            "DescribeKey": {"KeyId": "x"},
            "EnableKey": {"KeyId": "x"},
            "DisableKey": {"KeyId": "x"},
            "CreateAlias": {"AliasName": "alias/x", "KeyId": "x"},
            "Encrypt": {"KeyId": self.key["KeyId"], "Plaintext": "x"},
            "Decrypt": {"CiphertextBlob": "x"},
            "GenerateDataKey": {"KeyId": "x"},
            "GenerateDataKeyWithoutPlaintext": {"KeyId": "x"},
            "CreateSecret": {"SecretName": "x", "VersionId": "v1", "SecretData": "x"},
            "PutSecretValue": {"SecretName": "x", "VersionId": "v1", "SecretData": "x"},
            "GetSecretValue": {"SecretName": "x"},
            "DescribeSecret": {"SecretName": "x"},
        }
        for action, parameters in complete.items():
            for name in parameters:
                rest = {key: value for key, value in parameters.items() if key != name}
                self.check(
                    f"{action} without {name} is refused",
                    lambda action=action, name=name, rest=rest: self.refused(400, f"Missing{name}", action, **rest),
                )

    def undone_operations(self):
        self.check(
            "ListNetworkRules is not offered yet",
            lambda: self.refused(400, "UnsupportedOperation", "ListNetworkRules"),
        )
        self.check(
            "an unknown operation is refused",
            lambda: self.refused(404, "InvalidAction.NotFound", "NoSuchOperation"),
        )

    def clock_and_replay(self):
        for minutes in (-14, 14):
            self.check(
                f"a request dated {minutes:+} minutes is served",
                lambda minutes=minutes: self.call("DescribeRegions", date=stamp(minutes)),
            )
        for minutes in (-16, 16):
            self.check(
                f"a request dated {minutes:+} minutes is refused",
                lambda minutes=minutes: self.refused(
                    400, "InvalidTimeStamp.Expired", "DescribeRegions", date=stamp(minutes)
                ),
            )
        self.check(
            "a date that is none is refused",
            lambda: self.refused(400, "InvalidTimeStamp.Format", "DescribeRegions", date="yesterday"),
        )

        def replayed(second_date):
            date, nonce = stamp(), secrets.token_hex(16)
            self.call("DescribeRegions", date=date, nonce=nonce)
            self.refused(400, "SignatureNonceUsed", "DescribeRegions", date=second_date or date, nonce=nonce)

        self.check("a request sent twice is refused", lambda: replayed(None))
        self.check("a nonce used twice is refused, whatever the date", lambda: replayed(stamp(1)))
