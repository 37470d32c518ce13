"""Whether what is typed for a field can be what the model has there."""

from ..language.declared import DeclaredField
from ..language.errors import AnswerError, quoted
from ..language.fields import SCALARS, Field
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


def refuse_other(name: str, part: Part, declared: DeclaredField) -> None:
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
