"""Calls the simulated cloud's API as somebody at a console would: signed with TC3-HMAC-SHA256."""

import hashlib
import hmac
import json
import time
import urllib.request

VERSIONS = {"vpc": "2017-03-12", "tcm": "2021-04-13", "tag": "2018-08-13"}


class Refused(Exception):
    """What the cloud answered in place of a result."""


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def keyed(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def authorization(account, service, host, body, now):
    """The header that signs a request."""
    date = time.strftime("%Y-%m-%d", time.gmtime(now))
    scope = f"{date}/{service}/tc3_request"
    signed = "content-type;host"
    request = "\n".join(["POST", "/", "", f"content-type:application/json\nhost:{host}\n", signed, sha256(body)])
    text = "\n".join(["TC3-HMAC-SHA256", str(now), scope, sha256(request)])
    key = f"TC3{account['secret_key']}".encode()
    for part in (date, service, "tc3_request"):
        key = keyed(key, part)
    signature = keyed(key, text).hex()
    credential = f"{account['secret_id']}/{scope}"
    return f"TC3-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature={signature}"


def call(simulator, account, service, action, region="ap-guangzhou", **parameters):
    """The response to one action with the keys of an account, by its name in the world."""
    host = simulator.endpoint.split("//")[1]
    body, now = json.dumps(parameters), int(time.time())
    headers = {
        "Content-Type": "application/json", "Host": host, "X-TC-Action": action, "X-TC-Region": region,
        "X-TC-Version": VERSIONS[service], "X-TC-Timestamp": str(now),
        "Authorization": authorization(simulator.ready["accounts"][account], service, host, body, now),
    }
    request = urllib.request.Request(simulator.endpoint, body.encode(), headers)
    with urllib.request.urlopen(request) as answer:
        response = json.load(answer)["Response"]
    if "Error" in response:
        raise Refused(f"{service}:{action}: {response['Error']['Code']}: {response['Error']['Message']}")
    return response
