"""Asks a real Kubernetes API server and the simulator's the same questions, and compares every answer.

    python3 tests/real/differential.py [--only TEXT] [--show] [--write]

The questions are the files under `tests/real/differential/`: cases, each in a namespace of its own, made of steps. A
step is a request or a kubectl command. Status, body with its managed fields, and what kubectl prints must be the same
once what differs from run to run (uids, times, versions, addresses) is made equal. A step that is known to differ says
why in a line `# differs: …`; it fails where it does not differ any more. `--write` puts these reasons into
docs/kubernetes-fidelity.md.
"""

import argparse
import base64
import contextlib
import dataclasses
import difflib
import http.client
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse

import control_plane
import kubernetes_fidelity

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = pathlib.Path(__file__).resolve().parent / "differential"
KUBECTL = control_plane.BINARIES / "kubectl"
# Our own methods: a PATCH whose kind is its name.
PATCHES = {
    "APPLY": "application/apply-patch+yaml",
    "MERGE": "application/merge-patch+json",
    "JSONPATCH": "application/json-patch+json",
    "STRATEGIC": "application/strategic-merge-patch+json",
}
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", *PATCHES)
SECONDS = 30


@dataclasses.dataclass
class Step:
    """A request or a command, what it sends, and why its answers may differ, if they may."""

    line: str
    headers: dict
    body: str
    differs: str | None


@dataclasses.dataclass
class Case:
    """Steps about one thing."""

    title: str
    file: str
    steps: list


def read_cases():
    """All cases of all files."""
    for path in sorted(CASES.glob("*.http")):
        for text in re.split(r"(?m)^### ", path.read_text())[1:]:
            title, _, rest = text.partition("\n")
            yield Case(title.strip(), path.name, list(read_steps(rest)))


def read_steps(text):
    """The steps of a case: each begins with a line that names a method or is a command."""
    starts = re.compile(rf"(?m)^(?:# differs: .*\n)?(?:(?:{'|'.join(METHODS)}) /|\$ )")
    places = [match.start() for match in starts.finditer(text)] + [len(text)]
    for begin, end in zip(places, places[1:]):
        lines = text[begin:end].strip("\n").split("\n")
        differs = lines.pop(0).removeprefix("# differs: ") if lines[0].startswith("# differs: ") else None
        line, headers = lines.pop(0), {}
        while lines and (match := re.fullmatch(r"([A-Z][\w-]+): (.*)", lines[0])):
            headers[match[1]] = match[2]
            lines.pop(0)
        yield Step(line, headers, "\n".join(lines).strip("\n"), differs)


class Api:
    """One of the two servers: how to ask it, and what it said last."""

    def __init__(self, name, kubeconfig, folder):
        self.name, self.kubeconfig, self.folder = name, kubeconfig, folder / name
        self.folder.mkdir(mode=0o700, exist_ok=True)
        config = json.loads(kubeconfig.read_text())
        cluster, self.user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.address = urllib.parse.urlsplit(cluster["server"]).netloc
        self.trust = ssl.create_default_context(cadata=decode(cluster["certificate-authority-data"]))
        if "client-key-data" in self.user:
            self.trust.load_cert_chain(self._file("crt", "client-certificate-data"), self._file("key", "client-key-data"))
        self.known = {}

    def _file(self, name, key):
        path = self.folder / name
        control_plane.write_secret(path, decode(self.user[key]))
        return path

    def begin(self, namespace):
        """Makes the namespace of a case, with the service account that its pods run as."""
        self.known = {"ns": namespace}
        self.request("POST", "/api/v1/namespaces", json.dumps({"metadata": {"name": namespace}}))
        account = json.dumps({"metadata": {"name": "default"}})
        self.request("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts", account)

    def take(self, step):
        """Takes a step, and gives what came of it."""
        line, body = (re.sub(r"\{(ns|rv|uid|continue)\}", self._fill, text) for text in (step.line, step.body))
        if line.startswith("$ "):
            return self.command(line[2:], body)
        method, _, path = line.partition(" ")
        headers = {name: re.sub(r"\{(ns|rv|uid|continue)\}", self._fill, value) for name, value in step.headers.items()}
        status, answer = self.request(method, path, body, headers)
        self._remember(answer)
        return {"status": status, "body": answer}

    def _fill(self, match):
        return self.known.get(match[1], match[0])

    def _remember(self, answer):
        metadata = answer.get("metadata", {}) if isinstance(answer, dict) else {}
        for name, key in (("rv", "resourceVersion"), ("uid", "uid"), ("continue", "continue")):
            if metadata.get(key):
                self.known[name] = metadata[key]

    def request(self, method, path, body="", headers=None):
        """A request; gives the status and the document, documents or text that it was answered with."""
        connection = http.client.HTTPSConnection(self.address, context=self.trust, timeout=SECONDS)
        sent = {"Content-Type": PATCHES.get(method, "application/json"), "User-Agent": "differential/1"}
        if "token" in self.user:
            sent["Authorization"] = f"Bearer {self.user['token']}"
        method = "PATCH" if method in PATCHES else method
        with contextlib.closing(connection):
            connection.request(method, urllib.parse.quote(path, safe="/?&=%,:;!()"), body or None, sent | (headers or {}))
            answer = connection.getresponse()
            return answer.status, documents(answer.read().decode())

    def command(self, line, body):
        """A kubectl command in the case's namespace; gives its exit code and what it printed."""
        options = f"--cache-dir={self.folder}/cache -n {self.known['ns']}"
        command = f'kubectl() {{ {KUBECTL} {options} "$@"; }}; set -o pipefail; kubectl {line}'
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "KUBECONFIG": str(self.kubeconfig)}
        try:
            done = subprocess.run(["bash", "-c", command], input=body, capture_output=True, text=True, env=environment,
                                  timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return {"exit": f"none within {SECONDS} s"}
        return {"exit": done.returncode, "out": done.stdout.splitlines(), "error": done.stderr.splitlines()}


def decode(text):
    return base64.b64decode(text).decode()


def documents(text):
    """A body as what it is: one JSON document, one per line as watches send them, or text."""
    with contextlib.suppress(ValueError):
        return json.loads(text)
    with contextlib.suppress(ValueError):
        return [json.loads(line) for line in text.splitlines()]
    return text


# What differs from run to run, by the name of the field; the texts of messages are changed by TEXTS.
VARYING = {"uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "time", "lastTransitionTime", "continue",
           "clusterIP", "nodePort", "expirationTimestamp", "token", "lastUpdateTime"}
TEXTS = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "UID"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "TIME"),
    (re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]+ \+\d{4}"), "TIME"),
    (re.compile(r"\b10\.(9\d|96)\.\d+\.\d+\b"), "ADDRESS"),
    (re.compile(r"(?<=:)3\d{4}(?=/TCP)"), "NODEPORT"),
    (re.compile(r"(?<=resource version: )\d+( \(\d+\)|, current: \d+)?"), "RV"),
    (re.compile(r"(?<=ResourceVersion in )(the )?\w+( \(\d+\))?"), "RV"),
    (re.compile(r"\b\d+[smh](?=\s|$)"), "AGE"),
    (re.compile(r'(?<=resourceVersion: )"\d+"|(?<="resourceVersion": )"\d+"'), "RV"),
    (re.compile(r" {3,}"), "  "),
    (re.compile(r"/tmp/\S+/(LIVE|MERGED)-\d+/"), r"\1/"),
]


