"""Reads secrets with the official `aliyun-secret-manager-client`; the protocol is that of `../secrets/reader.py`."""

import json
import sys
import warnings

from alibaba_cloud_secretsmanager_client.cache.file_cache_secret_store_strategy import FileCacheSecretStoreStrategy
from alibaba_cloud_secretsmanager_client.secret_manager_cache_client_builder import SecretManagerCacheClientBuilder
from alibaba_cloud_secretsmanager_client.service.default_secret_manager_client_builder import BaseSecretManagerClientBuilder
from alibaba_cloud_secretsmanager_client.service.full_jitter_back_off_strategy import FullJitterBackoffStrategy
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.auth.credentials import StsTokenCredential

import served


def build(options):
    low = BaseSecretManagerClientBuilder.standard()
    if "session" in options:
        low.with_credentials(StsTokenCredential(*options["session"]))
    if "backoff" in options:
        low.with_back_off_strategy(FullJitterBackoffStrategy(*options["backoff"]))
    builder = SecretManagerCacheClientBuilder.new_cache_client_builder(low.build())
    return served.configured(builder, options, FileCacheSecretStoreStrategy).build()


def refusal(error):
    if isinstance(error, ServerException):
        return {"code": error.get_error_code(), "message": error.get_error_msg()}
    return None


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # it checks no certificate at the shared gateway, and says so each time
    served.serve(build, refusal)
