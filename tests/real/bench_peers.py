"""Measures this provider and its peers in one run: size, start, memory, plans, refreshes, and how refreshes grow.

    TCMESH_STOCK_PROVIDER=... TCMESH_KUBERNETES_PROVIDER=... TCMESH_KUBECTL_PROVIDER=... \\
        python3 tests/real/bench_peers.py [--runs 3] [--patience 600] [--only cloud|kubernetes] [--write]

The peers' binaries are named by their paths; rows whose binary is missing are named. Figures go to
target/bench/peers.json; `--write` puts them into docs/performance.md and docs/peers-growth.svg. Runs of the providers take
turns, and what is shown are medians. On a shared machine the ratios count, not the seconds.
"""

import argparse
import json
import sys
import time

import measure
import peers_cloud
import peers_kubernetes
import plot
from two_providers import simulation, stock_provider
import terraform

REPORT = simulation.ROOT / "target/bench/peers.json"
PAGE = simulation.ROOT / "docs/performance.md"
PLOT = simulation.ROOT / "docs/peers-growth.svg"
BEGIN, END = "<!-- peers: written by `make bench-peers` -->", "<!-- end of peers -->"
SIZES = {"cloud": [10, 30, 100, 300, 1000], "kubernetes": [10, 100, 500, 1000]}
NAMES = {"ours": "tcmesh", "stock": "tencentcloud", "kubernetes": "hashicorp/kubernetes", "kubectl": "alekc/kubectl"}
TITLES = {"cloud": "Refresh of attachments", "kubernetes": "Refresh of manifests"}


def cloud(program, given):
    """The part on the simulated cloud."""
    stock = stock_provider()
    if stock is None:
        peers_kubernetes.tell(["TCMESH_STOCK_PROVIDER names no binary of tencentcloudstack/tencentcloud"])
        return
    with simulation.temporary_home() as home:
        yield from peers_cloud.rows(program, stock, home, SIZES["cloud"], given.runs)


def kubernetes(program, given):
    """The part on a real API server."""
    yield from peers_kubernetes.rows(program, SIZES["kubernetes"], given.runs, given.patience)


PARTS = {"cloud": cloud, "kubernetes": kubernetes}


def ratio(row, column):
    """How many times as much a peer takes as we do."""
    return f"{row[column] / row['ours']:.1f}"


def number(value):
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def markdown(table):
    """A table with a column for each provider, and the ratio of each peer to ours."""
    columns = list(next(iter(table.values())))
    peers = [column for column in columns if column != "ours"]
    head = [" ", *(NAMES[column] for column in columns), *(f"{NAMES[peer]} / tcmesh" for peer in peers)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for what, row in table.items():
        cells = [what, *(number(row[column]) for column in columns), *(ratio(row, peer) for peer in peers)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def page(report):
    """The part of the page that holds the figures."""
    parts = []
    for part in report.values():
        runs = f"medians of {part['runs']} runs, one beyond a hundred objects" if part["runs"] > 1 else "one run"
        load = "load of the machine {:.1f} before and {:.1f} after".format(*part["load"])
        parts.append(f"{part['date']}, {runs}; {load}.\n\n{markdown(part['table'])}")
    return "\n\n".join([BEGIN, *parts, "![Seconds of a refresh against the number of objects](peers-growth.svg)", END])


def write(report):
    """Renews the page and the plot."""
    text = PAGE.read_text()
    before, after = text.index(BEGIN), text.index(END) + len(END)
    PAGE.write_text(text[:before] + page(report) + text[after:])
    PLOT.write_text(plot.svg({TITLES[name]: part["growth"] for name, part in report.items()}, NAMES))


def measure_part(name, given):
    """Measures a part; what there is after each step is written down."""
    load, shown = measure.load(), ""
    for table, growth in PARTS[name](terraform.find(), given):
        part = {"runs": given.runs, "date": time.strftime("%Y-%m-%d"), "load": [load, measure.load()], "table": table,
                "growth": growth}
        REPORT.write_text(json.dumps({**earlier(), name: part}, indent=2) + "\n")
        shown = markdown(table) if table else ""
    print(shown, flush=True)


def earlier():
    """The figures that there are."""
    return json.loads(REPORT.read_text()) if REPORT.exists() else {}


def main():
    parser = argparse.ArgumentParser(description="Measures this provider and its peers.")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--patience", type=int, default=600, help="seconds of a refresh, beyond which a peer gets no more objects")
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--write", action="store_true", help="renew docs/performance.md and its plot")
    given = parser.parse_args()
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    for name in [given.only] if given.only else PARTS:
        print(f"== {name}", flush=True)
        measure_part(name, given)
    if given.write:
        write(earlier())
    print(f"written to {REPORT.relative_to(simulation.ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
