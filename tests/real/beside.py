"""The stock provider `tencentcloud` beside this one, on one simulated cloud.

    TCMESH_STOCK_PROVIDER=/path/to/terraform-provider-tencentcloud python3 tests/real/beside.py [NAME...]

One configuration uses both, twice: once the networks, the CCN and the mesh are the stock provider's, once they are ours.
Then objects are handed from one provider to the other and back by import. Then known defects of the stock provider are
shown beside our resource in the same situation. Without TCMESH_STOCK_PROVIDER nothing runs.
"""

import sys
import time

from two_providers import HERE, OURS, STOCK_ADDRESS, Workspace, drift_of_all, environment, simulation, stock_provider
import cloud
import defects
import terraform
PROVIDERS = HERE / "beside/providers.tf"
VARIABLES = simulation.STORY / "variables.tf"


class Bench:
    """One simulated cloud, and workspaces on it."""

    def __init__(self, program, stock, home):
        self.program, self.stock, self.wrong = program, stock, []
        self.simulator = simulation.Simulator("cross-account", home)
        self.variables = simulation.story_variables(self.simulator.ready)
        self.variables["ingress_account_id"] = self.simulator.ready["accounts"]["a"]["uin"]
        vpcs, clusters = self.simulator.ready["vpcs"], self.variables["clusters"]
        self.variables["subnets"] = {name: vpcs[one["vpc_id"]]["subnets"][0]["id"] for name, one in clusters.items()}
        self.workspaces = []

    def workspace(self, *sources, **variables):
        """A workspace with these sources, beside the provider blocks."""
        both = [PROVIDERS, VARIABLES, *(HERE / "beside" / source for source in sources)]
        providers, values = {**OURS, STOCK_ADDRESS: self.stock}, {**self.variables, **variables}
        made = Workspace(self.program, providers, both, values, environment(self.simulator))
        self.workspaces.append(made)
        return made

    def set(self, workspace, **variables):
        """Sets variables of a workspace anew."""
        workspace.set({**self.variables, **variables})

    def call(self, account, service, action, **parameters):
        """Does something in the cloud, outside of Terraform."""
        return cloud.call(self.simulator, account, service, action, **parameters)

    def advance(self, time_span):
        """Moves the cloud's clock."""
        self.simulator.post("clock", {"advance": time_span})

    def writes_since(self, number):
        """The calls to the cloud that changed something, after the first `number` ones."""
        return [f"{one['service']}:{one['action']}" for one in self.simulator.get("journal")[number:] if one["write"]]

    def check(self, text, holds, shown=""):
        """Says what holds, or what does not and what was found."""
        print(f"   {'ok   ' if holds else 'WRONG'} {text}", flush=True)
        if not holds:
            print(shown)
            self.wrong.append(text)

    def lacks_nothing(self):
        """Checks that the simulator knew every action and parameter that it was sent."""
        unknown = {"InvalidAction", "InvalidParameter", "UnknownParameter"}
        refused = [one for one in self.simulator.get("journal") if one["code"] in unknown]
        self.check("the simulator knows all that it is asked", not refused, refused)

    def close(self):
        for workspace in self.workspaces:
            workspace.close()
        self.simulator.stop()


def is_back(simulator, before):
    """Whether everything is as it was, once the cloud had time for its last steps."""
    deadline = time.monotonic() + 10
    while simulator.inventory() != before and time.monotonic() < deadline:
        time.sleep(0.1)
    return simulator.inventory() == before


def lives_and_ends(bench, workspace, both):
    """Applies a configuration, plans it again, and destroys it."""
    before = bench.simulator.inventory()
    begun = time.monotonic()
    workspace.apply()
    count = len(workspace.state())
    bench.check(f"{both}: {count} objects applied in {time.monotonic() - begun:.0f} s", count > 8)
    again = workspace.run("plan", "-detailed-exitcode")
    bench.check(f"{both}: the plan afterwards is empty", again.code == 0, again.text)
    return before


