"""The vendor's client for actions by name, with plain HTTP to the simulator of the test."""

import hashlib
import hmac
import json
import os
import time
import urllib.request


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class CommonClient:
    def __init__(self, service, version, keys, region):
        self.service, self.version, self.region = service, version, region
        self.secret_id, self.secret_key = keys
        self.endpoint = os.environ["TCMESH_ENDPOINT"]

    def call_json(self, action, parameters):
        body, now = json.dumps(parameters), str(int(time.time()))
        headers = {
            "Authorization": self.authorization(body, now),
            "Content-Type": "application/json",
            "X-TC-Action": action,
            "X-TC-Region": self.region,
            "X-TC-Timestamp": now,
            "X-TC-Version": self.version,
        }
        request = urllib.request.Request(self.endpoint, body.encode(), headers)
        with urllib.request.urlopen(request) as answered:
            answer = json.load(answered)
        if "Error" in answer["Response"]:
            raise RuntimeError(f"{action}: {answer['Response']['Error']}")
        return answer

    def authorization(self, body, now):
        date = time.strftime("%Y-%m-%d", time.gmtime(int(now)))
        scope, signed = f"{date}/{self.service}/tc3_request", "content-type;host"
        host = self.endpoint.removeprefix("http://")
        head = f"content-type:application/json\nhost:{host}\n"
        asked = f"POST\n/\n\n{head}\n{signed}\n{digest(body)}"
        key = f"TC3{self.secret_key}".encode()
        for part in scope.split("/"):
            key = sign(key, part)
        signature = sign(key, f"TC3-HMAC-SHA256\n{now}\n{scope}\n{digest(asked)}").hex()
        credential = f"Credential={self.secret_id}/{scope}"
        return f"TC3-HMAC-SHA256 {credential}, SignedHeaders={signed}, Signature={signature}"
