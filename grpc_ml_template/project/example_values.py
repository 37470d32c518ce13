"""Values that a field may hold, for examples."""

from collections.abc import Iterator, Sequence

from ..language.fields import Field, Number

Value = int | float | bool | str
# Real values of well-known fields: a setosa and a versicolor.
KNOWN = {
    "sepal_length": (5.1, 7.0),
    "sepal_width": (3.5, 3.2),
    "petal_length": (1.4, 4.7),
    "petal_width": (0.2, 1.4),
}


def two_values(field: Field, known: Sequence[Value]) -> tuple[Value, Value]:
    """Two values that an element may have; the same one twice if there is no other.

    Args:
        field: The field.
        known: The best values, as far as the field may have them.
    """
    kind = field.element.kind
    best = [value for value in known if _is_of_kind(field, value)]
    if best:
        return best[0], best[-1]
    if kind in ("float", "integer"):
        valid = dict.fromkeys(number for number in _numbers(field) if _is_valid(field, number))
        first, second, *_ = [*valid, *valid]
        return first, second
    if kind == "enum":
        return field.labels[0], field.labels[min(1, len(field.labels) - 1)]
    if kind == "image":
        return 96, 160
    return (True, False) if kind == "bool" else ("some text", "another text")


def _is_of_kind(field: Field, value: Value) -> bool:
    kind = field.element.kind
    if kind == "string":
        return isinstance(value, str)
    is_number = type(value) is int or (kind == "float" and type(value) is float)
    return kind in ("float", "integer") and is_number and _is_valid(field, float(value))


def _is_valid(field: Field, number: Number) -> bool:
    low = field.element.low if field.low is None else field.low
    high = field.element.high if field.high is None else field.high
    return low is not None and high is not None and low <= number <= high


def _numbers(field: Field) -> Iterator[Number]:
    """Numbers within the range of the field, or near it; the best for an example come first."""
    if field.element.kind == "integer":
        yield from _around(field)
        return
    if field.element.name == "float":
        yield from KNOWN.get(field.name, ())
    yield from (float(f"{number:.2g}") for number in _around(field))
    yield from map(float, _around(field))


def _around(field: Field) -> tuple[Number, ...]:
    low, high, is_whole = field.low, field.high, field.element.kind == "integer"
    if low is not None and high is not None:
        # Halved first, since the sum of two floats may be too large for one.
        return (low + high) // 2 if is_whole else low / 2 + high / 2, low, high
    if low is not None:
        return low + 1, low + 2 * max(1, abs(low)), low
    if high is not None:
        return high - 1, high - 2 * max(1, abs(high)), high
    return (1, 2) if is_whole else (0.5, 1.5)
