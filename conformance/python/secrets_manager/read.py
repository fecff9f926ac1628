"""Reads secrets with the official Secrets Manager client and a ClientKey, in a process of its own, because that client wants
older libraries than the other SDKs.

Standard input is JSON: `region`, `endpoint`, `http`, and `secrets`, a list of names. The client's own settings come from the
environment, as an application sets them. Standard output is JSON: for each name `{"value", "type"}` or `{"code", "status"}`.
"""

import json
import sys
import warnings

from alibaba_cloud_secretsmanager_client.model.region_info import RegionInfo
from alibaba_cloud_secretsmanager_client.secret_manager_cache_client_builder import SecretManagerCacheClientBuilder
from alibaba_cloud_secretsmanager_client.service.default_secret_manager_client_builder import (
    BaseSecretManagerClientBuilder,
)
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkkms.request.v20160120.GetSecretValueRequest import GetSecretValueRequest


def main():
    asked = json.load(sys.stdin)
    warnings.simplefilter("ignore")  # it checks no certificate, and says so each time
    if asked["http"]:
        # The client has no setting for it.
        made = GetSecretValueRequest.__init__

        def plain(self):
            made(self)
            self.set_protocol_type("http")

        GetSecretValueRequest.__init__ = plain
    region = RegionInfo(asked["region"], False, asked["endpoint"])
    low = BaseSecretManagerClientBuilder.standard().add_region_info(region).build()
    client = SecretManagerCacheClientBuilder.new_cache_client_builder(low).build()
    answers = []
    for name in asked["secrets"]:
        try:
            info = client.get_secret_info(name)
            answers.append({"value": info.secret_value, "type": info.secret_data_type})
        except ServerException as error:
            answers.append({"code": error.get_error_code(), "status": error.get_http_status()})
    client.close()
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
