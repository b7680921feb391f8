"""Calls every step of a plan with the vendor's Python SDK: its request classes, its clients, its response classes.

A member of an answer that a response class does not know is an error. Actions that the SDK does not have go through its
`CommonClient`.
"""

import importlib
import json
import warnings

from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

import walk

warnings.simplefilter("error")


def profile(plan):
    """Plain HTTP to the simulator."""
    endpoint = plan["endpoint"].removeprefix("http://")
    return ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=endpoint), language="en-US")


def typed(plan, key, step, parameters):
    """Calls by the SDK's own classes, and gives the answer as they hold it."""
    service, action = step["call"].split(":")
    version = f"tencentcloud.{service}.v{step['version'].replace('-', '')}"
    models = importlib.import_module(f"{version}.models")
    kind = getattr(importlib.import_module(f"{version}.{service}_client"), f"{service.capitalize()}Client")
    client = kind(Credential(*key) if key else None, plan["region"], profile(plan))
    request = getattr(models, f"{action}Request")()
    request.from_json_string(json.dumps(parameters))
    if key:
        response = getattr(client, action)(request)
    else:
        answer = client.call_json(action, request._serialize(), options={"SkipSign": True})
        response = getattr(models, f"{action}Response")()
        response._deserialize(answer["Response"])
    return json.loads(response.to_json_string())


def common(plan, key, step, parameters):
    """Calls without the SDK's classes, and gives the answer as it came."""
    service, action = step["call"].split(":")
    client = CommonClient(service, step["version"], Credential(*key) if key else None, plan["region"], profile(plan))
    return client.call_json(action, parameters, options={"SkipSign": key is None})["Response"]


def taking(plan, way):
    """What takes a step of the plan, in a way that the step chooses."""
    def call(key, step, parameters):
        try:
            return way(step)(plan, key, step, parameters)
        except TencentCloudSDKException as error:
            raise walk.Refused(error.code, error.message) from error

    return call


def client(plan):
    """What takes a step with the SDK's classes where it has them."""
    return taking(plan, lambda step: typed if step["documented"] else common)


def raw(plan):
    """What takes a step without the SDK's classes, and answers with all that came."""
    return taking(plan, lambda step: common)


if __name__ == "__main__":
    walk.main(client)
