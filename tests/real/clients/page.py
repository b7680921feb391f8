"""Writes docs/simulator-fidelity.md: what of each action the simulator has, as the check found it."""

import importlib.metadata

HEAD = """# How far the simulator is the cloud

Written by `tests/real/fidelity.py --write`; the check fails where this page is not what would be written. It compares every
action that the simulator offers with the vendor's published models: tencentcloud-sdk-python {sdk} and the API
description of tccli {tccli}, which have the same members.

There are {documented} documented actions. Of their {requests[1]} request members {requests[0]} are read and {unread} are taken without effect;
of {responses[1]} response members {responses[0]} were answered, every one with a name and a type that the models have. {wrong}

- *Request*: members read / known to the model, nested ones counted. What is taken and changes nothing, and what is
  refused with `UnknownParameter`, stand under the differences.
- *Response*: members that the scenarios got an answer for / known to the model. What is left are members that may be null.
- *States*: the values of `State`, `Status` and `LinkState` that the scenarios saw.
- *Source*: the models, unless something else is said.

`tests/real/clients.py` has the vendor's Python SDK, Node SDK and tccli call the same scenarios
(`tests/real/clients/scenarios.json`).
"""

UNDOCUMENTED = """
## Without a public model

There is no SDK of TDCC, and the vendor's models of TKE do not have the others. Their names and members are assumed (see
`simulator/README.md`); the clients call them without classes, tccli cannot.

| action | parameters read | states | source |
|---|---|---|---|
"""

SOURCES = {
    "tdcc": "CAM's list of actions for the writing ones, else assumed",
    "tke:AddClusterCIDRToCcn": "CAM's list of actions; shape of the private cloud's SDK",
    "tke:DescribeExternalClusterSpec": "public until October 2024",
    "tke": "shape of the private cloud's SDK",
}


def text(seen, reasons):
    """The whole page."""
    documented = [it for it in seen if it.action["documented"]]
    parts = [head(documented, reasons)]
    for service in sorted({it.action["service"] for it in documented}):
        parts.append(table(service, [it for it in documented if it.action["service"] == service], reasons))
    rows = [undocumented(it) for it in seen if not it.action["documented"]]
    return "".join(parts) + UNDOCUMENTED + "".join(rows)


def head(documented, reasons):
    """The words before the tables."""
    def total(fields):
        return sum(len(fields(it).covered) for it in documented), sum(len(fields(it).known) for it in documented)

    version = importlib.metadata.version
    wrong = f"{len(reasons)} differences have a reason." if reasons else "None contradicts a model, and none that is never null is missing."
    return HEAD.format(sdk=version("tencentcloud-sdk-python"), tccli=version("tccli"), documented=len(documented),
                       requests=total(lambda it: it.request), responses=total(lambda it: it.response), wrong=wrong,
                       unread=sum(len(it.request.unread) for it in documented))


def table(service, actions, reasons):
    """The table of a service."""
    lines = [f"\n## {service} {actions[0].action['version']}\n",
             "| action | request | response | states | known differences |", "|---|---|---|---|---|"]
    return "\n".join(lines + [row(it, reasons) for it in actions]) + "\n"


def row(it, reasons):
    """The line of an action."""
    ratio = [f"{len(fields.covered)}/{len(fields.known)}" for fields in (it.request, it.response)]
    return f"| {it.action['action']} | {ratio[0]} | {ratio[1]} | {', '.join(sorted(it.states))} | {differences(it, reasons)} |"


def names(title, values):
    """A title with names, or nothing."""
    return [f"{title}: {', '.join(f'`{value}`' for value in sorted(values))}"] if values else []


def differences(it, reasons):
    """What is known to differ, in words."""
    optional = {name for name in it.needed if not it.required(name)}
    said = names("refused", it.request.refused) + names("without effect", it.request.unread)
    said += names("needed, which the model calls optional", optional)
    said += names("codes that no list has", it.unlisted())
    said += [f"`{place.split()[-1]}`: {reasons[f'{it.name} {place}']}" for place in it.wrong() if f"{it.name} {place}" in reasons]
    return "; ".join(said)


def undocumented(it):
    """The line of an action that has no model."""
    name = f"{it.action['service']}:{it.action['action']}"
    source = SOURCES.get(name) or SOURCES[it.action["service"]]
    return f"| {name} | {', '.join(f'`{it}`' for it in it.action['parameters'])} | {', '.join(sorted(it.states))} | {source} |\n"
