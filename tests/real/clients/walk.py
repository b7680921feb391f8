"""Walks the steps of a plan with one client: fills in what earlier answers held, calls, keeps, and tells how each went."""

import json
import re
import sys
import urllib.request

REFERENCE = re.compile(r"\{(\w+)\}")


class Refused(Exception):
    """The error code with which a call was refused, by the cloud or by the client itself."""

    def __init__(self, code, message=""):
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


def filled(value, known):
    """A value with `{name}` replaced by what is known under that name; one that is nothing else keeps its type."""
    if isinstance(value, dict):
        return {name: filled(member, known) for name, member in value.items()}
    if isinstance(value, list):
        return [filled(item, known) for item in value]
    if not isinstance(value, str):
        return value
    whole = REFERENCE.fullmatch(value)
    return known[whole[1]] if whole else REFERENCE.sub(lambda found: str(known[found[1]]), value)


def at(value, path):
    """The value at a path such as `Clusters.0.Name`, or None."""
    for part in path.split("."):
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def control(endpoint, step):
    """Asks a control endpoint of the simulator."""
    url, body = f"{endpoint}/_sim/{step['control']}", json.dumps(step["body"]).encode()
    urllib.request.urlopen(urllib.request.Request(url, data=body, method="POST")).close()


def key_of(plan, who, known):
    """The key that signs a step: secret id, secret key and token; None for nobody."""
    if who is None:
        return None
    id_, key, token = filled(who, known) if isinstance(who, list) else (*plan["keys"][who], None)
    return id_, key, token


def take(plan, step, known, call):
    """Takes one step, and tells how it went."""
    if "control" in step:
        return control(plan["endpoint"], step) or {}
    try:
        answer = call(key_of(plan, step["as"], known), step, filled(step["with"], known))
    except Refused as refusal:
        return {"code": refusal.code, "message": refusal.message}
    except KeyError as missing:
        return {"code": "client", "message": f"nothing is known as {missing}"}
    known.update({name: at(answer, path) for name, path in step.get("keep", {}).items()})
    return {"answer": answer, "expected": filled(step.get("expect", {}), known)}


def walk(plan, call):
    """Yields the outcome of every step; `call(key, step, parameters)` gives an answer or raises `Refused`. What answers
    held is added to what the plan knows."""
    known = plan["known"]
    for step in plan["steps"]:
        yield take(plan, step, known, call)


def main(client):
    """A driver: reads the plan from the file named on the command line, and prints each outcome as a line of JSON."""
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    for outcome in walk(plan, client(plan)):
        print(json.dumps(outcome, ensure_ascii=False), flush=True)