def ends(bench, workspace, both, before):
    gone = workspace.destroy()
    bench.check(f"{both}: destroyed in one go", gone.code == 0, gone.text)
    after = is_back(bench.simulator, before)
    bench.check(f"{both}: the cloud is as it was", after, sorted(bench.simulator.inventory() ^ before)[:20])


def stock_below(bench):
    """The story, with VPCs, subnets, CCN and mesh of the stock provider."""
    workspace = bench.workspace(simulation.STORY, "stock_below")
    (workspace.home / "versions.tf").unlink()
    before = lives_and_ends(bench, workspace, "stock below")
    address, listener = bench.simulator.gateway()
    for name in ("cluster1", "cluster2", "cluster3"):
        answer = simulation.request(listener, f"{name}.imroc.cc")
        bench.check(f"stock below: {name}.imroc.cc is answered by {name}", answer == (200, name), answer)
    ends(bench, workspace, "stock below", before)


def ours_below(bench):
    """CCN, mesh and gateway of ours, with networks, attachments, acceptance, link and record of the stock provider."""
    workspace = bench.workspace("ours_below")
    before = lives_and_ends(bench, workspace, "ours below")
    state = workspace.state()["tencentcloud_ccn_attachment_v2.member"]
    found = drift_of_all(workspace.planned("-refresh-only"))
    ours = {address for address in found if address.startswith("tcmesh_")}
    bench.check("ours below: a refresh finds nothing new in our objects", not ours, ours)
    bench.check("ours below: the stock provider attaches to our CCN", state["ccn_id"].startswith("ccn-"))
    ends(bench, workspace, "ours below", before)


PAIRS = {
    "tencentcloud_ccn.main": "tcmesh_ccn.main",
    "tencentcloud_ccn_attachment_v2.main": "tcmesh_ccn_attachment.main",
    "tencentcloud_tcm_mesh.main": "tcmesh_mesh.main",
    "tencentcloud_tcm_cluster_attachment.main": "tcmesh_mesh_cluster.main",
}


def handover(bench):
    """What the stock provider made goes to ours by the ID it has there, and back again."""
    before = bench.simulator.inventory()
    stock, ours, again = (bench.workspace(f"handover/{side}") for side in ("stock", "ours", "stock"))
    stock.apply()
    taken(bench, stock, ours, PAIRS)
    taken(bench, ours, again, {ours: stock for stock, ours in PAIRS.items()})
    # Detaching, the stock provider does not wait: its own CCN cannot go before that is over.
    first = again.destroy()
    refused = "ExistCcnInstancesNotSupportDeleteCcn" in first.words
    bench.check("handover: the stock provider's destroy is refused for its own attachment", refused, first.text)
    ends(bench, again, "handover", before)


def taken(bench, giver, taker, pairs):
    """Imports by the giver's IDs; the apply afterwards changes nothing in the cloud."""
    state = giver.state()
    for given, wanted in pairs.items():
        imported = taker.run("import", wanted, state[given]["id"])
        what = f"handover: {wanted} takes the ID {state[given]['id']} of {given.split('.')[0]}"
        bench.check(what, imported.code == 0, imported.text)
    calls = len(bench.simulator.get("journal"))
    taker.apply()
    written = bench.writes_since(calls)
    bench.check("handover: the apply after it changes nothing in the cloud", not written, written)
    after = taker.run("plan", "-detailed-exitcode")
    bench.check("handover: the plan after that is empty", after.code == 0, after.text)


SCENES = {"stock_below": stock_below, "ours_below": ours_below, "handover": handover, **defects.SCENES}


def main():
    stock = stock_provider()
    if stock is None:
        print("== not run: TCMESH_STOCK_PROVIDER names no binary of the stock provider")
        return 0
    program = terraform.find()
    begun, wrong = time.monotonic(), []
    for name in sys.argv[1:] or SCENES:
        print(f"== {name}: {SCENES[name].__doc__}", flush=True)
        with simulation.temporary_home() as home:
            bench = Bench(program, stock, home)
            try:
                SCENES[name](bench)
                bench.lacks_nothing()
            finally:
                bench.close()
        wrong += bench.wrong
    print(f"== {len(wrong)} wrong, {time.monotonic() - begun:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