def normal(value, name=""):
    """A value without what differs from run to run."""
    if isinstance(value, dict):
        return {key: normal(member, key) for key, member in value.items()}
    if isinstance(value, list):
        items = [normal(item, name) for item in value]
        return sorted(items, key=order) if name in ("managedFields", "causes") else items
    if name in VARYING and value not in (None, "", "None"):
        return name.upper()
    if isinstance(value, str):
        for pattern, replacement in TEXTS:
            value = pattern.sub(replacement, value)
    return value


def order(item):
    """The order in which managers and causes are compared: the real one depends on the second, or on chance."""
    return [str(item.get(key)) for key in ("manager", "operation", "subresource", "field", "message")]


def run_case(case, number, apis, show):
    """Takes the steps of a case on both servers; gives the steps that were not as expected, with both answers."""
    wrong = []
    for api in apis:
        api.begin(f"case-{number}")
    for step in case.steps:
        real, ours = (json.dumps(normal(api.take(step)), indent=1, sort_keys=True).splitlines() for api in apis)
        if show:
            print(f"--- {step.line}", *real, sep="\n")
        if (real != ours) != bool(step.differs):
            wrong.append((step, list(difflib.unified_diff(real, ours, "real", "simulator", lineterm="", n=1))))
    return wrong


def verdict(case, wrong):
    """The word for a case in the table."""
    if wrong:
        return "DIFFERENT"
    return "known difference" if any(step.differs for step in case.steps) else "same"


def compare(cases, apis, show):
    """Runs the cases and prints the table; gives how many were not as expected."""
    bad = 0
    for number, case in enumerate(cases):
        wrong = run_case(case, number, apis, show)
        print(f"{case.file:<18} {case.title:<72} {verdict(case, wrong)}", flush=True)
        for step, lines in wrong:
            print(f"    {step.line}", *(f"      {line}" for line in lines or ["no longer differs"]), sep="\n")
        bad += bool(wrong)
    return bad


@contextlib.contextmanager
def simulated(folder):
    """The simulator's API server without controllers, as a process; gives its kubeconfig."""
    build = ["cargo", "build", "--quiet", "--locked", "-p", "tcmesh-simulator", "--example", "kubernetes_api"]
    subprocess.run(build, cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    process = subprocess.Popen([target / "debug/examples/kubernetes_api"], stdout=subprocess.PIPE, text=True)
    try:
        lines = iter(process.stdout.readline, "}\n")
        path = folder / "simulated-kubeconfig"
        control_plane.write_secret(path, "".join(lines) + "}\n")
        yield path
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        process.stdout.close()


def main():
    """Compares, and fails where a step is not as expected."""
    parser = argparse.ArgumentParser(description="Holds the simulator's Kubernetes API to the real one.")
    parser.add_argument("--only", default="", help="only the cases whose titles contain this text")
    parser.add_argument("--show", action="store_true", help="print what the real server answers")
    parser.add_argument("--write", action="store_true", help="write the known differences to docs/")
    given = parser.parse_args()
    began = time.monotonic()
    cases = [case for case in read_cases() if given.only in case.title]
    with tempfile.TemporaryDirectory() as temporary, contextlib.ExitStack() as stack:
        folder = pathlib.Path(temporary)
        ours = stack.enter_context(simulated(folder))
        planes = stack.enter_context(control_plane.ControlPlanes(folder / "real", count=1))
        apis = [Api("real", planes.clusters[0].kubeconfig, folder), Api("simulated", ours, folder)]
        bad = compare(cases, apis, given.show)
    steps = sum(len(case.steps) for case in cases)
    print(f"== {len(cases)} cases with {steps} steps, {bad} not as expected, {time.monotonic() - began:.0f} s")
    if given.write:
        kubernetes_fidelity.write(cases)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
