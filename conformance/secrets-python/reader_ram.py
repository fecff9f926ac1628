"""Calls with a RAM user's AccessKey that the official `aliyun-openapi-python-sdk-managed-credentials-provider` keeps fresh; the
protocol is that of `../secrets/reader.py`, with a read of its own: `caller`, who the service says that is calling."""

import json
import os
import warnings

from alibaba_cloud_secretsmanager_client.utils import config_utils
from aliyun_sdk_secretsmanager_common_plugin.utils.consts import DEFAULT_CREDENTIALS_CONFIG_NAME
from aliyun_sdk_secretsmanager_sdk_core_plugin.proxy_acs_client import ProxyAcsClient
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.request import CommonRequest

import served

# The client under it opens the file in a mode that Python has no more since 3.11.
config_utils.open = lambda name, mode: open(name, mode.replace("U", ""), encoding="utf-8")


class Callers:
    """A client of the classic SDK for each secret."""

    def __init__(self, region):
        self.region = region
        self.clients = {}

    def caller(self, secret):
        if secret not in self.clients:
            self.clients[secret] = ProxyAcsClient(secret, region_id=self.region["regionId"], verify=os.environ["KEYSTEAD_TRUST"])
        client = self.clients[secret]
        endpoint = self.region.get("endpoint", "sts.aliyuncs.com")
        request = CommonRequest(domain=endpoint, version="2015-04-01", action_name="GetCallerIdentity")
        request.set_method("POST")
        request.set_protocol_type("https")
        told = json.loads(client.do_action_with_exception(request))
        return {"arn": told["Arn"], "access_key_id": client._ak}

    def close(self):
        for client in self.clients.values():
            client.shutdown()


def build(_options):
    os.rename("secretsmanager.properties", DEFAULT_CREDENTIALS_CONFIG_NAME)
    settings = config_utils.Properties(DEFAULT_CREDENTIALS_CONFIG_NAME).get_properties()
    return Callers(json.loads(settings["cache_client_region_id"])[0])


def perform(callers, line):
    return {"caller": callers.caller(line["secret"])}


def refusal(error):
    if isinstance(error, ServerException):
        return {"code": error.get_error_code(), "message": error.get_error_msg()}
    return None


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # it checks no certificate where it reads secrets, and says so each time
    served.serve(build, refusal, perform)
    os._exit(0)  # threads of its schedulers would hold the process
