"""All checks, in the order in which they build on each other."""

import secrets
from datetime import datetime, timedelta, timezone

from crypto_checks import CryptoChecks
from harness import holds
from key_checks import KeyChecks
from secret_checks import SecretChecks


def stamp(minutes=0):
    return (datetime.now(timezone.utc) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Suite(KeyChecks, CryptoChecks, SecretChecks):
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
        self.unknown_operations()
        self.clock_and_replay()

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

    def unknown_operations(self):
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
