"""Finds out how a model takes many instances, by asking it about three of them.

Names and sizes of axes are no test of that: exports call them as they like. Three rows that are
answered together as they are alone are one.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from types import ModuleType
from typing import Any

from ..failures import in_line
from .comparing import RTOL, furthest
from .takes import OneByOne, Together, joined

# How far answers may move when rows travel together: batching adds numbers up in another order.
# Further, and they would not agree with the golden rows any more.
MOST_APART = RTOL
ROWS = 3
Takes = OneByOne | Together


@dataclass(frozen=True)
class Found:
    """How a model takes many instances, and what tells so."""

    takes: Takes
    why: str


def how_it_takes(module: ModuleType, model: Any, inputs: Any) -> Found:
    """Return how a model takes many instances.

    Args:
        module: Its module, whose TAKES says how it is asked now.
        model: The model.
        inputs: A batch of three different instances.
    """
    ask = asking(module, model)
    is_fixed = isinstance(module.TAKES, Together) and module.TAKES.exactly > 0
    single, many = (module.TAKES,) * 2 if is_fixed else (OneByOne(), Together())
    alone = [ask(single, part(inputs, row)) for row in (0, 0, 0)]
    if any(furthest(alone[0], again) for again in alone[1:]):
        return Found(single, "the same row is answered differently each time")
    by_row = [ask(single, part(inputs, row)) for row in range(ROWS)]
    expected = joined(by_row)
    try:
        together = ask(many, inputs)
    except Exception as error:  # Whatever the model's library raises.
        return Found(single, f"{ROWS} rows together fail: {in_line(error)[:60]}")
    distance = furthest(together, expected)
    if distance > MOST_APART:
        moved = f"moves answers by {distance:.1e}" if distance < float("inf") else "changes answers"
        return Found(single, f"asking about {ROWS} rows together {moved}")
    moved = f"to within {distance:.0e}" if distance else "to the last bit"
    return Found(many, f"{ROWS} rows together are answered as alone, {moved}")


def asking(module: ModuleType, model: Any) -> Callable[[Takes, Any], list[Any]]:
    """Return what asks a model about a batch that it takes in some way, and returns its columns."""

    def ask(takes: Takes, inputs: Any) -> list[Any]:
        kept, module.TAKES = module.TAKES, takes  # type: ignore[attr-defined]
        try:
            outputs = model.predict(inputs)
        finally:
            module.TAKES = kept  # type: ignore[attr-defined]
        return columns_of(outputs)

    return ask


def columns_of(batch: Any) -> list[Any]:
    """Return the columns of a batch."""
    return [getattr(batch, field.name) for field in fields(batch)]


def part(inputs: Any, row: int) -> Any:
    """Return one row of a batch as a batch."""
    names = [field.name for field in fields(inputs)]
    return type(inputs)(**{name: getattr(inputs, name)[row : row + 1] for name in names})
