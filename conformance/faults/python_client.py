"""Calls by the official Python SDK: `python_client.py KIND ADDRESS CALLS INTERVAL_MS ZONE [CREDENTIALS_URI]`.

KIND is `default` or `retrying`, which has the SDK repeat what it can. A call begins every INTERVAL_MS, whatever became of those before.
Writes a line of JSON for each call: when it began and ended, and its outcome.
"""

import json
import socket
import sys
import threading
import time

from alibabacloud_credentials.client import Client as CredentialsClient
from alibabacloud_credentials.models import Config as CredentialsConfig
from alibabacloud_kms20160120.client import Client
from alibabacloud_kms20160120.models import EncryptRequest
from alibabacloud_tea_openapi.models import Config
from darabonba.policy.retry import RetryOptions

# As many attempts and waits as the Rust client has by default.
RETRYING = {
    "retryable": True,
    "retryCondition": [
        {
            "maxAttempts": 5,
            "backoff": {"policy": "FullJitter", "period": 200, "cap": 10_000},
            "exception": ["RetryError", "ResponseException", "ThrottlingException", "ServerException"],
            "errorCode": ["Throttling.User", "ServiceUnavailableTemporary", "InternalFailure"],
        }
    ],
}


def resolve_by(zone):
    """Looks the name of the test up in a file, and all others as ever."""
    ordinary = socket.getaddrinfo

    def getaddrinfo(host, *arguments, **named):
        if host == "kms.faults.test":
            with open(zone) as file:
                host = file.read()
        return ordinary(host, *arguments, **named)

    socket.getaddrinfo = getaddrinfo


def main():
    kind, address, calls, interval, zone, *uri = sys.argv[1:]
    resolve_by(zone)
    config = Config(endpoint=address, protocol="http", region_id="cn-hangzhou")
    if uri and uri[0]:
        config.credential = CredentialsClient(CredentialsConfig(type="credentials_uri", credentials_uri=uri[0]))
    else:
        config.access_key_id, config.access_key_secret = "id", "secret"
    if kind == "retrying":
        config.retry_options = RetryOptions(RETRYING)
    client = Client(config)
    lines = []

    def call():
        began = time.time()
        try:
            client.encrypt(EncryptRequest(key_id="k", plaintext="aGVsbG8="))
            outcome = "ok"
        except Exception as error:  # noqa: BLE001 - every failure is a lost call
            outcome = str(getattr(error, "code", None) or type(error).__name__)
        lines.append([began, time.time(), outcome])

    threads = []
    start = time.time()
    for number in range(int(calls)):
        time.sleep(max(0.0, start + number * int(interval) / 1000 - time.time()))
        threads.append(threading.Thread(target=call))
        threads[-1].start()
    for thread in threads:
        thread.join()
    for line in lines:
        print(json.dumps(line))


if __name__ == "__main__":
    main()
