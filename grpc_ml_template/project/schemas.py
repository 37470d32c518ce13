"""Schemas, as their answers give them: every field may be called what it is in the project."""

from collections.abc import Mapping
from functools import lru_cache

from ..language.parser import Entry, entries, parse
from ..language.schema import Schema, Taken
from .taken import INPUTS_TAKEN, OUTPUTS_TAKEN

SCHEMAS = ("inputs", "outputs")


@lru_cache(maxsize=64)
def parse_schema(text: str, answer: str, *, outputs: bool, file: str = "") -> Schema:
    """What a schema declares.

    Args:
        text: The schema.
        answer: The question it answers, for the error message.
        outputs: Whether it says what the model answers.
        file: Where the text is from, if from a file.
    """
    taken = names_taken("outputs" if outputs else "inputs")
    return parse(text, answer, outputs=outputs, taken=taken, file=file, hides_text=bool(file))


def parse_with_numbers(text: str, name: str, numbers: Taken, file: str) -> Schema:
    """What a schema declares of a contract that has had some numbers.

    Args:
        text: The schema.
        name: Which one: inputs or outputs.
        numbers: Those of the contract so far.
        file: Where the text is.
    """
    outputs = name == "outputs"
    taken = names_taken(name)
    return parse(text, name, outputs=outputs, taken=taken, file=file, numbers=numbers)


def typed_entries(text: str, name: str, file: str) -> dict[str, Entry]:
    """Each field of a schema, as it is written there, by its name.

    Args:
        text: The schema, or a part of one.
        name: Which one: inputs or outputs.
        file: Where the text is from, if from a file.
    """
    outputs = name == "outputs"
    taken = names_taken(name)
    return entries(text, name, outputs=outputs, taken=taken, file=file, hides_text=bool(file))


def names_taken(name: str) -> Mapping[str, str]:
    """The names that no input can have, or no output, and what each of them is instead."""
    return OUTPUTS_TAKEN if name == "outputs" else INPUTS_TAKEN
