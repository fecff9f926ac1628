"""Encryption, data keys and random passwords."""

import base64
import secrets
import string

from checks import UNKNOWN_KEY, Checks, empty
from harness import equal, holds

TEXTS = {
    "text that is no base64": "plaintext",
    "text beyond ASCII": "Grüße, 密钥 и ключ 🔑",
    "base64 text": base64.b64encode(bytes(range(256))).decode(),
    "text that URLs escape": " a+b*c~d/e=f&g%20h?i#j'k(l)!\"m\\n<>\t\r\n.",
    "one character": "x",
}


class CryptoChecks(Checks):
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

    def passwords(self):
        classes = {
            "lower case": ("ExcludeLowercase", string.ascii_lowercase),
            "upper case": ("ExcludeUppercase", string.ascii_uppercase),
            "digits": ("ExcludeNumbers", string.digits),
            "punctuation": ("ExcludePunctuation", string.punctuation),
        }
        everything = set(string.ascii_letters + string.digits + string.punctuation)

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
                lambda length=length: self.refused(400, "InvalidParameter", "GetRandomPassword", PasswordLength=length),
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
