"""A real multi-cluster mesh on this machine: three Kubernetes API servers, istiod over all of them, Envoy as the
ingress gateway, and an HTTP backend for each cluster.

    python3 tests/real/mesh.py [--folder DIR]

Nothing of it is simulated but the pods: the backends are processes on the machine's own address, registered in their
cluster by Service and EndpointSlice. It prints where everything is, and runs until Ctrl-C.
"""

import argparse
import contextlib
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

from backends import Backends
from control_plane import BINARIES, ROOT, ControlPlanes, NotStarted
from ingress import Ingress
from istiod import NAMESPACE, Istiod, remote_secret
from kubernetes_client import Client

CRDS = ROOT / ".tools/real/istio-crds.yaml"
SERVICES = "test"
GATEWAYS = "/apis/networking.istio.io/v1/gateways"


def own_address():
    """The machine's own address: Kubernetes takes no loopback address for an endpoint. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return probe.getsockname()[0]


def namespace(name):
    """A namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def registration(name, address, port):
    """A service without pods, and the endpoint that stands for them."""
    metadata = {"name": name, "namespace": SERVICES}
    endpoints = metadata | {"name": f"{name}-1", "labels": {"kubernetes.io/service-name": name}}
    return [
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata,
         "spec": {"ports": [{"name": "http", "port": 80, "targetPort": port}]}},
        {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": endpoints, "addressType": "IPv4",
         "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
         "ports": [{"name": "http", "port": port, "protocol": "TCP"}]},
    ]


def install_definitions(cluster):
    """Installs Istio's kinds in a cluster."""
    subprocess.run([BINARIES / "kubectl", "--kubeconfig", cluster.kubeconfig, "apply", "--server-side", "-f", CRDS],
                   check=True, capture_output=True)


class Mesh:
    """The running mesh. `planes` are the clusters, `clients` their clients by name, `ingress` is Envoy."""

    def __init__(self, planes, istiod, ingress, backends):
        self.planes, self.istiod, self.ingress, self.backends = planes, istiod, ingress, backends
        self.clients = {cluster.name: Client(cluster.kubeconfig) for cluster in planes.clusters}

    @property
    def home(self):
        """The client of the cluster that has istiod, the gateway and its objects."""
        return self.clients[self.planes.clusters[0].name]


@contextlib.contextmanager
def stopped(thing):
    """Stops a thing at the end."""
    try:
        yield thing
    finally:
        thing.stop()


def prepare(clusters, clients, backends):
    """Fills the clusters: Istio's kinds, namespaces, one service each; the first one knows how to read the others."""
    for number, (cluster, client) in enumerate(zip(clusters, clients), start=1):
        install_definitions(cluster)
        client.wait_for(GATEWAYS)
        for name in (NAMESPACE, SERVICES):
            client.apply(namespace(name))
        for document in registration(f"cluster{number}", backends.address, backends.ports[f"cluster{number}"]):
            client.apply(document)
    for cluster in clusters[1:]:
        clients[0].apply(remote_secret(cluster))


@contextlib.contextmanager
def running(folder):
    """A mesh that runs as long as the context."""
    folder, address = pathlib.Path(folder).resolve(), own_address()
    names = [f"cluster{number}" for number in (1, 2, 3)]
    with contextlib.ExitStack() as stack:
        planes = stack.enter_context(ControlPlanes(folder, len(names), address))
        backends = stack.enter_context(Backends(address, names))
        clients = [Client(cluster.kubeconfig) for cluster in planes.clusters]
        prepare(planes.clusters, clients, backends)
        istiod = stack.enter_context(stopped(Istiod(folder, planes.clusters, address)))
        istiod.wait()
        istiod.validate(clients)
        ingress = stack.enter_context(stopped(Ingress(folder, clients[0], planes.clusters[0].name, address, istiod)))
        ingress.wait()
        yield Mesh(planes, istiod, ingress, backends)


def show(mesh, seconds):
    """Tells where everything is."""
    print(f"== the mesh is ready after {seconds:.1f} s", flush=True)
    for cluster in mesh.planes.clusters:
        print(f"{cluster.name:<12}{cluster.kubeconfig}")
    for name, port in mesh.backends.ports.items():
        print(f"{name:<12}http://{mesh.backends.address}:{port}")
    for port in mesh.ingress.ports:
        print(f"{'port ' + str(port):<12}{mesh.ingress.url(port)}")
    print(f"{'envoy':<12}{mesh.ingress.admin}\n{'istiod':<12}{mesh.istiod.debug}", flush=True)


def main():
    """Runs a mesh until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Runs a real multi-cluster mesh.")
    parser.add_argument("--folder", help="an empty folder for everything that is written; else one that is removed")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        try:
            with running(given.folder or temporary) as mesh:
                show(mesh, time.monotonic() - began)
                signal.pause()
        except KeyboardInterrupt:
            print("== stopped", flush=True)
        except (NotStarted, OSError, subprocess.CalledProcessError) as error:
            print(f"== not started: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
