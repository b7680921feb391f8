"""Prints the figures of the fault matrix's last run, from target/reports/fault-matrix.json, as a table."""

import json
import pathlib

REPORT = pathlib.Path(__file__).parents[2] / "target/reports/fault-matrix.json"
COLUMNS = ("cases", "lost", "duplicated", "orphaned", "other")


def row(name, figures):
    print(f"{name:<34}" + "".join(f"{figures[column]:>12}" for column in COLUMNS))


def main():
    if not REPORT.exists():
        print("fault matrix: it has not run")
        return
    report = json.loads(REPORT.read_text())
    row("== fault matrix", {column: column for column in COLUMNS})
    for name, figures in report["by_resource"].items():
        row(name, figures)
    row(f"all, in {report['wall_s']:.1f} s", report)


if __name__ == "__main__":
    main()
