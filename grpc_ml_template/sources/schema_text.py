"""The lines of a schema for what a source says."""

from collections.abc import Mapping, Sequence

from ..language.characters import refused_character
from ..language.names import LONGEST_ALIAS
from ..language.writing import label_text, quoted_text
from ..printing.text import one_line
from .common.opening import SourceError
from .common.signature import Part

LONGEST_ABOUT = 200


def lines(parts: Sequence[Part], names: Mapping[str, str]) -> dict[str, str]:
    """A line of a schema for each field, by its name.

    Args:
        parts: The inputs, or the outputs.
        names: Their names, by those in the source.

    Raises:
        SourceError: If something cannot be said in the schema language.
    """
    if len(names) < len(parts):
        raise SourceError("two fields have the same name", "rename one where the model is made")
    return {names[part.name]: _entry(part, names) for part in parts}


def _entry(part: Part, names: Mapping[str, str]) -> str:
    name = names[part.name]
    alias = "" if name == part.name else f" as {quoted_text(_original(part.name))}"
    default = "" if part.default is None else f" = {part.default}"
    about = one_line(part.about)[:LONGEST_ABOUT]
    words = f" {quoted_text(_checked(about, 'description'))}" if about else ""
    limits = f" {part.limits}" if part.limits else ""
    return f"{name}{alias}: {type_text(part, names)}{limits}{default}{words}"


def type_text(part: Part, names: Mapping[str, str]) -> str:
    """The type of a field; see ``lines``."""
    if part.type == "enum":
        labels = ", ".join(label_text(_checked(label, "label")) for label in part.labels)
        return f"enum({labels})"
    if part.labels_of:
        return f"{part.type}[{names[part.labels_of]}]"
    if part.dims is None:
        return part.type
    return f"{part.type}[{','.join('?' if dim is None else str(dim) for dim in part.dims)}]"


def _original(name: str) -> str:
    """A name that a field can keep beside its own."""
    if not 0 < len(name) <= LONGEST_ALIAS:
        raise SourceError(
            f"the name {name[:60]!r} has {len(name)} characters, not 1 to {LONGEST_ALIAS}",
            "rename it where the model is made",
        )
    return _checked(name, "name")


def _checked(text: str, what: str) -> str:
    """A text that the schema language can hold."""
    if odd := refused_character(text):
        raise SourceError(
            f"the {what} {text[:60]!r} has the character {odd}", "rename it where the model is made"
        )
    return text
