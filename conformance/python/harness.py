"""Check counting, the ready file, and the error type that every client adapter raises."""

import configparser
import json
import os


class KmsError(Exception):
    """A refusal as one SDK exposes it."""

    def __init__(self, status, code, message, request_id=None):
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id


class Harness:
    """Runs checks one after the other; a failed check never stops the ones after it."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, name, fn):
        try:
            result = fn()
        except Exception as error:  # every fault of a check is a finding, whatever its type
            self.failed += 1
            text = str(error) or "no message"
            print(f"FAIL {name}: {type(error).__name__}: {' '.join(text.split())[:600]}", flush=True)
            return None
        self.passed += 1
        print(f"ok   {name}", flush=True)
        return result

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 0 if self.failed == 0 and self.passed > 0 else 1


class Ready:
    """What the ready file says about the server, and its root AccessKey."""

    def __init__(self, path):
        self.path = os.path.abspath(path)
        with open(path, encoding="utf-8") as file:
            ready = json.load(file)
        self.region = ready["region"]
        self.account = ready["account_id"]
        self.http = ready["endpoints"]["shared"]["http"]
        self.https = ready["endpoints"]["shared"]["https"]
        self.ca_file = ready["ca_file"]
        self.pid = ready["pid"]
        self.credentials_uri = ready["endpoints"].get("credentials_uri")
        self.access_key_id = os.environ.get("KEYSTEAD_ROOT_ACCESS_KEY_ID")
        self.access_key_secret = os.environ.get("KEYSTEAD_ROOT_ACCESS_KEY_SECRET")
        if not self.access_key_id:
            ini = configparser.ConfigParser(interpolation=None)
            ini.read(ready["access_key_file"] or os.environ["ALIBABA_CLOUD_CREDENTIALS_FILE"])
            self.access_key_id = ini["default"]["access_key_id"]
            self.access_key_secret = ini["default"]["access_key_secret"]


def equal(seen, expected, what="value"):
    if seen != expected or type(seen) is not type(expected):
        raise AssertionError(f"{what} is {seen!r}, expected {expected!r}")


def holds(condition, text):
    if not condition:
        raise AssertionError(text)


def matches(pattern, text, what):
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise AssertionError(f"{what} is {text!r}, expected the form {pattern.pattern}")


def refused(status, code, fn):
    """`fn` must be refused with exactly this status and code, or with one of several codes; gives the error."""
    codes = [code] if isinstance(code, str) else code
    expected = f"{status} {' or '.join(codes)}"
    try:
        answer = fn()
    except KmsError as error:
        if error.status != status or error.code not in codes:
            raise AssertionError(
                f"refused with {error.status} {error.code} ({error.message}), expected {expected}"
            ) from None
        holds(error.message, "the error has no message")
        return error
    raise AssertionError(f"accepted ({str(answer)[:200]}), expected {expected}")
