"""The vendor's own clients on the simulator: the Python SDK, the Node SDK and tccli call every action that it offers.

    .tools/real/python/bin/python tests/real/clients.py [python|node|tccli]...

Each client has a fresh simulator and walks `clients/scenarios.json`: of every action a success, the refusals that all
actions share (wrong key, no rights, missing parameter, wrong type) and those of its own. Fails where an outcome is not
the one that the scenarios tell.
"""

import collections
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "clients"), str(HERE.parent / "tools")]
import plan as plans  # noqa: E402
import tls  # noqa: E402
import walk  # noqa: E402
from simulation import BIN, ROOT, Simulator, temporary_home  # noqa: E402

NODE_SDK = ROOT / ".tools/real/node"
CLIENTS = {"python": [sys.executable, "python_client.py"], "node": ["node", "node_client.mjs"],
           "tccli": [sys.executable, "tccli_client.py"]}


def environment(home):
    """What a driver is told besides its plan. tccli writes into the home folder."""
    return dict(os.environ, HOME=home, NODE_SDK=str(NODE_SDK), PYTHONDONTWRITEBYTECODE="1")


def write_plan(home, plan):
    """Writes a plan, which holds keys, for this user only."""
    file = pathlib.Path(home) / "plan.json"
    with open(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as out:
        json.dump(plan, out)
    return file


def drive(name, plan, home):
    """Has a client walk a plan, and gives its outcomes."""
    files = tls.certificate(home)
    target = urllib.parse.urlsplit(plan["endpoint"])
    plan |= {"tls": tls.listen((target.hostname, target.port), files), "certificate": str(files[0])}
    program, script = CLIENTS[name]
    done = subprocess.run([program, HERE / "clients" / script, write_plan(home, plan)], capture_output=True, text=True,
                          env=environment(home))
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    if len(outcomes) != len(plan["steps"]):
        raise SystemExit(f"{name} ended after {len(outcomes)} of {len(plan['steps'])} steps\n{done.stderr}")
    return outcomes


def complaint(step, outcome):
    """What is wrong with an outcome, or None."""
    if outcome.get("code") != step.get("code"):
        said = f"{outcome.get('code')}: {outcome.get('message')}" if "code" in outcome else "success"
        return f"expected {step.get('code', 'success')}, got {said}"
    for path, value in outcome.get("expected", {}).items():
        if walk.at(outcome["answer"], path) != value:
            return f"expected {path} = {value!r}, got {walk.at(outcome['answer'], path)!r}"
    return None


def judge(steps, outcomes):
    """Counts the steps by how they ended, and tells what is wrong."""
    counts, complaints = collections.Counter(), []
    for step, outcome in zip(steps, outcomes):
        if "control" in step:
            continue
        said = complaint(step, outcome)
        counts["wrong" if said else "refusals" if "code" in step else "successes"] += 1
        if said:
            complaints.append(f"{step['call']} as {step['as']} with {json.dumps(step['with'], ensure_ascii=False)}: {said}")
    return counts, complaints


def run(name, actions):
    """Has one client walk the scenarios on a fresh simulator, and tells whether all went as written."""
    began = time.monotonic()
    with temporary_home() as home:
        simulator = Simulator(plans.WORLD, home)
        try:
            plan = plans.make(simulator.ready, actions)
            if name == "tccli":
                plan["steps"] = [step for step in plan["steps"] if step.get("documented", True)]
            counts, complaints = judge(plan["steps"], drive(name, plan, home))
        finally:
            simulator.stop()
    called = {step["call"] for step in plan["steps"] if "call" in step}
    print(f"{name}: {len(called)} actions, {counts['successes']} successes, {counts['refusals']} refusals as written, "
          f"{counts['wrong']} wrong, in {time.monotonic() - began:.0f} s", flush=True)
    print("".join(f"   {line}\n" for line in complaints), end="", flush=True)
    return not complaints


def main():
    """Runs the named clients, or all of them."""
    unknown = set(sys.argv[1:]) - CLIENTS.keys()
    if unknown:
        raise SystemExit(f"unknown: {', '.join(unknown)}; there are {', '.join(CLIENTS)}")
    actions = plans.offered(BIN / "tcmesh-simulator")
    return 0 if all([run(name, actions) for name in sys.argv[1:] or CLIENTS]) else 1


if __name__ == "__main__":
    sys.exit(main())
