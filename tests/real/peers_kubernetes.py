"""The rows that compare `tcmesh_manifest` with the two Kubernetes providers, on one real kube-apiserver."""

import json
import os
import pathlib
import ssl
import statistics
import tempfile
import urllib.request

import control_plane
import measure
from two_providers import HERE, OURS, Workspace

OBJECTS = 500
PEERS = {
    "kubernetes": ("registry.terraform.io/hashicorp/kubernetes", "TCMESH_KUBERNETES_PROVIDER"),
    "kubectl": ("registry.terraform.io/alekc/kubectl", "TCMESH_KUBECTL_PROVIDER"),
}
PHASES = {
    "plan": ("plan", "-out=peers.plan"),
    "apply": ("apply", "peers.plan"),
    "refresh": ("plan", "-refresh-only"),
}


def given():
    """The columns that there are binaries for, and what to say of the others."""
    [(address, binary)] = OURS.items()
    found, missing = [("ours", address, binary)], []
    for name, (address, variable) in PEERS.items():
        if os.environ.get(variable):
            found.append((name, address, pathlib.Path(os.environ[variable]).resolve()))
        else:
            missing.append(f"{variable} names no binary of {address.split('/', 1)[1]}")
    return found, missing


def make_namespace(cluster, name):
    """Makes a namespace; nothing in it has to be cleared away, as the whole cluster goes."""
    body = json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}).encode()
    headers = {"Authorization": f"Bearer {cluster.token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{cluster.server}/api/v1/namespaces", body, headers)
    trust = ssl.create_default_context(cafile=cluster.folder / "ca.crt")
    urllib.request.urlopen(request, context=trust).close()


def measured(program, column, cluster, namespace, count):
    """Seconds of each phase with so many objects, and the most memory of the provider's process in MiB."""
    name, address, binary = column
    make_namespace(cluster, namespace)
    sources = [HERE / "bench/manifests.tf", HERE / f"bench/manifests_{name}.tf"]
    variables = {"kubeconfig": str(cluster.kubeconfig), "namespace": namespace, "manifests": count}
    workspace = Workspace(program, {address: binary}, sources, variables, {})
    seconds, memory = {}, 0
    for phase, arguments in PHASES.items():
        with measure.Watch(binary) as watch:
            seconds[phase], _ = measure.timed(lambda: workspace.succeeds(*arguments))
        memory = max(memory, watch.largest)
    workspace.close()
    return {**seconds, "memory": memory}


def of_size(program, columns, cluster, count, runs):
    """The medians of some runs, the columns in turn."""
    found = {column[0]: [] for column in columns}
    for number in range(runs):
        for column in columns:
            one = measured(program, column, cluster, f"{column[0]}-{count}-{number}", count)
            found[column[0]].append(one)
            print(f"   {count} manifests, {column[0]}: { {key: round(value, 1) for key, value in one.items()} }", flush=True)
    return {name: {key: statistics.median(one[key] for one in some) for key in some[0]} for name, some in found.items()}


def rows(program, sizes, runs, patience):
    """All rows, and the growth of the refresh with the number of objects, after each size."""
    columns, missing = given()
    table, growth = {}, {}
    tell(missing)
    with tempfile.TemporaryDirectory() as folder, control_plane.ControlPlanes(folder, count=1) as planes:
        for count in sizes:
            found = of_size(program, columns, planes.clusters[0], count, runs if count < OBJECTS else 1)
            growth[count] = {name: values["refresh"] for name, values in found.items()}
            if count == OBJECTS:
                for phase in PHASES:
                    table[f"{count} manifests: {phase}, s"] = {name: values[phase] for name, values in found.items()}
                memory = {name: values["memory"] for name, values in found.items()}
                table[f"{count} manifests: peak memory of the provider, MiB"] = memory
            yield table, growth
            slow = [column for column in columns if growth[count][column[0]] > patience]
            columns = [column for column in columns if column not in slow]
            tell(f"more than {count} manifests with {address.split('/', 1)[1]}: a refresh took more than {patience} s"
                 for _, address, _ in slow if count != sizes[-1])


def tell(missing):
    """Says what is not measured."""
    for why in missing:
        print(f"== not measured: {why}", flush=True)
