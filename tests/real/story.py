"""The story's last step for real: the example's routes, applied by Terraform to a real API server, followed by istiod
and Envoy, and answered by three clusters.

    python3 tests/real/story.py [--requests 10000]

It needs bin/terraform-provider-tcmesh, Terraform, curl, and what `tests/real/tools.py` obtains. It prints a table with
a line for each check, and fails where one is wrong.
"""

import argparse
import asyncio
import base64
import collections
import json
import math
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import types

import mesh
from control_plane import ROOT, openssl
from istiod import NAMESPACE
from load import Load, percentile

sys.path.insert(0, str(ROOT / "tests/tools"))
import simulation  # noqa: E402
import terraform  # noqa: E402

DOMAIN = "imroc.cc"
SPLIT_REQUESTS = 2000
# So many standard deviations off is the share of a right split once in 15,000 runs.
DEVIATIONS = 4
FOLLOWED_SECONDS = 20
PROGRESS = re.compile(r"Creation complete|Error:|Apply complete!")
# What the example takes from resources that only the cloud has.
FROM_CLOUD = {
    "tcmesh_ingress_gateway.main": "local.ingress", "tcmesh_manifest.cluster1.objects[0].name": '"test"',
}
# Nothing may be asked of a cloud: nobody listens there.
NO_CLOUD = types.SimpleNamespace(endpoint="http://127.0.0.1:1")


# What curl got: `path` is what the backend was asked for, `served_by` the header of this name.
Seen = collections.namedtuple("Seen", "status body path served_by exit_code")


class Table:
    """Checks and their outcomes, printed as they come."""

    def __init__(self):
        self.wrong = 0

    def line(self, what, found, good):
        """Adds a check."""
        self.wrong += not good
        print(f"   {what:<46} {found:<66} {'ok' if good else 'WRONG'}", flush=True)


def routing():
    """The example's routing.tf, for a cluster that the provider's `kubernetes` block names."""
    text = (simulation.STORY / "routing.tf").read_text()
    for reference, value in FROM_CLOUD.items():
        text = text.replace(reference, value)
    lines = [line for line in text.splitlines() if line.split("=")[0].strip() not in ("provider", "cluster_id")]
    return "\n".join(lines)


def workspace(folder, running):
    """A workspace with the example's routes and what the story adds."""
    source = folder / "configuration"
    shutil.copytree(pathlib.Path(__file__).parent / "story", source)
    (source / "routing.tf").write_text(routing() + "\n")
    variables = {"kubeconfig": str(running.planes.clusters[0].kubeconfig)}
    return simulation.Workspace(terraform.find(), source, folder, NO_CLOUD, variables)


def certificate(folder, name):
    """A certificate for a host that vouches for itself, as a Secret; its file is what a client trusts."""
    host = f"{name}.{DOMAIN}"
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-keyout", f"{name}.key", "-out",
            f"{name}.crt")
    data = {f"tls.{end}": base64.b64encode((folder / f"{name}.{end}").read_bytes()).decode() for end in ("crt", "key")}
    metadata = {"name": f"{name}-certificate", "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": metadata, "data": data}


def curl(running, url, *options):
    """Asks by curl, which takes the gateway for every host."""
    port = 443 if url.startswith("https") else 80
    place = running.ingress.url(port).split("//")[1]
    command = ["curl", "-s", "-m", "10", "--noproxy", "*", "--connect-to", f"::{place}", "-w",
               "\n%{http_code} %header{x-seen-path} %header{x-served-by}", *options, url]
    done = subprocess.run(command, capture_output=True, text=True)
    body, _, rest = done.stdout.rpartition("\n")
    status, path, served_by = (rest.split(" ") + ["", ""])[:3]
    return Seen(int(status), body, path, served_by, done.returncode)


def followed(running, url, status=200):
    """Waits until the gateway has what was applied."""
    end = time.monotonic() + FOLLOWED_SECONDS
    while curl(running, url).status != status and time.monotonic() < end:
        time.sleep(0.05)


def show_hosts(running, table):
    """Three hosts, three clusters, and one that nobody serves; two paths of one host."""
    for name in ("cluster1", "cluster2", "cluster3"):
        seen = curl(running, f"http://{name}.{DOMAIN}/")
        table.line(f"curl http://{name}.{DOMAIN}/", f"{seen.status} {seen.body}, x-served-by: {seen.served_by}",
                   (seen.status, seen.body, seen.served_by) == (200, name, name))
    for path, wanted, asked in (("/two", "cluster2", "/"), ("/three?a=b", "cluster3", "/?a=b")):
        seen = curl(running, f"http://paths.{DOMAIN}{path}")
        table.line(f"curl http://paths.{DOMAIN}{path}", f"{seen.status} {seen.body}, asked for {seen.path}",
                   (seen.status, seen.body, seen.path) == (200, wanted, asked))
    for url in (f"http://paths.{DOMAIN}/four", "http://cluster1.example.com/"):
        status = curl(running, url).status
        table.line(f"curl {url}", str(status), status == 404)


def show_split(running, table):
    """A host that two clusters share, 80 to 20."""
    load = Load(running.ingress.address, running.ingress.ports[80], f"split.{DOMAIN}")
    asyncio.run(load.run(lambda answers: len(answers) >= SPLIT_REQUESTS))
    table.line(f"{len(load.answers)} requests to split.{DOMAIN}", *share(load.answers, 0.2, "cluster3"))


