"""Known defects of the stock provider, each beside our resource in the same situation. The configurations are those in
`beside/defect_N/`; the numbers are those of the list that `docs/stock-provider.md` gives."""

import time

from two_providers import changes, drift, drift_of_all

BOTH = ["cluster1", "cluster2"]
ONE = ["cluster1"]


def unlinks_one_of_two(bench):
    """Defect 1: unlinking one of several clusters times out"""
    for side in ("stock", "ours"):
        workspace = bench.workspace(f"defect_1/{side}", linked=BOTH)
        workspace.apply()
        bench.set(workspace, linked=ONE)
        begun = time.monotonic()
        result = workspace.run("apply", "-auto-approve")
        took = f"{time.monotonic() - begun:.1f} s"
        left = [address for address in workspace.state() if "cluster2" in address]
        if side == "stock":
            fails = result.code != 0 and "link status is , retry" in result.words
            bench.check(f"stock: the apply fails after {took}, and the link stays in the state", fails and left, result.text)
            workspace.succeeds("state", "rm", *left)
        else:
            bench.check(f"ours: unlinked in {took}", result.code == 0 and not left, result.text)
        workspace.destroy()


def links_two_in_one_object(bench):
    """Defect 2: of several clusters in one `cluster_list` only the last is kept"""
    stock = bench.workspace("defect_2/stock")
    stock.apply()
    found = changes(stock.planned())
    address = "tencentcloud_tcm_cluster_attachment.both"
    bench.check("stock: the plan after the apply replaces the link", "delete" in found.get(address, ""), found)
    identity = stock.state()[address]["id"]
    bench.check(f"stock: its ID `{identity}` names one cluster of two", identity.count("#") == 1, identity)
    ours = bench.workspace("defect_2/ours")
    # A cluster is in one mesh: what the stock provider linked has to go first.
    for cluster in stock_links(bench, stock):
        bench.call("a", "tcm", "UnlinkCluster", MeshId=cluster["mesh"], ClusterId=cluster["id"])
    is_unlinked(bench, stock)
    ours.apply()
    found = changes(ours.planned())
    bench.check("ours: the plan after the apply is empty", not found, found)


def stock_links(bench, workspace):
    """The clusters that are in the workspace's mesh."""
    mesh = workspace.state()["tcmesh_mesh.main"]["id"]
    linked = bench.call("a", "tcm", "DescribeMesh", MeshId=mesh)["Mesh"]["ClusterList"] or []
    return [{"mesh": mesh, "id": one["ClusterId"]} for one in linked]


def is_unlinked(bench, workspace):
    """Waits until no cluster is in the workspace's mesh."""
    deadline = time.monotonic() + 20
    while stock_links(bench, workspace) and time.monotonic() < deadline:
        time.sleep(0.1)


def mesh_deleted_outside(bench):
    """Defect 3: a mesh that somebody deleted breaks every plan"""
    for side, address in (("stock", "tencentcloud_tcm_mesh.main"), ("ours", "tcmesh_mesh.main")):
        workspace = bench.workspace(f"defect_3/{side}")
        workspace.apply()
        mesh = workspace.state()[address]["id"]
        bench.call("a", "tcm", "DeleteMesh", MeshId=mesh)
        is_gone(bench, mesh)
        result = workspace.run("plan", "-out=plan.out")
        if side == "stock":
            fails = result.code != 0 and "Code=ResourceNotFound" in result.words
            bench.check("stock: the plan fails with ResourceNotFound", fails, result.text)
        else:
            found = changes(workspace.json("plan.out")) if result.code == 0 else result.text
            bench.check("ours: the plan makes it anew", found == {address: "create"}, found)


