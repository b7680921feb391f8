"""Objects of Istio's and requests to a gateway, for cases of routing; as short to write as they can be."""

import dataclasses

API = "networking.istio.io/v1"
GATEWAYS, SERVICES = "istio-system", "test"
SELECTOR = {"istio": "ingressgateway"}
HOST = "x.a.test"


@dataclasses.dataclass(frozen=True)
class Request:
    """A request; sent `times` times where shares count."""

    host: str = HOST
    path: str = "/"
    method: str = "GET"
    headers: tuple = ()
    port: int = 80
    times: int = 1

    def __str__(self):
        port = "" if self.port == 80 else f" to port {self.port}"
        headers = "".join(f" {name}={value}" for name, value in self.headers)
        return f"{self.method} {self.host}{self.path}{headers}{port}"


@dataclasses.dataclass(frozen=True)
class Case:
    """Objects, and requests once they are followed."""

    number: int
    kind: str
    objects: list
    requests: list


def document(kind, name, namespace, spec):
    """An object of Istio's."""
    return {"apiVersion": API, "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def server(hosts, port=80, protocol="HTTP", **more):
    """A server of a gateway."""
    return {"port": {"number": port, "protocol": protocol}, "hosts": list(hosts), **more}


def gateway(*servers, name="case", namespace=GATEWAYS, selector=None):
    """A gateway; by default one for all hosts on port 80."""
    servers = servers or (server(["*"]),)
    servers = [one | {"port": one["port"] | {"name": f"p{number}"}} for number, one in enumerate(servers)]
    return document("Gateway", name, namespace, {"selector": selector or SELECTOR, "servers": servers})


def routes(*rules, hosts=(HOST,), name="case", gateways=(f"{GATEWAYS}/case",), namespace=SERVICES, **more):
    """A virtual service."""
    return document("VirtualService", name, namespace,
                    {"hosts": list(hosts), "gateways": list(gateways), "http": list(rules), **more})


def to(number, **more):
    """A destination."""
    return {"destination": {"host": f"cluster{number}.{SERVICES}.svc.cluster.local", "port": {"number": 80}}, **more}


def rule(*destinations, match=(), **more):
    """A rule; `match` are its conditions."""
    return {"match": list(match), "route": [to(one) if isinstance(one, int) else one for one in destinations], **more}


def answer(match=(), **action):
    """A rule that answers by itself."""
    return {"match": list(match), **action}
