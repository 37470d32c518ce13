"""Schemas, as their answers give them: every field may be called what it is in the project."""

from functools import lru_cache

from ..language.fields import Field
from ..language.parser import parse
from .taken import INPUTS_TAKEN, OUTPUTS_TAKEN


@lru_cache(maxsize=64)
def parse_schema(text: str, answer: str, *, outputs: bool, file: str = "") -> tuple[Field, ...]:
    """The fields of a schema.

    Args:
        text: The schema.
        answer: The question it answers, for the error message.
        outputs: Whether it says what the model answers.
        file: Where the text is from, if from a file.
    """
    taken = OUTPUTS_TAKEN if outputs else INPUTS_TAKEN
    return parse(text, answer, outputs=outputs, taken=taken, file=file)
