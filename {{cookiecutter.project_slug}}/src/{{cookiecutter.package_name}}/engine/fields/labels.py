"""Fields of one of a few labels."""

import reprlib
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .elements import Elements
from .field import Field, Option
from .packed import MOST_IN_A_BYTE, extend
from .scalars import refuse_unset
from .values import MOST_WRONG_ROWS, refuse_wide
from .violations import MOST_FAULTS, InvalidError, InvalidOutputError, Violation, raise_faults

PLACES = Elements(np.int64)
NOWHERE = -1


class Label(Field):
    """One of a few labels. A column holds their places in the list of labels, as int64.

    Args:
        labels: The labels.
        numbers: Those of the labels in messages, from 1 in their order if they are left out.
    """

    # What a column takes up, and a message: int64 and int32.
    input_bytes = output_bytes = 8 + 4
    dtype = np.dtype(np.int64)

    def __init__(
        self,
        name: str,
        labels: Sequence[str],
        *,
        numbers: Sequence[int] | None = None,
        default: str | None = None,
        about: str = "",
        alias: str = "",
    ) -> None:
        super().__init__(name, default=default, about=about, alias=alias)
        self.labels = tuple(labels)
        self.numbers = tuple(numbers or range(1, len(labels) + 1))
        self._number_of = dict(zip(self.labels, self.numbers, strict=True))
        self._label_of = dict(zip(self.numbers, self.labels, strict=True))
        self._numbers = np.array(self.numbers)
        # The place of each number, and NOWHERE for those that no label has.
        self._places = np.full(max(self.numbers) + 1, NOWHERE)
        self._places[self._numbers] = range(len(labels))
        # Larger ones take two bytes.
        self.wire = np.dtype(np.uint8) if max(self.numbers) < MOST_IN_A_BYTE else None
        self._places[0] = NOWHERE if default is None else self.labels.index(default)

    def check(self, instance: Any) -> Violation | None:
        fault = self._fault(self.value(instance))
        return Violation(self.name, fault) if fault else None

    def _fault(self, number: int) -> str | None:
        if number in self._label_of:
            return None
        if number == 0:
            return None if self.optional else "required"
        return f"{number} is no label's number; they {self._numbers_text}"

    @property
    def _numbers_text(self) -> str:
        if set(self.numbers) == {*range(1, len(self.numbers) + 1)}:
            return f"go from 1 to {len(self.numbers)}"
        return f"are {', '.join(map(str, sorted(self.numbers)))}"

    def gather(self, instances: Sequence[Any]) -> NDArray[Any]:
        return self._places[[*map(self.value, instances)]]

    def read(self, columns: Any, rows: int) -> NDArray[Any]:
        numbers = np.asarray(self.value(columns))
        if not len(numbers):
            numbers = np.zeros(rows, np.int64)
        known = np.clip(numbers, 0, len(self._places) - 1)
        places: NDArray[Any] = self._places[known]
        wrong = np.flatnonzero((known != numbers) | (places == NOWHERE))[:MOST_FAULTS]
        raise_faults(self.name, [(int(row), str(self._fault(int(numbers[row])))) for row in wrong])
        return places

    def from_wire(self, values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        known = np.minimum(values, len(self._places) - 1)
        places = self._places[known]
        return places, (known == values) & (places != NOWHERE)

    def to_wire(self, column: NDArray[Any]) -> NDArray[Any]:
        numbers: NDArray[Any] = self._numbers[column]
        return numbers

    def sample(self) -> NDArray[Any]:
        return np.array([max(self._places[0], 0)])

    def fit(self, column: Any, rows: int) -> NDArray[np.int64]:
        try:
            places = PLACES.fit(self.name, column, (rows,))
        except InvalidOutputError as error:
            hint = f"a label is its place among the labels, 0 for {self.labels[0]!r}"
            raise InvalidOutputError(f"{error}; {hint}") from None
        for place in (places.min(), places.max()):
            if not 0 <= place < len(self.labels):
                right = f"0 to {len(self.labels) - 1}"
                raise InvalidOutputError(f"{self.name}: {place} is no label's place, {right}")
        return places

    def write(self, predictions: Sequence[Any], column: NDArray[np.int64]) -> None:
        for prediction, number in zip(predictions, self._numbers[column].tolist(), strict=True):
            setattr(prediction, self.name, number)

    def append(self, columns: Any, column: NDArray[np.int64]) -> None:
        extend(columns, self.name, self._numbers[column])

    def pack(self, instance: Any, value: Any) -> None:
        if not self.is_missing(value):
            if fault := self._label_fault(value):
                raise InvalidError([Violation(self.name, fault)])
            setattr(instance, self.name, self._number_of[value])

    def pack_column(self, columns: Any, values: Any) -> None:
        refuse_wide(self.name, values)
        column = self.value(columns)
        wrong: list[tuple[int, str]] = []
        for row, given in enumerate(values):
            value = self.default if self.is_missing(given) else given
            fault = "required" if value is None else self._label_fault(value)
            if not fault:
                column.append(self._number_of[value])
            elif len(wrong) < MOST_WRONG_ROWS:
                wrong.append((row, fault))
        raise_faults(self.name, wrong)

    def _label_fault(self, value: Any) -> str | None:
        if isinstance(value, str) and value in self._number_of:
            return None
        return f"{reprlib.repr(value)} is not one of {', '.join(self.labels)}"

    def unpack(self, prediction: Any) -> str:
        refuse_unset(prediction, self.name)
        return self._label(self.name, self.value(prediction))

    def unpack_column(self, columns: Any) -> list[str]:
        numbers = self.value(columns)
        try:
            return [self._label_of[number] for number in numbers]
        except KeyError:
            rows = enumerate(numbers)
            return [self._label(f"{self.name}[{row}]", number) for row, number in rows]

    def _label(self, path: str, number: int) -> str:
        if number not in self._label_of:
            raise InvalidError([Violation(path, f"there is no label of number {number}")])
        return self._label_of[number]

    @property
    def option(self) -> Option:
        return Option(Literal[self.labels])

    def from_cell(self, text: str) -> str | None:
        return text or None  # Labels keep the blanks around them.

    def parse(self, text: str) -> str:
        return text
