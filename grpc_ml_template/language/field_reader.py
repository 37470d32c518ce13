"""Reads one field: its type, and what else is known of it."""

from dataclasses import dataclass, replace

from . import rules, values
from .declared import DeclaredField
from .errors import quoted
from .fields import ENUM, IMAGE, SCALARS, Field
from .labels import read_labels
from .numbers import FIELD, read_number
from .scanner import RANGE, REST, SEPARATORS, SINGLE_QUOTES, TYPE, Scanner, SchemaError, Word
from .vectors import vector


@dataclass
class _Modifiers:
    end: int
    range: tuple[str, str] | None = None
    default: Word | None = None
    description: str | None = None
    number: int = 0


def read_field(scanner: Scanner, declared: DeclaredField, outputs: bool) -> None:
    """Read what follows the name of a field: its type, and what else is known of it."""
    scanner.skip()
    declared.type_start = scanner.at
    field = _type(scanner, declared)
    declared.type_end = scanner.end
    modifiers = _modifiers(scanner, field)
    if outputs:
        _check_output(field, modifiers)
    if modifiers.description:
        field = replace(field, description=modifiers.description)
    if modifiers.range is not None:
        low, high = values.read_range(field, *modifiers.range)
        field = replace(field, low=low, high=high)
    if modifiers.default is not None:
        field = replace(field, default=values.read_default(field, modifiers.default))
    declared.field = replace(field, alias=declared.alias)
    declared.number_at = modifiers.end
    declared.number, declared.has_number = modifiers.number, modifiers.number > 0


def _check_output(field: Field, modifiers: _Modifiers) -> None:
    for what, found in (("range", modifiers.range), ("default", modifiers.default)):
        if found is not None:
            raise SchemaError(
                f"outputs take no {what}",
                f"leave it out, like {_example(field)}; if this is a line of a longer paste, "
                'put the schema into a file and answer "@FILE"',
            )


def _type(scanner: Scanner, declared: DeclaredField) -> Field:
    """A field with its type and nothing else yet."""
    name = declared.name
    word = scanner.run(TYPE)
    scanner.skip()
    if not word:
        raise SchemaError("the type is missing", f'write one after the colon, like "{name}: float"')
    if word == "enum":
        declared.labels = read_labels(scanner, name)
        labels = tuple(label.name for label in declared.labels.living)
        return Field(name, "enum", ENUM, labels=labels)
    if word == "image":
        return _image(scanner, name)
    if word not in SCALARS:
        raise rules.unknown_type(name, word)
    held = scanner.brackets()
    if held is None:
        return Field(name, "scalar", SCALARS[word])
    if rules.FIELD_NAME.fullmatch(held.strip()):
        return vector(name, SCALARS[word], held.strip())
    return Field(name, "tensor", SCALARS[word], rules.read_dims(held, f"{name}: {word}[3]"))


def _image(scanner: Scanner, name: str) -> Field:
    held = scanner.brackets()
    if held is None:
        return Field(name, "image", IMAGE, (None, None, 3))
    example = f"{name}: image[224,224,3]"
    dims = rules.read_dims(held, example)
    if len(dims) != 3 or None in dims or dims[2] not in (1, 3, 4):
        raise SchemaError(
            f"{quoted('image[' + held + ']')} is not a height, a width and 1, 3 or 4 channels",
            f'write three numbers, like "{example}", or "image" alone for any size',
        )
    return Field(name, "image", IMAGE, dims)


def _modifiers(scanner: Scanner, field: Field) -> _Modifiers:
    found = _Modifiers(scanner.end)
    while True:
        scanner.skip()
        char = scanner.peek()
        if not char or char in SEPARATORS:
            return found
        if char == '"':
            _check_first(found.description, "description", f"'{field.name}: float \"in cm\"'")
            found.description = scanner.quoted()
        elif scanner.take("="):
            _check_first(found.default, "default", f'"{field.name}: float = 0.5"')
            scanner.skip()
            found.default = scanner.word()
            found.end = scanner.end
        elif ends := scanner.match(RANGE):
            _check_first(found.range, "range", f'"{field.name}: float 0..100"')
            found.range = (ends[1] or "", ends[2] or "")
            found.end = scanner.end
        elif char == "@":
            _check_first(found.number or None, "number", f'"{field.name}: float @3"')
            found.number = read_number(scanner, FIELD)
        else:
            raise _unknown_modifier(scanner, field)


def _check_first(earlier: object, what: str, example: str) -> None:
    if earlier is not None:
        raise SchemaError(f"a second {what}", f"write only one, like {example}")


def _unknown_modifier(scanner: Scanner, field: Field) -> SchemaError:
    name, char, word = field.name, scanner.peek(), scanner.run(REST)
    if char in ")]":
        return SchemaError(f'"{char}" closes nothing', f"leave it out, like {_example(field)}")
    if char == "[" and field.kind == "tensor":
        return SchemaError(
            "a second pair of brackets", f'write all sizes in one, like "{name}: float[2,3]"'
        )
    if char == "[":
        return SchemaError(
            f"{field.element.name} takes no sizes here", f"leave them out, like {_example(field)}"
        )
    if char == "'":
        return SchemaError(SINGLE_QUOTES, f"write it like '{name}: float \"in cm\"'")
    if ".." in word:
        return SchemaError(
            f"{quoted(word)} is not a range", f'write two numbers, like "{name}: float -1.5..1e3"'
        )
    return SchemaError(
        f"{quoted(word)} is not a range, a default or a quoted text",
        f"write them like '{name}: float 0..100 = 50 \"in cm\"'",
    )


def _example(field: Field) -> str:
    type_name = field.element.name
    return f'"{field.name}: {rules.EXAMPLES.get(type_name, type_name)}"'
