"""The story and the Kubernetes part of the acceptance suite, on three real Kubernetes API servers.

    python3 tests/real/e2e.py [--story] [--suite] [--filter TEXT]

Three API servers stand in for the world's three clusters, with Istio's published definitions in them; the cloud stays
simulated, and its controllers give the clusters their behaviour as clients of the servers. The test code is that of
`make demo` and `make test`; what of the suite cannot run here, and why, stands in `LEFT_OUT`.
"""

import argparse
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import control_plane

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/tools"))

import demo  # noqa: E402
import simulation  # noqa: E402
import terraform  # noqa: E402

CLUSTERS = ("cls-hub00001", "cls-app00002", "cls-mem00003")
DEFINITIONS = ROOT / ".tools/real/istio-crds.yaml"


def kubectl(cluster, *arguments):
    """Runs kubectl on a cluster; a failure ends everything."""
    command = [control_plane.BINARIES / "kubectl", f"--kubeconfig={cluster.kubeconfig}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"kubectl {' '.join(arguments)}: {done.stderr}")


def define_istio(planes):
    """Puts Istio's definitions into every cluster."""
    for cluster in planes.clusters:
        kubectl(cluster, "apply", "--server-side", "-f", str(DEFINITIONS))
    for cluster in planes.clusters:
        kubectl(cluster, "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")


def write_clusters(planes, home):
    """The file that tells the simulator which real cluster is which of the world's."""
    path = pathlib.Path(home) / "clusters.json"
    paths = zip(CLUSTERS, (str(cluster.kubeconfig) for cluster in planes.clusters))
    path.write_text(json.dumps(dict(paths)))
    return path


def tell_story(planes):
    """The story of `make demo`, on the real clusters."""
    program = terraform.find()
    with simulation.temporary_home() as home:
        clusters = write_clusters(planes, home)
        with contextlib.closing(simulation.Simulator("cross-account", home, "--clusters", clusters)) as simulator:
            demo.tell(program, home, simulator)


def run_suite(planes, names):
    """The acceptance tests that have to do with Kubernetes, one after the other; gives whether all passed."""
    kubeconfigs = os.pathsep.join(str(cluster.kubeconfig) for cluster in planes.clusters)
    skipped = [part for name in LEFT_OUT for part in ("--skip", name)]
    command = ["cargo", "test", "--locked", "--test", "it", "--", "--test-threads", "1", *skipped, *names]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "TCMESH_KUBECONFIGS": kubeconfigs})
    return done.returncode == 0


# The modules of the suite that have to do with Kubernetes.
SUITE = ("acceptance::mesh", "acceptance::registration", "acceptance::routing", "acceptance::ephemerals")
# What cannot run on real servers, with the reason.
LEFT_OUT = {}


def main():
    """Runs what is asked for, or both."""
    parser = argparse.ArgumentParser(description="Runs the story and the suite on real Kubernetes API servers.")
    parser.add_argument("--story", action="store_true", help="only the story")
    parser.add_argument("--suite", action="store_true", help="only the suite")
    parser.add_argument("--filter", action="append", help="instead of the whole suite: the tests with this in their names")
    given = parser.parse_args()
    everything = not (given.story or given.suite)
    began = time.monotonic()
    passed = True
    with tempfile.TemporaryDirectory() as temporary, control_plane.ControlPlanes(temporary, 3) as planes:
        define_istio(planes)
        demo.say(f"three API servers with Istio's definitions after {time.monotonic() - began:.0f} s")
        if everything or given.story:
            tell_story(planes)
        if everything or given.suite:
            passed = run_suite(planes, given.filter or SUITE)
    demo.say(f"{'passed' if passed else 'FAILED'} in {time.monotonic() - began:.0f} s")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
