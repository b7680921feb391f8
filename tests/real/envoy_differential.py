"""The simulator's gateway beside Envoy: the same objects, the same requests, the same answers.

    python3 tests/real/envoy_differential.py [--seed 1] [--cases 132] [--only KIND]

Each generated case is applied to a real API server, where istiod makes Envoy's configuration of it, and to a cluster of
the simulator. Compared are whether each object is taken, and of every request the status, the backend that answered,
the path that it was asked for, the body of other answers, `location`, and the headers that rules change.
"""

import argparse
import collections
import http.client
import json
import pathlib
import sys
import tempfile
import time

import mesh
import routing_objects as routing
import simulated_mesh
from control_plane import ROOT
from kubernetes_client import Refused
from routing_cases import KINDS, cases

REPORT = ROOT / "target/reports/envoy-differential.json"
COMPARED = ("location", "x-mark", "access-control-allow-origin", "access-control-allow-methods",
            "access-control-allow-headers", "access-control-allow-credentials", "access-control-expose-headers",
            "access-control-max-age")
BACKENDS = ("cluster1", "cluster2", "cluster3")
SETTLED_SECONDS = 60
KEEPER = f"{routing.GATEWAYS}/keeper"


def ask(place, request):
    """Sends a request as it is written, and gives status, headers and body."""
    connection = http.client.HTTPConnection(*place, timeout=10)
    try:
        connection.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("host", request.host)
        for name, value in request.headers:
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode().strip()
    finally:
        connection.close()


class Side:
    """A mesh to which cases are applied. A host of its own tells when a case is followed."""

    def __init__(self, name, client, places):
        self.name, self.client, self.places = name, client, places
        self.applied = []
        keeper = routing.gateway(*(routing.server(["*.keeper"], port=port) for port in (80, 8080)), name="keeper")
        client.apply(keeper)

    def place(self, port):
        """Where a port is."""
        return self.places(port)

    def apply(self, case):
        """Puts a case in the place of the last one; gives what becomes of each object."""
        for document in self.applied:
            self.client.delete(document)
        verdicts = [self.verdict(document) for document in case.objects]
        self.applied = case.objects
        marker = routing.answer(directResponse={"status": 200, "body": {"string": str(case.number)}})
        self.client.apply(routing.routes(marker, name="marker", hosts=[f"{case.number}.keeper"], gateways=[KEEPER]))
        self.wait(case)
        return verdicts

    def verdict(self, document):
        """Whether an object is taken, and what is said where it is not.

        Who refuses, a definition (422) or the webhook (400), differs between Istio's releases and is not compared.
        """
        try:
            self.client.apply(document)
            return "taken", ""
        except Refused as refused:
            return "refused", refused.message

    def wait(self, case):
        """Waits until the gateway follows a case."""
        end = time.monotonic() + SETTLED_SECONDS
        for port in (80, 8080):
            while not self.follows(case, port):
                if time.monotonic() > end:
                    raise TimeoutError(f"case {case.number}: {self.name} does not follow it within {SETTLED_SECONDS} s")
                time.sleep(0.01)

    def follows(self, case, port):
        """Whether a port answers for a case; it may not listen yet."""
        try:
            return ask(self.place(port), routing.Request(host=f"{case.number}.keeper"))[2] == str(case.number)
        except OSError:
            return False

    def outcome(self, request):
        """What a request comes to; of several, what they come to together."""
        outcomes = [self.once(request) for _ in range(request.times)]
        return outcomes[0] if request.times == 1 else sorted(set(map(str, outcomes)))

    def once(self, request):
        """The part of one answer that is compared."""
        status, headers, body = ask(self.place(request.port), request)
        found = {"status": status} | {name: headers.get_all(name) for name in COMPARED if name in headers}
        backend, path = answered_by(headers, body)
        return found | ({"backend": backend, "path": path} if backend else {"body": body})


def answered_by(headers, body):
    """The backend that answered and the path that it saw, from its headers or from its body; nothing where none did."""
    words = body.split(" ")
    if words[0] not in BACKENDS:
        return None, None
    return words[0], headers["x-seen-path"].split("?")[0] if "x-seen-path" in headers else " ".join(words[1:])


def candidates(all_cases):
    """The paths that backends may be asked for: those of the requests, and what rewrites can make of them."""
    known = {request.path.split("?")[0] for case in all_cases for request in case.requests}
    known |= {"/b", "/a/b", "/b/"}
    new = {rule["rewrite"]["uri"] for case in all_cases for one in case.objects for rule in one["spec"].get("http", ())
           if rule.get("rewrite", {}).get("uri")}
    ends = {path[length:] for path in known for length in range(len(path) + 1)}
    return sorted(known | {beginning + end for beginning in new for end in ends})


def compare(case, real, simulated):
    """What differs in a case: for each difference the thing, what the real side says, and what the simulator says."""
    verdicts = zip(case.objects, real.apply(case), simulated.apply(case))
    different = [(json.dumps(one["spec"]), theirs, ours) for one, theirs, ours in verdicts if theirs[0] != ours[0]]
    for request in case.requests:
        ours, theirs = simulated.outcome(request), real.outcome(request)
        if ours != theirs:
            different.append((str(request), theirs, ours))
    return different


def run(all_cases, folder):
    """Runs all cases on both sides; gives the differences by case."""
    paths = candidates(all_cases)
    with mesh.running(folder / "real") as one, simulated_mesh.running(folder / "simulated", paths) as other:
        real = Side("envoy", one.home, lambda port: (one.ingress.address, one.ingress.ports[port]))
        simulated = Side("the simulator", other.home, other.place)
        return {case.number: compare(case, real, simulated) for case in all_cases}


def show(all_cases, differences):
    """The table by kind, and every difference."""
    counts = collections.defaultdict(collections.Counter)
    for case in all_cases:
        counts[case.kind].update(cases=1, objects=len(case.objects), requests=len(case.requests),
                                 different=len(differences[case.number]))
    columns = ("cases", "objects", "requests", "different")
    print(f"{'kind':<20}" + "".join(f"{column:>10}" for column in columns))
    for kind, count in counts.items():
        print(f"{kind:<20}" + "".join(f"{count[column]:>10}" for column in columns))
    total = sum(counts.values(), collections.Counter())
    print(f"{'all':<20}" + "".join(f"{total[column]:>10}" for column in columns))
    for case in all_cases:
        for what, theirs, ours in differences[case.number]:
            print(f"\ncase {case.number} ({case.kind}): {what}\n   envoy      {theirs}\n   simulator  {ours}")
    return total


def main():
    """Generates, runs and compares."""
    parser = argparse.ArgumentParser(description="Compares the simulator's gateway with Envoy.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=6 * len(KINDS))
    parser.add_argument("--only", help="a kind of case")
    given = parser.parse_args()
    chosen = [case for case in cases(given.seed, given.cases) if given.only in (None, case.kind)]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        differences = run(chosen, pathlib.Path(temporary))
    total = show(chosen, differences)
    seconds = time.monotonic() - began
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps({"seed": given.seed, "seconds": round(seconds), **total}, indent=2) + "\n")
    print(f"== seed {given.seed}: {total['requests']} requests and {total['objects']} objects, "
          f"{total['different']} different, {seconds:.0f} s", flush=True)
    return 1 if total["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
