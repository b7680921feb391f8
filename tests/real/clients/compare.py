"""Compares what the simulator reads and answers with the vendor's models."""

import dataclasses

import models

PYTHON = {"text": str, "integer": int, "float": (int, float), "boolean": bool}


@dataclasses.dataclass
class Fields:
    """Members by their paths, such as `Instances.InstanceId`: all that the model has, and what was found of them."""

    known: set = dataclasses.field(default_factory=set)
    covered: set = dataclasses.field(default_factory=set)
    unread: set = dataclasses.field(default_factory=set)
    refused: set = dataclasses.field(default_factory=set)
    wrong: dict = dataclasses.field(default_factory=dict)


def dotted(path, name):
    """The path of a member of what is at a path."""
    return f"{path}.{name}" if path else name


def request(action):
    """What the simulator reads of a request, beside the model of the request."""
    fields = Fields()
    read_object(fields, action, action["action"] + "Request", action["parameters"], "")
    return fields


def read_object(fields, action, name, shape, path):
    """Compares an object of a request with the shape that is read of it."""
    known = models.members(action["service"], action["version"], name)
    ignored = action["ignored"] if not path else []
    for member in known.values():
        read_member(fields, action, member, "unread" if member.name in ignored else shape.get(member.name), dotted(path, member.name))
    for name in (set(shape) | set(ignored)) - known.keys():
        fields.wrong[dotted(path, name)] = "the model has no such parameter"


def read_member(fields, action, member, shape, path):
    """Compares one member of a request."""
    fields.known.add(path)
    if shape is None:
        fields.refused.add(path)
        return
    (fields.unread if shape == "unread" else fields.covered).add(path)
    if shape in ("unread", "anything"):
        return
    if isinstance(shape, list) != member.is_list:
        fields.wrong[path] = f"the model has {'a list' if member.is_list else 'no list'}"
        return
    of = shape[0] if member.is_list else shape
    if member.is_object and isinstance(of, dict):
        read_object(fields, action, member.kind, of, path)
    elif of != "anything" and of != member.kind and not spelled(member.kind, of):
        fields.wrong[path] = f"the model has {member.kind}, read is {of}"


def spelled(kind, read):
    """Whether what the model has as text is read as a number or boolean: both spellings of it are taken."""
    return (kind, read) in (("text", "integer"), ("text", "boolean"), ("float", "integer"))


def answer(fields, action, answered):
    """Compares an answer with the model of the response, and adds what it found."""
    answered_object(fields, action, action["action"] + "Response", answered, "")


def answered_object(fields, action, name, value, path):
    """Compares an object of an answer."""
    known = models.members(action["service"], action["version"], name)
    for member in known.values():
        answered_member(fields, action, member, value.get(member.name), dotted(path, member.name))
    for name in value.keys() - known.keys():
        fields.wrong[dotted(path, name)] = "the model has no such member"


def answered_member(fields, action, member, value, path):
    """Compares one member of an answer; null and absent are one."""
    fields.known.add(path)
    if value is None:
        if not member.nullable:
            fields.wrong[path] = "it is missing, and the model says that it is never null"
        return
    fields.covered.add(path)
    if isinstance(value, list) != member.is_list:
        fields.wrong[path] = f"the model has {'a list' if member.is_list else 'no list'}"
        return
    for item in value if member.is_list else [value]:
        answered_item(fields, action, member, item, path)


def answered_item(fields, action, member, item, path):
    """Compares a value of an answer, or one of a list."""
    if member.is_object and isinstance(item, dict):
        answered_object(fields, action, member.kind, item, path)
    elif member.is_object or not isinstance(item, PYTHON[member.kind]) or (isinstance(item, bool) != (member.kind == "boolean")):
        fields.wrong[path] = f"the model has {member.kind}, answered is {type(item).__name__}"
