"""Measures speed and size, prints a table, and writes target/bench/report.json: a list of {name, value, unit, target, met}.

What misses its target is reported as it is; the exit code is not a verdict.
"""

import json
import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

import simulation
import terraform

REPORT = simulation.ROOT / "target/bench/report.json"
PROVIDER = simulation.BIN / "terraform-provider-tcmesh"
SIMULATOR = simulation.BIN / "tcmesh-simulator"
MEGABYTE = 1_000_000
STEP = 2.0
RUNS = 5

# How many asynchronous steps of the world a resource waits for, one after the other (simulator/worlds/fixed-waits.yaml).
STEPS = {
    "tcmesh_ccn_attachment.ingress": 1,
    "tcmesh_ccn_attachment_accepter": 1,
    "tcmesh_tdcc_hub": 1,
    "tcmesh_mesh": 1,
    "tcmesh_mesh_cluster": 1,
    "tcmesh_ingress_gateway": 1,
    "tcmesh_dns_record": 1,
}


def figures_of_the_provider():
    """Start, schema and memory, measured by the harness of the protocol tests."""
    print("== building the measuring program", flush=True)
    command = ["cargo", "bench", "--locked", "--bench", "speed"]
    env = dict(os.environ, TCMESH_PROVIDER=str(PROVIDER))
    out = subprocess.run(command, cwd=simulation.ROOT, env=env, check=True, capture_output=True, text=True).stdout
    return json.loads(out.strip().splitlines()[-1])


def runs_in_an_empty_tree(program):
    """Whether a binary runs where there is nothing else: no libraries, no /dev, no /etc."""
    with tempfile.TemporaryDirectory() as root:
        copy = pathlib.Path(root) / "program"
        copy.write_bytes(program.read_bytes())
        copy.chmod(0o755)
        inside = ["chroot", root, "/program", "--version"]
        command = inside if os.geteuid() == 0 else ["unshare", "-r", *inside]
        return subprocess.run(command, capture_output=True).returncode == 0


def simulator_start():
    """Milliseconds from start to ready, and the peak of memory in MiB."""
    with tempfile.TemporaryDirectory() as home:
        ready = pathlib.Path(home) / "ready.json"
        command = [SIMULATOR, "serve", "--world", "cross-account", "--listen", "127.0.0.1:0", "--ready-file", ready]
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not ready.exists():
            time.sleep(0.0005)
        took = 1000 * (time.perf_counter() - begun)
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        process.terminate()
        process.wait()
    return took, int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


def story(program):
    """Seconds of one apply of the story on a world whose waits are two seconds, and the graph as edges."""
    with simulation.temporary_home() as home:
        simulator = simulation.Simulator("fixed-waits", home)
        try:
            variables = simulation.story_variables(simulator.ready)
            workspace = simulation.Workspace(program, simulation.STORY, home, simulator, variables)
            workspace.run("plan", "-out=story.plan")
            graph = workspace.output("graph", "-type=plan", "-plan=story.plan")
            begun = time.perf_counter()
            workspace.run("apply", "-auto-approve", "story.plan")
            return time.perf_counter() - begun, edges(graph)
        finally:
            simulator.stop()


def edges(graph):
    """Which resource of the story waits for which, through everything in between."""
    name = lambda text: re.sub(r"^\[root\] | \(expand\)$", "", text)
    direct = {}
    for source, target in re.findall(r'"([^"]+)" -> "([^"]+)"', graph):
        direct.setdefault(name(source), set()).add(name(target))
    resources = {node for node in direct if node.startswith("tcmesh_")}

    def reached(node, seen):
        for target in direct.get(node, ()):
            if target not in seen:
                seen.add(target)
                if target in resources:
                    yield target
                else:
                    yield from reached(target, seen)

    return {node: set(reached(node, set())) - {node} for node in resources}


def steps(node):
    return next((count for prefix, count in STEPS.items() if node.startswith(prefix)), 0)


def critical_path(graph):
    """Seconds that the longest chain of the world's waits takes."""
    known = {}

    def until(node):
        if node not in known:
            known[node] = STEP * steps(node) + max((until(other) for other in graph[node]), default=0)
        return known[node]

    return max(until(node) for node in graph)


def graph_alone(program, graph):
    """Seconds of an apply of the same graph built of terraform_data, which does nothing."""
    label = {node: re.sub(r"\W+", "_", node) for node in graph}
    blocks = [
        f'resource "terraform_data" "{label[node]}" {{\n  depends_on = [{", ".join(f"terraform_data.{label[n]}" for n in needed)}]\n}}\n'
        for node, needed in graph.items()
    ]
    with tempfile.TemporaryDirectory() as home:
        pathlib.Path(home, "main.tf").write_text("".join(blocks))
        run = lambda *arguments: subprocess.run([program, *arguments], cwd=home, check=True, capture_output=True)
        run("init")
        run("plan", "-out=graph.plan")
        begun = time.perf_counter()
        run("apply", "graph.plan")
        return time.perf_counter() - begun


def story_ratio(program):
    ratios = []
    for number in range(RUNS):
        took, graph = story(program)
        floor = critical_path(graph) + graph_alone(program, graph)
        ratios.append(took / floor)
        print(f"   run {number + 1}: apply {took:.1f} s, floor {floor:.1f} s, ratio {ratios[-1]:.2f}", flush=True)
    return statistics.median(ratios)


def row(name, value, unit, target):
    met = value <= target if not isinstance(target, bool) else value == target
    return {"name": name, "value": round(value, 2) if isinstance(value, float) else value, "unit": unit, "target": target, "met": met}


def main():
    provider = figures_of_the_provider()
    print("== starting the simulator ten times", flush=True)
    starts = [simulator_start() for _ in range(10)]
    program = terraform.find()
    print(f"== the story, {RUNS} times, every wait two seconds", flush=True)
    ratio = story_ratio(program)
    report = [
        row("provider: start to handshake", provider["handshake_ms"], "ms", 5),
        row("provider: GetProviderSchema", provider["schema_ms"], "ms", 5),
        row("provider: peak memory after the schema", provider["schema_peak_mib"], "MiB", 12),
        row("provider: size", PROVIDER.stat().st_size / MEGABYTE, "MB", 15),
        row("provider: runs in an empty directory tree", runs_in_an_empty_tree(PROVIDER), "", True),
        row("simulator: start to ready", statistics.median(took for took, _ in starts), "ms", 50),
        row("simulator: peak memory when ready", statistics.median(peak for _, peak in starts), "MiB", 30),
        row("simulator: size", SIMULATOR.stat().st_size / MEGABYTE, "MB", 15),
        row("story: apply against its floor", ratio, "", 1.25),
    ]
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=2) + "\n")
    for line in report:
        verdict = "met" if line["met"] else "MISSED"
        print(f"{line['name']:<44} {line['value']!s:>8} {line['unit']:<4} target {line['target']!s:>6}  {verdict}")
    print(f"written to {REPORT.relative_to(simulation.ROOT)}")


if __name__ == "__main__":
    main()
