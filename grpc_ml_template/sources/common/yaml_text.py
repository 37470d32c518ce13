"""Reads YAML as OpenAPI documents use it: no aliases, no tags, and types as in JSON."""

import re
from typing import Any

import yaml

from .opening import SourceError

MOST_BYTES = 4 << 20
MOST_EVENTS = 1_000_000
WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
LONGEST_NUMBER = 400
# Ten times faster where PyYAML has its part in C, as its wheels do.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(view: memoryview) -> Any:
    """The value of a document.

    Raises:
        SourceError: If it is too large, no YAML, or uses more of YAML than OpenAPI needs.
    """
    if len(view) > MOST_BYTES:
        raise SourceError(f"it is larger than {MOST_BYTES >> 20} MiB", "save it as JSON")
    try:
        return _value(yaml.parse(bytes(view).decode("utf-8-sig"), Loader=Loader))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise SourceError(f"it is no YAML{where}", "save it again, or as JSON") from None


def _value(events: Any) -> Any:
    """The value that events make, built without recursion."""
    document: list[Any] = []
    # What is open, each with the keys that wait for their values.
    holders: list[Any] = [document]
    keys: list[list[Any]] = [[]]
    for count, event in enumerate(events):
        if count > MOST_EVENTS:
            raise SourceError("it has too many parts", "keep the part with the schema only")
        if isinstance(event, yaml.AliasEvent):
            raise SourceError(
                "it has an alias (*name)", "write out what it stands for, or use $ref"
            )
        if isinstance(event, yaml.CollectionEndEvent):
            holders.pop()
            keys.pop()
        elif isinstance(holders[-1], dict) and not keys[-1]:
            if not isinstance(event, yaml.ScalarEvent):
                raise SourceError("a key in it is no text", "write keys as plain words")
            keys[-1].append(event.value)
        elif isinstance(event, yaml.NodeEvent):
            value = _made(event)
            if isinstance(holders[-1], dict):
                holders[-1][keys[-1].pop()] = value
            else:
                holders[-1].append(value)
            if not isinstance(event, yaml.ScalarEvent):
                holders.append(value)
                keys.append([])
    if len(document) != 1:
        raise SourceError("it is not one document", "keep the document with the schema only")
    return document[0]


def _made(event: Any) -> Any:
    if isinstance(event, yaml.MappingStartEvent):
        return {}
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    return _scalar(event.value) if event.implicit[0] else event.value


def _scalar(text: str) -> Any:
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if INTEGER.fullmatch(text):
        return int(text)
    if len(text) <= LONGEST_NUMBER and NUMBER.fullmatch(text):
        return float(text)
    return text