def share(answers, wanted, name):
    """What one cluster's part of the answers is, and whether it is what chance leaves of the wanted part."""
    counts = collections.Counter(answer.body for answer in answers if answer.status == 200)
    bound = DEVIATIONS * math.sqrt(wanted * (1 - wanted) * len(answers))
    off = abs(counts[name] - wanted * len(answers))
    text = f"{name} {counts[name]}, within {wanted * len(answers):.0f} ± {bound:.0f}: {dict(sorted(counts.items()))}"
    return text, off <= bound and set(counts) <= {"cluster1", "cluster3"} and counts.total() == len(answers)


def show_certificates(running, folder, table):
    """Two certificates on one port: the name that a client asks for decides which one it gets."""
    for name, wanted in (("shop", "cluster2"), ("pay", "cluster3")):
        seen = curl(running, f"https://{name}.{DOMAIN}/", "--cacert", str(folder / f"{name}.crt"))
        table.line(f"curl https://{name}.{DOMAIN}/, its certificate", f"{seen.status} {seen.body}",
                   (seen.status, seen.body) == (200, wanted))
    code = curl(running, f"https://shop.{DOMAIN}/", "--cacert", str(folder / "pay.crt")).exit_code
    table.line(f"curl https://shop.{DOMAIN}/, the other's", f"curl exit {code}: not trusted", code == 60)
    code = curl(running, f"https://other.{DOMAIN}/", "--insecure").exit_code
    table.line(f"curl https://other.{DOMAIN}/", f"curl exit {code}: no handshake", code == 35)


class Shift:
    """Traffic that `terraform apply` shifts from cluster1 to cluster3 in two steps, while requests come in."""

    STEPS = (50, 100)

    def __init__(self, running, space, requests):
        self.space, self.requests = space, requests
        self.load = Load(running.ingress.address, running.ingress.ports[80], f"shift.{DOMAIN}")
        self.applied = []

    def applies(self):
        """Applies each step when its share of the requests is through."""
        for number, percent in enumerate(self.STEPS, start=1):
            while len(self.load.answers) < self.requests * number // (len(self.STEPS) + 1):
                time.sleep(0.01)
            begun = time.monotonic()
            self.space.run("apply", "-auto-approve", "-no-color", "-var", f"shifted={percent}")
            self.applied.append((begun, time.monotonic()))

    def ended(self, answers):
        """Whether there are enough requests, a tenth of them after the last step."""
        if len(self.applied) < len(self.STEPS) or len(answers) < self.requests:
            return False
        after = sum(answer.sent > self.applied[-1][1] for answer in answers[-self.requests // 10:])
        return after >= self.requests // 10

    def run(self):
        """Runs the requests, and the applies beside them."""
        applying = threading.Thread(target=self.applies)
        applying.start()
        asyncio.run(self.load.run(self.ended))
        applying.join()

    def between(self, begin, end):
        """The answers to the requests that were under way between two times only."""
        return [one for one in self.load.answers if begin <= one.sent and one.answered <= end]

    def show(self, table):
        """What came of it."""
        answers, ((first, second), (third, fourth)) = self.load.answers, self.applied
        failed = [answer for answer in answers if answer.status != 200]
        times = [1000 * (answer.answered - answer.sent) for answer in answers]
        median, slow = percentile(times, 0.5), percentile(times, 0.99)
        table.line(f"{len(answers)} requests while weights shift", f"{len(failed)} failed; median {median:.1f} ms, "
                   f"99 % {slow:.1f} ms {failed[:1] or ''}", not failed)
        # An apply is followed a moment after it ends; what comes within a second of it may go either way.
        for what, begin, end, wanted in (("before", 0, first, 0), ("after shifted=50", second + 1, third, 0.5),
                                         ("after shifted=100", fourth + 1, math.inf, 1)):
            table.line(f"   {what}", *share(self.between(begin, end), wanted, "cluster3"))
        last = max(answer.sent for answer in answers if answer.body == "cluster1")
        table.line("   last request to the old cluster", f"{1000 * (last - fourth):+.0f} ms from the end of the apply, "
                   f"which took {fourth - third:.1f} s", last < fourth + 1)


def tell(running, folder, requests):
    """The whole story on a running mesh; gives the number of wrong checks."""
    table, space = Table(), workspace(folder, running)
    for name in ("shop", "pay"):
        running.home.apply(certificate(folder, name))
    print("== terraform apply", flush=True)
    space.run("apply", "-auto-approve", "-no-color", show=PROGRESS)
    followed(running, f"http://shift.{DOMAIN}/")
    print("== what the gateway answers", flush=True)
    show_hosts(running, table)
    show_split(running, table)
    show_certificates(running, folder, table)
    shift = Shift(running, space, requests)
    shift.run()
    shift.show(table)
    status = space.run("plan", "-detailed-exitcode", "-no-color", "-var", "shifted=100", allow=(0, 2))
    table.line("terraform plan", f"exit {status}: {'no changes' if status == 0 else 'changes'}", status == 0)
    space.run("destroy", "-auto-approve", "-no-color")
    followed(running, f"http://cluster1.{DOMAIN}/", 404)
    left = [item["metadata"]["name"] for kind in ("gateways", "virtualservices")
            for item in running.home.request("GET", f"/apis/networking.istio.io/v1/{kind}")["items"]]
    table.line("terraform destroy", f"left: {json.dumps(left)}", not left)
    return table.wrong


def main():
    """Runs mesh and story."""
    parser = argparse.ArgumentParser(description="The story's last step on a real mesh.")
    parser.add_argument("--requests", type=int, default=10_000, help="how many while traffic is shifted")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        with mesh.running(folder / "mesh") as running:
            print(f"== the mesh is ready after {time.monotonic() - began:.1f} s", flush=True)
            wrong = tell(running, folder, given.requests)
    verdict = f"{wrong} WRONG" if wrong else "all as it should be"
    print(f"== {verdict}, {time.monotonic() - began:.0f} s", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
