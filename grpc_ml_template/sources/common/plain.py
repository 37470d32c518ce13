"""Checks what a parser of JSON, UBJSON or YAML gave; ValueError says that it is something else."""

import re
from typing import Any

DIGITS = re.compile(r"[0-9]{1,12}")


def mapping(value: Any) -> dict[str, Any]:
    """The value, if it is a mapping from texts."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError("not a mapping")
    return value


def listed(value: Any) -> list[Any]:
    """The value, if it is a list."""
    if not isinstance(value, list):
        raise ValueError("not a list")
    return value


def text(value: Any) -> str:
    """The value, if it is a text that can be written as UTF-8."""
    if not isinstance(value, str):
        raise ValueError("not a text")
    value.encode()
    return value


def texts(value: Any) -> list[str]:
    """The value, if it is a list of texts."""
    return [text(each) for each in listed(value)]


def wholes(value: Any) -> list[int]:
    """The value, if it is a list of whole numbers."""
    if not all(type(each) is int for each in listed(value)):
        raise ValueError("not a list of whole numbers")
    return list(value)


def count(value: Any) -> int:
    """The value of a text of digits."""
    if not DIGITS.fullmatch(text(value)):
        raise ValueError("not a count")
    return int(value)
