"""What stands for the objects of a saved model: their names and their contents, nothing that runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .arrays import Array

__all__ = ["Array", "Made", "Name", "class_of", "state_of"]


@dataclass(frozen=True, slots=True)
class Name:
    """A class or a function that a file refers to, as `module.name`."""

    text: str


class Made:
    """An object that loading would make: what makes it, from which arguments, with which state."""

    __slots__ = ("args", "maker", "state")

    def __init__(self, maker: object, args: object = ()) -> None:
        """Keep what the object would be made of."""
        self.maker = maker
        self.args = args if isinstance(args, tuple) else ()
        self.state: dict[str, Any] = {}

    def update(self, state: object) -> None:
        """Take over a state: a dict of attributes, or a pair of dicts where there are slots."""
        for part in state if isinstance(state, tuple) else (state,):
            if isinstance(part, dict):
                self.state.update(part)

    def extend(self, items: Iterable[object]) -> None:
        """Items of a list or a set of another class are of no use here."""

    def append(self, item: object) -> None:
        """See `extend`."""


def class_of(value: object) -> str:
    """The class of an object, as `module.name`; of Python's own types, their name."""
    if isinstance(value, Made):
        return value.maker.text if isinstance(value.maker, Name) else "an object"
    if isinstance(value, Array):
        return "numpy.ndarray"
    return type(value).__name__


def state_of(value: object) -> dict[str, Any]:
    """The attributes of an object, by name."""
    return value.state if isinstance(value, Made) else {}
