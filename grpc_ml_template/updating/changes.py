"""What callers will notice of a change of the schema: what breaks them, and what does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..language.errors import quoted
from ..language.fields import Field, Number
from ..language.schema import Schema
from ..printing.words import default_words, range_words, type_words
from ..project.project import Project
from ..project.source import Source
from .contract import Contract, contract_of

Weight = Literal["impossible", "breaking", "harmless"]


@dataclass(frozen=True)
class Change:
    """One change, and what it does to callers.

    `impossible` is what no number or default can mend: clients would read one thing as another.
    """

    weight: Weight
    text: str


def compare(before: Project, after: Project) -> list[Change]:
    """All changes that callers notice, the worst first."""
    found = [*_inputs(before.input_schema, after.input_schema)]
    found += _outputs(before.output_schema, after.output_schema)
    found += _renamed_enums(before, after)
    found += _reused_numbers(contract_of(before), contract_of(after))
    weights = ("impossible", "breaking", "harmless")
    return sorted(found, key=lambda change: weights.index(change.weight))


def lacking(source: Source | None, before: Project, after: Project) -> list[Change]:
    """What the model of a project takes, and the schema has no more: no client breaks of that.

    Args:
        source: The model that the project was made for, if it was made for one.
        before, after: The project.
    """
    names = [{f.original for f in project.input_fields} for project in (before, after)]
    gone = [name for name in (source.inputs if source else ()) if name in names[0] - names[1]]
    return [
        Change("breaking", f"the model takes {name}, and fails until model.py makes one up")
        for name in gone
    ]


def _inputs(before: Schema, after: Schema) -> Iterator[Change]:
    old, new = _by_name(before), _by_name(after)
    for name in old.keys() - new.keys():
        yield Change("harmless", f"{name} is gone: what clients still send for it is ignored")
    for name, field in new.items():
        if name not in old:
            yield _new_input(field)
        elif fault := _other_type(old[name], field):
            yield fault
        else:
            yield from _changed_input(old[name], field)
    yield from _renamed(old, new)


def _by_name(schema: Schema) -> dict[str, Field]:
    return {field.name: field for field in schema.fields}


def _new_input(field: Field) -> Change:
    if not field.required:
        words = default_words(field)
        return Change("harmless", f"{field.name} is new: clients that do not send it get {words}")
    return Change(
        "breaking",
        f"{field.name} is new and required: clients that do not send it are refused; "
        f"{_with_default(field)}",
    )


def _with_default(field: Field) -> str:
    """What would keep callers that do not send a field."""
    if field.kind == "image" or field.unknown_dims:
        return "it can have no default, so serve the new model as a second service beside this one"
    return f"a default keeps them, like {quoted(f'{declaration(field)} = {_some_default(field)}')}"


def declaration(field: Field) -> str:
    """A field as the schema has it, without default and words."""
    low, high = ("" if end is None else str(end) for end in (field.low, field.high))
    limits = f" {low}..{high}" if low or high else ""
    return f"{field.name}: {type_words(field)}{limits}"


def _some_default(field: Field) -> str:
    kind = field.element.kind
    if kind == "float":
        return "nan"
    if kind == "integer":
        low, high = _range(field)
        return str(min(max(0, low), high))
    if kind == "enum":
        return field.labels[0]
    return "false" if kind == "bool" else '""'


def _other_type(old: Field, new: Field) -> Change | None:
    """What is wrong where a field is of another type than it was."""
    is_same = (old.kind, old.element.proto, old.labels_of) == (
        new.kind,
        new.element.proto,
        new.labels_of,
    )
    if is_same and (old.kind in ("image", "vector") or old.dims == new.dims):
        return None
    return Change(
        "impossible",
        f"{new.name} was {type_words(old)} and is {type_words(new)}: clients would read one as the "
        f"other; add a field beside it, like {quoted(f'{new.name}_2: {type_words(new)}')}, or serve "
        "the new model as a second service",
    )


def _changed_input(old: Field, new: Field) -> Iterator[Change]:
    name = new.name
    if old.default is not None and new.required:
        yield Change(
            "breaking",
            f"{name} has no default any more: clients that do not send it are refused; it was "
            f"{default_words(old)}",
        )
    elif repr(old.default) != repr(new.default) and not new.required and not old.required:
        words = f"{default_words(new)}, and got {default_words(old)}"
        yield Change(
            "harmless", f"{name} has another default: clients that do not send it get {words}"
        )
    if _is_narrower(old, new):
        yield Change(
            "breaking",
            f"{name} may be {_range_text(new)}, and was {_range_text(old)}: clients that send others "
            "are refused",
        )
    if old.kind == "image" and old.dims != new.dims:
        is_wider = new.dims[:2] == (None, None) and new.dims[2] == old.dims[2]
        yield Change(
            "harmless" if is_wider else "breaking",
            f"{name} is {type_words(new)}, and was {type_words(old)}"
            f"{'' if is_wider else ': clients that send pictures of before are refused'}",
        )
    yield from _changed_labels(old, new)


def _changed_labels(old: Field, new: Field) -> Iterator[Change]:
    """What becomes of the labels of an input."""
    gone = [quoted(label) for label in old.labels if label not in new.labels]
    come = [quoted(label) for label in new.labels if label not in old.labels]
    if gone and new.kind == "enum":
        yield Change(
            "breaking", f"{new.name}: {_and(gone)} is gone: clients that send it are refused"
        )
    if come and new.kind == "enum":
        yield Change("harmless", f"{new.name}: {_and(come)} is new")
    if come and new.kind == "vector" and new.required:
        yield Change(
            "breaking",
            f"{new.name} takes a value for {_and(come)} too: clients that do not send it are refused; "
            f"{_with_default(new)}",
        )


def _and(words: list[str]) -> str:
    return ", ".join(words)


def _range(field: Field) -> tuple[Number, Number]:
    """The least and the largest number that a field may hold."""
    element = field.element
    assert element.low is not None
    assert element.high is not None
    low = element.low if field.low is None else field.low
    return low, element.high if field.high is None else field.high


def _is_narrower(old: Field, new: Field) -> bool:
    if new.element.kind not in ("float", "integer"):
        return False
    (old_low, old_high), (low, high) = _range(old), _range(new)
    return low > old_low or high < old_high


def _range_text(field: Field) -> str:
    return range_words(field) or f"any {field.element.name}"


def _outputs(before: Schema, after: Schema) -> Iterator[Change]:
    old, new = _by_name(before), _by_name(after)
    for name in old.keys() - new.keys():
        yield Change(
            "breaking", f"{name} is gone: clients made before need it, and fail where it is missing"
        )
    for name, field in new.items():
        if name not in old:
            yield Change("harmless", f"{name} is new: clients made before do not show it")
        elif fault := _other_type(old[name], field):
            yield fault
        else:
            yield from _changed_output(old[name], field)
    yield from _renamed(old, new)


def _changed_output(old: Field, new: Field) -> Iterator[Change]:
    gone = [quoted(label) for label in old.labels if label not in new.labels]
    come = [quoted(label) for label in new.labels if label not in old.labels]
    if come and new.kind == "enum":
        yield Change(
            "harmless",
            f"{new.name}: {_and(come)} is new: clients made before raise an error where it is the "
            "prediction, and get all others",
        )
    if gone:
        what = "is predicted no more" if new.kind == "enum" else "is 0 for clients made before"
        yield Change("harmless", f"{new.name}: {_and(gone)} {what}")
    if old.kind == "image" and old.dims != new.dims:
        words = f"{type_words(new)}, and was {type_words(old)}"
        yield Change("harmless", f"{new.name} is {words}")


def _renamed(old: dict[str, Field], new: dict[str, Field]) -> Iterator[Change]:
    """Say so where a field may have got another name."""
    gone, come = old.keys() - new.keys(), new.keys() - old.keys()
    if len(gone) != 1 or len(come) != 1:
        return
    [before], [after] = gone, come
    if type_words(old[before]) == type_words(new[after]):
        yield Change(
            "harmless",
            f"if {after} is {before} by another name: that is a removal and an addition, since "
            "callers know it by its name",
        )


def _renamed_enums(before: Project, after: Project) -> Iterator[Change]:
    """Say so where labels have other names in JSON, since they share an enum no more, or share one."""
    for old, new in ((before.inputs, after.inputs), (before.outputs, after.outputs)):
        names = {field.name: field.enum.name for field in old if field.enum}
        for field in new:
            name = names.get(field.name)
            if name and field.enum and field.enum.name != name:
                yield Change(
                    "breaking",
                    f"{field.name} has its labels in the enum {field.enum.name}, and had them in "
                    f"{name}: clients that send or read JSON know other names; inputs and outputs of "
                    "one name share an enum as long as they have the same labels",
                )


def _reused_numbers(before: Contract, after: Contract) -> Iterator[Change]:
    """Say so where the proto would have a number for something else than it had.

    Enums are called after their fields, so that a new field may come by the enum of one that went.
    """
    for place in before.keys() & after.keys():
        was = {number: name for name, (_, number) in before[place].fields.items()}
        for name, (_, number) in after[place].fields.items():
            if was.get(number, name) != name:
                yield Change(
                    "impossible",
                    f"number {number} of {place} was {was[number]} and would be {name}: clients would "
                    "read one as the other; call the field that is new otherwise",
                )
