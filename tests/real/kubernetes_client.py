"""A small client for one Kubernetes API server, real or simulated."""

import base64
import json
import pathlib
import ssl
import tempfile
import time
import urllib.error
import urllib.request

FIELD_MANAGER = "tests-real"
# Where the objects of a kind are, below their API group and version.
PLURALS = {
    "ClusterRole": "clusterroles", "DestinationRule": "destinationrules", "EndpointSlice": "endpointslices",
    "Gateway": "gateways", "Namespace": "namespaces", "Pod": "pods", "Role": "roles", "RoleBinding": "rolebindings",
    "Secret": "secrets", "Service": "services", "ServiceAccount": "serviceaccounts",
    "ValidatingWebhookConfiguration": "validatingwebhookconfigurations", "VirtualService": "virtualservices",
}


class Refused(Exception):
    """An answer that is no success: its status and what it says."""

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status, self.message = status, message


class Client:
    """A client for the current context of a kubeconfig in JSON."""

    def __init__(self, kubeconfig):
        config = json.loads(pathlib.Path(kubeconfig).read_text())
        kinds = ("contexts", "clusters", "users")
        named = {kind: {one["name"]: one[kind[:-1]] for one in config[kind]} for kind in kinds}
        context = named["contexts"][config["current-context"]]
        cluster = named["clusters"][context["cluster"]]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        user = named["users"][context["user"]]
        self.server = cluster["server"]
        self.headers = {"Authorization": f"Bearer {user['token']}"} if "token" in user else {}
        self.trust = ssl.create_default_context(cadata=authority)
        if "client-certificate-data" in user:
            present(self.trust, user)

    def request(self, method, path, body=None, content_type="application/json"):
        """Sends a request and gives the object in the answer."""
        headers = self.headers | {"Content-Type": content_type}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.server + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30, context=self.trust) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            raise Refused(error.code, message_of(text)) from None

    def apply(self, document, subresource=""):
        """Applies an object on the server's side."""
        path = path_of(document) + (f"/{subresource}" if subresource else "")
        query = f"?fieldManager={FIELD_MANAGER}&force=true"
        return self.request("PATCH", path + query, document, "application/apply-patch+yaml")

    def delete(self, document):
        """Deletes an object; one that is not there is no error."""
        try:
            self.request("DELETE", path_of(document))
        except Refused as refused:
            if refused.status != 404:
                raise

    def wait_for(self, path, seconds=30):
        """Waits until a path answers with success."""
        end = time.monotonic() + seconds
        while True:
            try:
                return self.request("GET", path)
            except Refused:
                if time.monotonic() > end:
                    raise
            time.sleep(0.2)


def present(trust, user):
    """Makes connections present a user's certificate, which Python takes from files only."""
    with tempfile.NamedTemporaryFile() as file:
        for name in ("client-certificate-data", "client-key-data"):
            file.write(base64.b64decode(user[name]))
        file.flush()
        trust.load_cert_chain(file.name)


def message_of(text):
    """What a `Status` says, or the text where it is none."""
    try:
        return json.loads(text)["message"]
    except (ValueError, KeyError, TypeError):
        return text


def path_of(document):
    """Where an object is."""
    version, metadata = document["apiVersion"], document["metadata"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    place = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
    return f"{root}{place}/{PLURALS[document['kind']]}/{metadata['name']}"
