"""Writes down in docs/kubernetes-fidelity.md in what the simulator's Kubernetes API is known to differ from a real one."""

import collections
import pathlib

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/kubernetes-fidelity.md"
HEAD = """# The simulator's Kubernetes API beside a real one

`python3 tests/real/differential.py --write` wrote this page: it asks a real kube-apiserver and the simulator the same
questions and compares status, body, managed fields, and what kubectl prints. {cases} cases with {steps} steps are asked;
{same} cases are the same in every step. What is known to differ, and why that does no harm:

| case | step | why it cannot matter |
|---|---|---|
"""


def write(cases):
    """Writes the page from the reasons that stand with the steps."""
    known = [(case, step) for case in cases for step in case.steps if step.differs]
    different = {case.title for case, _ in known}
    steps = sum(len(case.steps) for case in cases)
    page = HEAD.format(cases=len(cases), steps=steps, same=len(cases) - len(different))
    page += "".join(f"| {case.title} | `{shown(step.line)}` | {step.differs} |\n" for case, step in known)
    page += "\n## What is asked\n"
    by_file = collections.defaultdict(list)
    for case in cases:
        by_file[case.file.removesuffix(".http")].append(case.title)
    page += "".join(f"\n**{name}**: {'; '.join(titles)}.\n" for name, titles in by_file.items())
    DOCUMENT.write_text(page)


def shown(line):
    """A step's line as a cell of a table."""
    return line.replace("|", "\\|")
