"""The example's clouds, clusters and mesh on the simulator, without its routes: three services behind one gateway.

The services answer every path that is asked for with their name and that path, so that it shows which path arrives.
"""

import contextlib
import json
import pathlib
import shutil
import sys
import time

from control_plane import ROOT
from kubernetes_client import Client

sys.path.insert(0, str(ROOT / "tests/tools"))
import simulation  # noqa: E402
import terraform  # noqa: E402

# Istio as in `tests/real/tools.py`; the mesh product itself offers older ones.
VERSION = "1.31.0"
WORLD = f"extends: cross-account\nwaits: {{ default: 1ms }}\nsettings: {{ mesh_versions: [\"{VERSION}\"] }}\n"
# Routes, names and proofs of the example; here others route.
LEFT_OUT = ("routing.tf", "dns.tf", "checks.tf", "outputs.tf")
METHODS = ("get", "post", "put", "delete", "patch", "options")
UNKNOWN = "?"
DEEPEST = 5
READY_SECONDS = 20


def operations(name, path):
    """What a service answers to one path."""
    content = {"text/plain": {"schema": {"type": "string", "example": f"{name} {path}"}}}
    return {method: {"responses": {"200": {"content": content}}} for method in METHODS}


def mock(name, paths):
    """The document of a service: it knows some paths, and tells no other path from another of its depth."""
    templates = ["/" + "/".join(f"{{s{number}}}" for number in range(depth)) for depth in range(1, DEEPEST)]
    known = {path: operations(name, path) for path in paths}
    return json.dumps({"openapi": "3.0.3", "paths": {path: operations(name, UNKNOWN) for path in templates} | known})


def configure(folder, paths):
    """The example without its routes, with services that answer all paths."""
    source = folder / "configuration"
    shutil.copytree(simulation.STORY, source, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*", *LEFT_OUT))
    for number in (1, 2, 3):
        file = source / f"services/cluster{number}.yaml"
        _, *others = file.read_text().split("---\n")
        metadata = {"name": f"cluster{number}-conf", "namespace": "test"}
        data = {"mock.yaml": mock(f"cluster{number}", paths)}
        document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
        file.write_text("---\n".join([json.dumps(document) + "\n", *others]))
    return source


class SimulatedMesh:
    """The mesh, applied by the provider. `home` is the client of the cluster of the gateway."""

    def __init__(self, folder, paths):
        (folder / "world.yaml").write_text(WORLD)
        self.simulator = simulation.Simulator(str(folder / "world.yaml"), folder)
        try:
            variables = simulation.story_variables(self.simulator.ready) | {"mesh_version": VERSION}
            space = simulation.Workspace(terraform.find(), configure(folder, paths), folder, self.simulator, variables)
            space.run("apply", "-auto-approve", "-no-color")
            clusters = self.simulator.ready["clusters"].values()
            [home] = [cluster["kubeconfig"] for cluster in clusters if cluster["name"] == "cluster1"]
            self.home = Client(home)
        except BaseException:
            self.simulator.stop()
            raise

    def place(self, port):
        """Where a port of the gateway is on this machine."""
        end = time.monotonic() + READY_SECONDS
        while True:
            [ports] = self.simulator.get("gateways").values()
            if str(port) in ports:
                address, _, number = ports[str(port)].rpartition(":")
                return address, int(number)
            if time.monotonic() > end:
                raise TimeoutError(f"port {port} of the simulated gateway does not open")
            time.sleep(0.05)


@contextlib.contextmanager
def running(folder, paths):
    """A simulated mesh that runs as long as the context."""
    folder = pathlib.Path(folder)
    folder.mkdir()
    mesh = SimulatedMesh(folder, paths)
    try:
        yield mesh
    finally:
        mesh.simulator.stop()