def is_gone(bench, mesh):
    """Waits until the cloud lists the mesh no more."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if all(one["MeshId"] != mesh for one in bench.call("a", "tcm", "DescribeMeshList")["MeshList"] or []):
            return
        time.sleep(0.1)


def request_that_nobody_accepts(bench):
    """Defect 4: a request that nobody accepted is complete, and its expiry is no change"""
    addresses = {"stock": "tencentcloud_ccn_attachment_v2.member", "ours": "tcmesh_ccn_attachment.member"}
    for side, address in addresses.items():
        workspace = bench.workspace(f"defect_4/{side}")
        applied = workspace.apply()
        said = "has to accept the request" in applied.words
        pending = workspace.state()[address].get("state")
        bench.advance("200h")
        found = changes(workspace.planned())
        if side == "stock":
            bench.check("stock: the creation is complete, and nobody is told that somebody has to accept",
                        "Creation complete" in applied.words and " accept " not in applied.words, applied.text)
            bench.check("stock: in the state it is PENDING, and when it has EXPIRED the plan changes nothing",
                        (pending, found) == ("PENDING", {}), (pending, found))
        else:
            bench.check("ours: the apply warns who has to accept", said, applied.text)
            bench.check("ours: when it has expired the plan asks again", found == {address: "update"}, found)
        workspace.destroy()


def route_ids_of_others(bench):
    """Defect 5: an attachment shows the routes of all others as its own"""
    for side in ("stock", "ours"):
        workspace = bench.workspace(f"defect_5/{side}", attached=ONE)
        workspace.apply()
        bench.set(workspace, attached=BOTH)
        workspace.apply()
        plan = workspace.planned("-refresh-only")
        if side == "stock":
            found = drift(plan, "route_ids")
            first = 'tencentcloud_ccn_attachment_v2.attached["cluster1"]'
            bench.check("stock: with the second attachment the first one's `route_ids` change", first in found, found)
        else:
            found = drift_of_all(plan)
            bench.check("ours: a refresh finds nothing new", not found, found)
        workspace.destroy()


def accepter_that_only_writes(bench):
    """Defect 7: the accepter sees no detachment, and its destroy leaves the network joined"""
    stock = "tencentcloud_ccn_instances_accept_attach.member"
    found, left = detached_and_destroyed(bench, "stock", stock)
    bench.check("stock: after a detachment by the other side the plan is empty", found == {}, found)
    bench.check("stock: the destroy succeeds and the network stays ACTIVE", left == {"ACTIVE"}, left)
    member(bench, "a", "DetachCcnInstances")
    states(bench, set())
    ours = "tcmesh_ccn_attachment_accepter.member"
    found, left = detached_and_destroyed(bench, "ours", ours)
    bench.check("ours: after a detachment by the other side the plan shows it", set(found) == {ours}, found)
    bench.check("ours: the destroy detaches the network", left == set(), left)


def detached_and_destroyed(bench, side, address):
    """What a plan shows after account B has detached its network, and what is joined after a destroy."""
    bench.ccn = bench.call("a", "vpc", "CreateCcn", CcnName=side)["Ccn"]["CcnId"]
    member(bench, "b", "AttachCcnInstances", CcnUin=bench.variables["ingress_account_id"])
    workspace = bench.workspace(f"defect_7/{side}", ccn_id=bench.ccn)
    workspace.apply()
    states(bench, {"ACTIVE"})
    member(bench, "b", "DetachCcnInstances")
    states(bench, set())
    found = changes(workspace.planned())
    member(bench, "b", "AttachCcnInstances", CcnUin=bench.variables["ingress_account_id"])
    workspace.succeeds("apply", "-auto-approve", *(["-replace", address] if side == "stock" else []))
    states(bench, {"ACTIVE"})
    destroyed = workspace.destroy()
    bench.check(f"{side}: the destroy succeeds", destroyed.code == 0, destroyed.text)
    return found, states(bench, set(), seconds=3)


def member(bench, account, action, **parameters):
    """Does something about account B's network in the CCN."""
    vpc = bench.variables["clusters"]["cluster3"]["vpc_id"]
    instances = [{"InstanceId": vpc, "InstanceType": "VPC", "InstanceRegion": "ap-guangzhou"}]
    bench.call(account, "vpc", action, CcnId=bench.ccn, Instances=instances, **parameters)


def states(bench, wanted, seconds=20):
    """The states of the CCN's instances, once they are what they should be or the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        listed = bench.call("a", "vpc", "DescribeCcnAttachedInstances", CcnId=bench.ccn)["InstanceSet"]
        found = {one["State"] for one in listed}
        if found == wanted or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


SCENES = {
    "defect_1": unlinks_one_of_two,
    "defect_2": links_two_in_one_object,
    "defect_3": mesh_deleted_outside,
    "defect_4": request_that_nobody_accepts,
    "defect_5": route_ids_of_others,
    "defect_7": accepter_that_only_writes,
}
