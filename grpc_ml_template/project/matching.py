"""Whether what is typed for a field can be what the model has there."""

from collections.abc import Collection, Mapping, Sequence

from ..language.declared import DeclaredField
from ..language.errors import AnswerError, quoted
from ..language.fields import SCALARS, Field
from ..language.parser import Entry
from ..printing.words import type_words
from ..sources.common.signature import Part

# What the elements of a field may be for what a model has, in inputs and in outputs.
NUMBERS = {"float", "integer", "bool"}
INPUTS = {
    "float": NUMBERS,
    "integer": {"integer", "bool", "enum"},
    "bool": {"bool"},
    "string": {"string", "enum"},
    "bytes": {"bytes"},
    "enum": {"enum", "string"},
}
OUTPUTS = {
    "float": {"float"},
    "integer": {"integer", "float", "enum"},
    "bool": {"bool"},
    "string": {"string", "enum"},
    "bytes": {"bytes"},
    "enum": {"enum", "string"},
}


def refuse_untold(
    name: str, parts: Sequence[Part], names: Mapping[str, str], own: Mapping[str, Entry]
) -> None:
    """Refuse a field whose type and shape neither the source tells nor the answer."""
    untold = [names[part.name] for part in parts if not part.type and names[part.name] not in own]
    if untold:
        raise AnswerError(
            "source",
            f"the file tells no type and shape of {quoted(untold[0])}",
            f"save the model in a format that does, or answer {name}, like "
            f'{name}="{untold[0]}: float[3]"',
        )


def refuse_unlike(
    name: str, parts: Sequence[Part], names: Mapping[str, str], own: Mapping[str, Entry]
) -> None:
    """Refuse a typed field that the model does not have, or has as something else.

    Args:
        name: Which schema: inputs or outputs.
        parts: What the model has.
        names: What these are called, by their names in the source.
        own: What is typed.

    Raises:
        AnswerError: If there is one.
    """
    fields = {names[part.name]: part for part in parts}
    unknown = [field for field in own if field not in fields]
    if unknown:
        raise AnswerError(
            name,
            f"the model has no {name.removesuffix('s')} {quoted(unknown[0])}",
            f"it has {_few(fields)}; leave out what is right there",
        )
    for field, part in fields.items():
        if field in own:
            _refuse_other(name, part, own[field].declared)
            _refuse_more_labels(name, part, parts, names, own)
    _refuse_alias(name, parts, names, own)


def _refuse_other(name: str, part: Part, declared: DeclaredField) -> None:
    """Refuse a type that the model does not have, or labels that leave out one of its own.

    Args:
        name: Which schema: inputs or outputs.
        part: What the model has.
        declared: What is typed.

    Raises:
        AnswerError: If it cannot be.
    """
    field = declared.field
    assert field
    if not part.type:
        return
    allowed = (INPUTS if name == "inputs" else OUTPUTS)[_kind(part)]
    # The shapes of outputs are at times others than a file says, and a probe tells of these.
    has_shape = name == "outputs" or _has_shape(part, field)
    if field.element.kind not in allowed or not has_shape:
        raise AnswerError(
            name,
            f"{type_words(field)} is not what the model has there, {_words(part)}",
            "write that, or leave the field out",
            field.name,
        )
    lost = [label for label in part.labels if label not in field.labels]
    if name == "outputs" and field.kind == "enum" and part.type == "enum" and lost:
        raise AnswerError(
            name,
            f"the model predicts {quoted(lost[0])} too",
            "add the label, or leave the field out",
            field.name,
        )


def _refuse_more_labels(
    name: str,
    part: Part,
    parts: Sequence[Part],
    names: Mapping[str, str],
    own: Mapping[str, Entry],
) -> None:
    """Refuse a label that the model has no number for, where an output has one for each."""
    field = names[part.name]
    declared = own[field].declared.field
    assert declared
    more = [label for label in declared.labels if label not in part.labels]
    for other in parts:
        if more and other.labels_of == part.name and names[other.name] not in own:
            raise AnswerError(
                name,
                f"{names[other.name]} has no number for {quoted(more[0])}",
                "leave the label out",
                field,
            )


def _refuse_alias(
    name: str, parts: Sequence[Part], names: Mapping[str, str], own: Mapping[str, Entry]
) -> None:
    """Refuse a typed alias that is not what the model calls the field, which it is asked by."""
    for part in parts:
        field = names[part.name]
        alias = own[field].declared.alias if field in own else ""
        if alias and alias != part.name:
            raise AnswerError(
                name,
                f"the model calls it {quoted(part.name)}, not {quoted(alias)}",
                "leave the alias out",
                field,
            )


def _kind(part: Part) -> str:
    return "enum" if part.type == "enum" else SCALARS[part.type].kind


def _has_shape(part: Part, field: Field) -> bool:
    """Whether a field may have the dims of the model's."""
    dims, wanted = field.dims, part.dims or ()
    if field.kind == "vector":  # Its labels are not known yet.
        return len(wanted) == 1
    return len(dims) == len(wanted) and all(
        one is None or other is None or one == other
        for one, other in zip(dims, wanted, strict=True)
    )


def _words(part: Part) -> str:
    if part.dims is None:
        return part.type
    return f"{part.type}[{','.join('?' if dim is None else str(dim) for dim in part.dims)}]"


def _few(names: Collection[str]) -> str:
    shown = ", ".join([*names][:10])
    return shown if len(names) <= 10 else f"{shown} and {len(names) - 10} more"
