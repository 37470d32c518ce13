"""Which axis of each input and output of a graph the instances lie along.

An ONNX file does not say that. What is worked out here holds for models as they are exported, and
running a few instances alone and together shows whether it holds for one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .graph import Dim, Value

# How instances are given to the model: any number of them along an axis, one of them with a
# leading 1, or one of them as it is.
Takes = Literal["batch", "fixed", "whole"]


@dataclass(frozen=True)
class Placed:
    """A value, and where the instances are in it.

    `axis` is None where it has no place for several: it is whole, or the same for all of them.
    `dims` are those of one instance.
    """

    value: Value
    axis: int | None
    dims: tuple[int | None, ...]

    @property
    def rank(self) -> int | None:
        """How many axes it has in the graph; None if the file does not tell."""
        return None if self.value.dims is None else len(self.value.dims)

    @property
    def is_column(self) -> bool:
        """Whether an instance is one value that has an axis of its own: ``[?, 1]``."""
        return self.axis is not None and self.rank == 2 and self.dims == (1,)


def place_inputs(values: Sequence[Value]) -> tuple[Takes, list[Placed]]:
    """How the instances are given, and where they are in each input."""
    ranked = [value.dims for value in values if value.dims]
    if ranked and all(varies(dims[0]) for dims in ranked):
        return "batch", [_placed(value, 0 if value.dims else None) for value in values]
    states = {value.name: _axis_of_state(value.dims or (), ranked) for value in values}
    if any(states.values()) and all(
        states[value.name] or _may_be_shared(value.dims or ()) for value in values
    ):
        return "batch", [_placed(value, _first_or(states[value.name], value)) for value in values]
    if ranked and all(varies(dims[0]) or dims[0] == 1 for dims in ranked):
        return "fixed", [_placed(value, _axis_of_fixed(value.dims or ())) for value in values]
    return "whole", [_placed(value, None) for value in values]


def place_outputs(values: Sequence[Value], takes: Takes, inputs: Sequence[Placed]) -> list[Placed]:
    """Where the instances are in each output."""
    names = {dim for placed in inputs if isinstance(dim := _dim_of_instances(placed), str)}
    if takes == "whole":
        return [_placed(value, None) for value in values]
    if takes == "fixed":
        return [_placed(value, _axis_of_one(value.dims, names)) for value in values]
    return [_place_in_batch(value, names, inputs) for value in values]


def varies(dim: Dim) -> bool:
    """Whether a dim has no fixed size."""
    return not isinstance(dim, int)


def _placed(value: Value, axis: int | None) -> Placed:
    if value.dims is None:
        return Placed(value, axis, (None,))
    dims = tuple(
        dim if isinstance(dim, int) else None
        for place, dim in enumerate(value.dims)
        if place != axis
    )
    return Placed(value, axis, dims)


def _dim_of_instances(placed: Placed) -> Dim:
    dims = placed.value.dims
    return dims[placed.axis] if dims and placed.axis is not None else None


def _axis_of_state(dims: tuple[Dim, ...], others: Sequence[tuple[Dim, ...]]) -> int | None:
    """The axis of the instances that is not the first: 1 of the state ``[2, N, 128]``.

    It has the name of another input's first dim. Where nothing has names, it is the only one that
    varies, after a first that cannot be an instance.
    """
    if not dims or varies(dims[0]):
        return None
    firsts = {each[0] for each in others if varies(each[0])}
    named = [axis for axis, dim in enumerate(dims) if isinstance(dim, str) and dim in firsts]
    if len(named) == 1:
        return named[0]
    varying = [axis for axis, dim in enumerate(dims) if varies(dim)]
    is_sure = firsts == {None} and dims[0] != 1 and len(varying) == 1
    return varying[0] if is_sure and dims[varying[0]] is None else None


def _may_be_shared(dims: tuple[Dim, ...]) -> bool:
    """Whether an input beside a state is along its first axis, or the same for all instances."""
    return not dims or varies(dims[0]) or not any(varies(dim) for dim in dims)


def _first_or(axis: int | None, value: Value) -> int | None:
    return 0 if value.dims and varies(value.dims[0]) else axis


def _axis_of_fixed(dims: tuple[Dim, ...]) -> int | None:
    """The first, unless it has a name that is none of a batch's: a length of this instance."""
    if not dims or (isinstance(dims[0], str) and not _names_a_batch(dims[0])):
        return None
    return 0


def _names_a_batch(name: str) -> bool:
    return "batch" in name.lower() or name.lower() in ("n", "b", "bs")


def _axis_of_one(dims: tuple[Dim, ...] | None, names: set[str]) -> int | None:
    """The first, if it is the leading 1. What varies is a count, of boxes, say."""
    return 0 if dims and (dims[0] == 1 or dims[0] in names) else None


def _place_in_batch(value: Value, names: set[str], inputs: Sequence[Placed]) -> Placed:
    if value.dims is None:
        return _placed(value, 0)
    state = next((each for each in inputs if each.axis and _is_state(value.dims, each)), None)
    axis = _axis_in_batch(value.dims, names, state)
    placed = _placed(value, axis)
    if state is None or axis != state.axis:
        return placed
    # A state comes back with the shape in which it is given.
    return Placed(value, axis, state.dims)


def _is_state(dims: tuple[Dim, ...], state: Placed) -> bool:
    """Whether an output may be the next value of a state."""
    given = state.value.dims or ()
    return len(dims) == len(given) and all(
        varies(dim) or dim == other for dim, other in zip(dims, given, strict=True)
    )


def _axis_in_batch(dims: tuple[Dim, ...], names: set[str], state: Placed | None) -> int | None:
    if not dims:
        return None
    named = [axis for axis, dim in enumerate(dims) if dim in names]
    if 0 in named:
        return 0
    if len(named) == 1:
        return named[0]
    if state is not None:
        return state.axis
    if varies(dims[0]) or dims[0] == 1:
        return 0
    varying = [axis for axis, dim in enumerate(dims) if varies(dim)]
    return varying[0] if len(varying) == 1 else None
