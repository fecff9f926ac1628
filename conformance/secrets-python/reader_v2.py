"""Reads secrets with the official `alibabacloud-secretsmanager-client-v2`; the protocol is that of
`../secrets/reader.py`."""

import os

import certifi

# The client knows public authorities only, for there is no setting for another one at the shared gateway.
certifi.where = lambda: os.environ["KEYSTEAD_TRUST"]

# ruff: noqa: E402
from alibabacloud_secretsmanager_client_v2.cache.file_cache_secret_store_strategy import FileCacheSecretStoreStrategy
from alibabacloud_secretsmanager_client_v2.secret_manager_cache_client_builder import SecretManagerCacheClientBuilder
from alibabacloud_secretsmanager_client_v2.service.default_secret_manager_client_builder import BaseSecretManagerClientBuilder
from alibabacloud_secretsmanager_client_v2.service.full_jitter_back_off_strategy import FullJitterBackoffStrategy
from Tea.exceptions import TeaException, UnretryableException

import served


def build(options):
    low = BaseSecretManagerClientBuilder.standard()
    if "backoff" in options:
        low.with_back_off_strategy(FullJitterBackoffStrategy(*options["backoff"]))
    builder = SecretManagerCacheClientBuilder.new_cache_client_builder(low.build())
    return served.configured(builder, options, FileCacheSecretStoreStrategy).build()


def refusal(error):
    if isinstance(error, TeaException) and not isinstance(error, UnretryableException):
        return {"code": error.code, "message": error.message}
    return None


if __name__ == "__main__":
    served.serve(build, refusal)
