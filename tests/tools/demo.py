"""The whole story on a simulated cloud: apply, requests, empty plans, destroy. Any wrong answer ends it with an error."""

import collections
import os
import re
import sys
import time

import simulation
import terraform

REQUESTS = 1000
KEEP = os.environ.get("KEEP") == "1"
# The lines of Terraform that tell how far it is; the rest is shown when something goes wrong.
PROGRESS = re.compile(r": (Creation|Destruction|Opening) complete|: Still |Warning: (?!Provider development)|Error:|(Apply|Destroy) complete!")


def say(text):
    print(f"\n== {text}", flush=True)


def expect(listener, host, path, wanted):
    status, body = simulation.request(listener, host, path)
    verdict = "ok" if (status, body) == (200, wanted) else f"WRONG: expected 200 {wanted}"
    print(f"   {'http://' + host + path:<34} -> {status} {body:<10} {verdict}", flush=True)
    return verdict == "ok"


def expect_split(listener, host, wanted):
    answers = collections.Counter(simulation.request(listener, host)[1] for _ in range(REQUESTS))
    shares = {name: 100 * answers[name] / REQUESTS for name in wanted}
    good = set(answers) == set(wanted) and all(abs(shares[name] - share) <= 5 for name, share in wanted.items())
    shown = ", ".join(f"{name} {share:.1f} %" for name, share in shares.items())
    print(f"   {'http://' + host + '/':<34} -> {REQUESTS} requests: {shown} {'ok' if good else 'WRONG'}", flush=True)
    return good


def show_answers(simulator):
    address, listener = simulator.gateway()
    say(f"requests to the gateway {address} (here: {listener}), with the real Host header")
    results = [expect(listener, f"cluster{n}.imroc.cc", "/", f"cluster{n}") for n in (1, 2, 3)]
    results += [expect(listener, "paths.imroc.cc", "/two", "cluster2"), expect(listener, "paths.imroc.cc", "/three", "cluster3")]
    results.append(expect_split(listener, "split.imroc.cc", {"cluster1": 80, "cluster3": 20}))
    if not all(results):
        raise SystemExit("a request was not answered as it should")


def show_plans(workspace):
    say("a second plan, and a plan of the refresh alone: both must be empty")
    for arguments in (["plan", "-detailed-exitcode"], ["plan", "-refresh-only", "-detailed-exitcode"]):
        workspace.run(*arguments, "-no-color")
        print(f"   terraform {' '.join(arguments)}: exit 0, no changes", flush=True)


def show_nothing_left(simulator, before):
    # Name servers, for one, follow a moment later.
    deadline = time.monotonic() + 10
    while (after := simulator.inventory()) != before and time.monotonic() < deadline:
        time.sleep(0.05)
    if after != before:
        raise SystemExit("the simulated cloud is not as it was before:\n" + "\n".join(sorted(after ^ before)))
    say("destroyed: the simulated cloud and its clusters are back to where they began")


def show_how_to_look_around(simulator, workspace):
    _, listener = simulator.gateway()
    say("left running (KEEP=1). Look around:")
    print(f"   curl -H 'Host: cluster1.imroc.cc' http://{listener}/")
    print(f"   curl {simulator.endpoint}/_sim/state        # the cloud, also: journal, gateways")
    for cluster_id, cluster in simulator.ready["clusters"].items():
        print(f"   kubectl --kubeconfig {cluster['kubeconfig']} get pods -A    # {cluster['name']} ({cluster_id})")
    environment = f"TF_CLI_CONFIG_FILE={workspace.env['TF_CLI_CONFIG_FILE']} TCMESH_ENDPOINT={simulator.endpoint}"
    print(f"   cd {workspace.home} && {environment} {workspace.terraform} plan")
    print(f"   kill {simulator.process.pid}                # ends the simulator")


def tell(program, home, simulator):
    """The story, with a Terraform, on a simulator that runs."""
    say(f"Terraform {'.'.join(map(str, terraform.version(program)))} ({program})")
    say(f"a simulated cloud with {len(simulator.ready['accounts'])} accounts and "
        f"{len(simulator.ready['clusters'])} clusters at {simulator.endpoint}")
    before = simulator.inventory()
    variables = simulation.story_variables(simulator.ready)
    workspace = simulation.Workspace(program, simulation.STORY, home, simulator, variables)
    say("terraform apply")
    workspace.run("apply", "-auto-approve", "-no-color", show=PROGRESS)
    show_answers(simulator)
    show_plans(workspace)
    if KEEP:
        show_how_to_look_around(simulator, workspace)
        return
    say("terraform destroy")
    workspace.run("destroy", "-auto-approve", "-no-color", show=PROGRESS)
    show_nothing_left(simulator, before)


def main():
    begun = time.monotonic()
    program = terraform.find()
    with simulation.temporary_home(KEEP) as home:
        simulator = simulation.Simulator("cross-account", home)
        try:
            tell(program, home, simulator)
        finally:
            if not KEEP:
                simulator.stop()
    say(f"done in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
