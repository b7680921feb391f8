"""Compares every action that the simulator offers with the vendor's published models.

    .tools/real/python/bin/python tests/real/fidelity.py [--write | --print]

The parameters are those that the simulator's code reads (`tcmesh-simulator actions`); the answers are real ones, of the
scenarios that the vendor's clients walk (`clients/scenarios.json`). Fails where a name, a type or an answer contradicts a
model and `clients/differences.json` has no reason for it, where such a reason is no longer needed, and where
docs/simulator-fidelity.md is not what would be written now; `--write` writes it where nothing else is wrong.
"""

import collections
import importlib
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "clients"), str(HERE.parent / "tools")]
import compare  # noqa: E402
import page  # noqa: E402
import plan as plans  # noqa: E402
import python_client  # noqa: E402
import walk  # noqa: E402
from clients import complaint  # noqa: E402
from simulation import BIN, ROOT, Simulator, temporary_home  # noqa: E402

PAGE = ROOT / "docs/simulator-fidelity.md"
DIFFERENCES = HERE / "clients/differences.json"
STATES = ("State", "Status", "LinkState")
# Codes of every service (API reference, "Common error codes").
COMMON = {"AuthFailure", "FailedOperation", "InternalError", "InvalidAction", "InvalidParameter", "InvalidParameterValue",
          "LimitExceeded", "MissingParameter", "OperationDenied", "RequestLimitExceeded", "ResourceInUse",
          "ResourceInsufficient", "ResourceNotFound", "ResourceUnavailable", "UnauthorizedOperation", "UnknownParameter",
          "UnsupportedOperation", "UnsupportedProtocol", "UnsupportedRegion"}


class Seen:
    """What was seen of an action: its answers beside their model, its states and error codes, what it cannot do without."""

    def __init__(self, action):
        self.action = action
        self.name = f"{action['service']}:{action['action']}"
        self.request = compare.request(action) if action["documented"] else compare.Fields()
        self.answers = 0
        self.response = compare.Fields()
        self.states, self.codes, self.needed = set(), set(), []

    def take(self, outcome):
        """Takes an outcome in."""
        if "answer" not in outcome:
            self.codes.add(outcome["code"])
            return
        self.answers += 1
        self.states |= set(states(outcome["answer"]))
        if self.action["documented"]:
            compare.answer(self.response, self.action, outcome["answer"])

    def unlisted(self):
        """Error codes that neither the service's list nor that of all services has."""
        version = self.action["version"].replace("-", "")
        listed = vars(importlib.import_module(f"tencentcloud.{self.action['service']}.v{version}.errorcodes")).values()
        return sorted(code for code in self.codes if code not in listed and code not in COMMON and not code.startswith("AuthFailure."))

    def required(self, name):
        """Whether the model calls a parameter required."""
        return self.action["documented"] and name in plans.required(self.action)

    def wrong(self):
        """What contradicts the models, by place."""
        places = {f"request {path}": what for path, what in self.request.wrong.items()}
        return places | {f"response {path}": what for path, what in self.response.wrong.items()}


def states(value):
    """The values of all members of an answer that tell a state."""
    if isinstance(value, list):
        for item in value:
            yield from states(item)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from states(member)
            if name in STATES and isinstance(member, (str, int)):
                yield str(member)


def needed(plan, step, call):
    """The top-level parameters without which a request is not read. Asked by somebody without rights, who changes nothing."""
    given, parameters, stranger = walk.filled(step["with"], plan["known"]), {}, (*plan["keys"]["stranger"], None)
    while True:
        try:
            call(stranger, step, parameters)
            return list(parameters)
        except walk.Refused as refusal:
            missing = refusal.message.split("`")[1].split(".")[0] if refusal.code == "MissingParameter" else None
            if missing in parameters or missing not in given:
                return list(parameters)
            parameters[missing] = given[missing]


def observe(actions):
    """Walks the scenarios on a fresh simulator, and gives what was seen of each action."""
    seen = {f"{action['service']}:{action['action']}": Seen(action) for action in actions}
    with temporary_home() as home:
        simulator = Simulator(plans.WORLD, home)
        try:
            plan = plans.make(simulator.ready, actions)
            call = python_client.raw(plan)
            first = {}
            for step, outcome in zip(plan["steps"], walk.walk(plan, call)):
                if "control" in step:
                    continue
                if said := complaint(step, outcome):
                    raise SystemExit(f"{step['call']}: {said}")
                seen[step["call"]].take(outcome)
                first.setdefault(step["call"], step)
            for name, step in first.items():
                seen[name].needed = needed(plan, step, call)
        finally:
            simulator.stop()
    return list(seen.values())


def judged(seen, reasons):
    """What is wrong: contradictions without a reason, and reasons without a contradiction."""
    found = {f"{it.name} {place}": what for it in seen for place, what in it.wrong().items()}
    yield from (f"{place}: {what}" for place, what in sorted(found.items()) if place not in reasons)
    yield from (f"{place}: differences.json has a reason for what is no difference" for place in reasons.keys() - found.keys())
    yield from (f"{it.name}: no success was seen" for it in seen if not it.answers and it.action["action"] != "DescribeClusterSecurity")


def main():
    """Compares, and checks or writes the page."""
    reasons = json.loads(DIFFERENCES.read_text(encoding="utf-8"))
    seen = observe(plans.offered(BIN / "tcmesh-simulator"))
    wrong = list(judged(seen, reasons))
    print("".join(f"{line}\n" for line in wrong), end="")
    text = page.text(seen, reasons)
    if "--print" in sys.argv[1:]:
        print(text)
    if "--write" in sys.argv[1:] and not wrong:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        wrong.append("stale")
        print(f"{PAGE.relative_to(ROOT)} is not what would be written now: run tests/real/fidelity.py --write")
    counts = collections.Counter(it.action["documented"] for it in seen)
    print(f"fidelity: {counts[True]} documented actions compared, {counts[False]} without a model, {len(wrong)} complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
