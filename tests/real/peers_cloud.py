"""The rows that compare this provider with the stock provider, on one simulated cloud each."""

import json
import pathlib
import statistics

import measure
from two_providers import HERE, OURS, STOCK_ADDRESS, Workspace, environment, simulation

ACCOUNTS = 5
ATTACHED = 100
RUNS = 5


def world(folder, networks):
    """The file of a world with five accounts, the first of which has so many VPCs; JSON is YAML too."""
    vpcs = [{"id": f"vpc-{number:08d}", "account": "a1", "region": "ap-guangzhou", "name": f"vpc{number}",
             "cidr": f"10.{number // 256}.{number % 256}.0/24"} for number in range(networks)]
    accounts = {f"a{number}": {"uin": f"10000000000{number}", "app_id": 1250000000 + number}
                for number in range(1, ACCOUNTS + 1)}
    file = pathlib.Path(folder, "world.yaml")
    file.write_text(json.dumps({"accounts": accounts, "vpcs": vpcs, "waits": {"default": "10ms"},
                                "quotas": {"ccn_instances": networks + 1}}))
    return str(file)


class Side:
    """One of the two providers: its binary, and its configurations."""

    def __init__(self, name, address, binary):
        self.name, self.address, self.binary = name, address, binary
        self.kind = address.rsplit("/", 1)[1]

    def attachments(self, program, simulator, keys, count):
        """A workspace with a CCN and so many attachments."""
        sources = [HERE / "bench/attachments.tf", HERE / f"bench/attachments_{self.name}.tf"]
        vpcs = [f"vpc-{number:08d}" for number in range(count)]
        return Workspace(program, {self.address: self.binary}, sources, {"keys": keys, "vpcs": vpcs}, environment(simulator))

    def accounts(self, program, simulator, keys, count):
        """A workspace with a CCN in each of so many accounts."""
        blocks = [f'variable "keys" {{\n  type = list(object({{ id = string, key = string }}))\n}}\n']
        source = self.address.split("/", 1)[1]
        blocks.append(f'terraform {{\n  required_providers {{\n    {self.kind} = {{\n      source = "{source}"\n    }}\n  }}\n}}\n')
        http = '  protocol = "HTTP"\n' if self.name == "stock" else ""
        for number in range(count):
            own = f"  secret_id = var.keys[{number}].id\n  secret_key = var.keys[{number}].key\n"
            blocks.append(f'provider "{self.kind}" {{\n  alias = "a{number}"\n  region = "ap-guangzhou"\n{http}{own}}}\n')
            blocks.append(f'resource "{self.kind}_ccn" "a{number}" {{\n  provider = {self.kind}.a{number}\n  name = "peers"\n}}\n')
        workspace = Workspace(program, {self.address: self.binary}, [], {}, environment(simulator))
        (workspace.home / "main.tf").write_text("".join(blocks))
        workspace.set({"keys": keys})
        return workspace


def sides(stock):
    """Ours, and the stock provider."""
    [(address, binary)] = OURS.items()
    return [Side("ours", address, binary), Side("stock", STOCK_ADDRESS, stock)]


def alone(both):
    """Size, start and memory after the schema."""
    client = measure.certificate()
    starts = {side.name: [] for side in both}
    for _ in range(4 * RUNS + 1):
        for side in both:
            starts[side.name].append(measure.handshake(side.binary, client))
    return {
        "size, MB": {side.name: pathlib.Path(side.binary).stat().st_size / 1e6 for side in both},
        "start to handshake, ms": {name: statistics.median(found[1:]) for name, found in starts.items()},
    }


def schema_memory(program, simulator, keys, both):
    """The most memory of the process that hands out the schema, in MiB."""
    found = {side.name: [] for side in both}
    spaces = {side.name: side.accounts(program, simulator, keys, 1) for side in both}
    for _ in range(RUNS):
        for side in both:
            with measure.Watch(side.binary) as watch:
                spaces[side.name].succeeds("providers", "schema", "-json")
            found[side.name].append(watch.largest)
    # On a busy machine a process can be gone before it is looked at.
    return {name: statistics.median(filter(None, values)) for name, values in found.items()}


def plans(program, simulator, keys, both, count):
    """A plan of one CCN in each of so many accounts: seconds, and the memory of all provider processes at once."""
    spaces = {side.name: side.accounts(program, simulator, keys, count) for side in both}
    seconds, memory = ({side.name: [] for side in both} for _ in range(2))
    for side in both:
        spaces[side.name].apply()
    for _ in range(RUNS):
        for side in both:
            with measure.Watch(side.binary) as watch:
                took, _ = measure.timed(lambda: spaces[side.name].succeeds("plan"))
            seconds[side.name].append(took)
            # A plan starts each process twice: once for its schema or validation, once for the plan.
            memory[side.name].append(sum(sorted(watch.peaks.values())[-count:]) / measure.MEBIBYTE)
    for side in both:
        spaces[side.name].destroy()
    middle = lambda found: {name: statistics.median(values) for name, values in found.items()}
    return middle(seconds), middle(memory)


def refresh(program, simulator, keys, both, count, runs):
    """A refresh of so many attachments: seconds and calls; and the seconds of the apply that made them."""
    seconds, calls, applied = ({side.name: [] for side in both} for _ in range(3))
    for side in both:
        workspace = side.attachments(program, simulator, keys, count)
        applied[side.name].append(measure.timed(workspace.apply)[0])
        for _ in range(runs):
            before = last(simulator)
            took, _ = measure.timed(lambda: workspace.succeeds("plan", "-refresh-only"))
            seconds[side.name].append(took)
            calls[side.name].append(last(simulator) - before)
        discard(workspace)
    middle = lambda found: {name: statistics.median(values) for name, values in found.items()}
    return middle(seconds), middle(calls), middle(applied)


def last(simulator):
    """The number of the journal's last request; the journal itself keeps the latest only."""
    entries = simulator.get("journal")
    return entries[-1]["number"] if entries else 0


def discard(workspace):
    """Ends the workspace; the stock provider's CCN goes only when its attachments have gone, in a second run."""
    if workspace.destroy().code != 0:
        workspace.succeeds("destroy", "-auto-approve")
    workspace.close()


def rows(program, stock, home, sizes, runs):
    """All rows, and the growth of the refresh with the number of attachments, after each step."""
    both, table, growth = sides(stock), {}, {}
    simulator = simulation.Simulator(world(home, max(sizes)), home)
    try:
        keys = [{"id": one["secret_id"], "key": one["secret_key"]} for one in simulator.ready["accounts"].values()]
        table.update(alone(both))
        table["memory after the schema, MiB"] = schema_memory(program, simulator, keys, both)
        for count in (1, ACCOUNTS):
            accounts = f"{count} account{'s' if count > 1 else ''}"
            seconds, memory = plans(program, simulator, keys, both, count)
            table[f"plan of {accounts}, s"] = seconds
            table[f"memory of the processes, plan of {accounts}, MiB"] = memory
        yield table, growth
        for count in sizes:
            seconds, calls, applied = refresh(program, simulator, keys, both, count, runs if count <= ATTACHED else 1)
            growth[count] = seconds
            print(f"   {count} attachments: {seconds} s, {calls} calls, applied in {applied} s", flush=True)
            if count == ATTACHED:
                table[f"refresh of {count} attachments, calls"] = calls
                table[f"refresh of {count} attachments, s"] = seconds
                table[f"apply of {count} attachments, s"] = applied
            yield table, growth
    finally:
        simulator.stop()
