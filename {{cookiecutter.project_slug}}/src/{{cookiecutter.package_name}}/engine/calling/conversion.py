"""Python values to request messages, and response messages to Python values."""

import reprlib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from itertools import chain
from typing import Any, Protocol

from ..fields.field import Field
from ..fields.schema import FieldTask, Schema, faults_of
from ..fields.values import refuse_no_column
from ..fields.violations import InvalidError, Violation
from .errors import CallError, invalid, unfit


class Frame(Protocol):
    """A data frame of pandas, polars or the like."""

    @property
    def columns(self) -> Any:
        """The names of the columns."""

    def __getitem__(self, name: str, /) -> Any:
        """Return one column."""


Columns = Mapping[str, Any] | Frame


class Conversion:
    """Makes request messages of values, and values of response messages.

    Args:
        schema: What messages and values look like.
    """

    def __init__(self, schema: Schema) -> None:
        self.messages = schema.messages
        self._schema = schema
        self._names = schema.input_names

    def to_instance(self, instance: Any) -> Any:
        """Return the message of an instance.

        Raises:
            CallError: If it does not fit the schema, as far as that shows here.
        """
        if not isinstance(instance, Mapping):
            got = reprlib.repr(instance)
            raise invalid([Violation("instance", f"expected a mapping of inputs, got {got}")])
        keys = self._keys("instance", instance)
        message = self.messages.Instance()

        def pack(field: Field) -> None:
            field.pack(message, instance[keys[field.name]] if field.name in keys else None)

        def check(field: Field) -> None:
            if violation := field.check(message):
                raise InvalidError([violation])

        self._pack_all("instance", pack, check)
        return message

    def to_columns(self, frame: Columns) -> Any:
        """Return the message of a mapping of columns, or of a data frame.

        Each value is taken or refused as ``to_instance`` does with it alone.

        Raises:
            CallError: If it does not fit the schema, as far as that shows here.
        """
        if not isinstance(frame, Mapping) and not hasattr(frame, "columns"):
            got = type(frame).__name__
            fault = f"expected columns or a data frame, got {got}; stream_predict takes instances"
            raise invalid([Violation("instances", fault)])
        names = list(frame.keys() if isinstance(frame, Mapping) else frame.columns)
        keys = self._keys("instances", names)
        message = self.messages.InstanceColumns()

        def pack(field: Field) -> None:
            if field.name in keys:
                values = frame[keys[field.name]]
                refuse_no_column(field.name, values)
                field.pack_column(message, values)

        def check(field: Field) -> None:
            if rows := field.rows(message):
                field.read(message, rows)
            elif not field.optional:
                raise InvalidError([Violation(field.name, "required")])

        self._pack_all("instances", pack, check)
        return message

    def _pack_all(self, path: str, pack: FieldTask, check: FieldTask) -> None:
        """Pack every field of a message.

        The server checks what can be packed. If something cannot, that is checked here, so that
        all faults are told at once; but for pictures, which clients cannot read.

        Raises:
            CallError: If a field cannot be packed.
        """
        faults = faults_of(pack, self._schema.inputs)
        if faults:
            others = (f for f in self._schema.inputs if f.name not in faults and not f.decodes)
            # What the server would tell of, too, comes last, since few faults are shown.
            faults |= faults_of(check, others)
            found = chain.from_iterable(faults.values())
            raise invalid([each.within(path) for each in found])

    def count_rows(self, message: Any) -> int:
        """Return how many rows the longest column of a request has."""
        counts = []
        for field in self._schema.inputs:
            try:
                counts.append(field.rows(message))
            except InvalidError:  # The server says so.
                continue
        return max(counts, default=0)

    def to_prediction(self, message: Any, model_version: str) -> Any:
        """Return the prediction that a message holds.

        Raises:
            CallError: If it does not fit the schema of this client.
        """
        try:
            values = {field.name: field.unpack(message) for field in self._schema.outputs}
        except InvalidError as error:
            raise unfit(each.within("prediction") for each in error.violations) from None
        return self._schema.Prediction(**values, model_version=model_version)

    def to_predictions(self, message: Any, model_version: str, rows: int) -> Any:
        """Return the predictions that a message of columns holds.

        Args:
            rows: How many there were asked for.

        Raises:
            CallError: If they do not fit the schema of this client, or are more or fewer.
        """
        try:
            columns = {field.name: field.unpack_column(message) for field in self._schema.outputs}
            refuse_uneven(columns, rows)
        except InvalidError as error:
            raise unfit(each.within("predictions") for each in error.violations) from None
        return self._schema.Predictions(**columns, model_version=model_version)

    def to_result(self, response: Any) -> Any:
        """Return the prediction of one response of a stream, or the CallError why there is none."""
        if response.HasField("invalid"):
            return invalid([Violation(v.field, v.description) for v in response.invalid.violations])
        try:
            return self.to_prediction(response.prediction, response.model_version)
        except CallError as error:
            return error

    def _keys(self, message: str, keys: Iterable[Any]) -> dict[str, Any]:
        """Return the key of each input in data, which is its name or its alias.

        Raises:
            CallError: If a key is that of no input, or one input has two.
        """
        found: dict[str, Any] = {}
        faults = []
        for key in keys:
            name = self._names.get(key)
            if name is None:
                faults.append(Violation(f"{message}.{key}", no_input(key, self._names)))
            elif name in found:
                faults.append(Violation(f"{message}.{name}", named_twice(found[name], key)))
            else:
                found[name] = key
        if faults:
            raise invalid(faults)
        return found


def named_twice(first: Any, second: Any) -> str:
    """Say that an input is there by its name and by its alias."""
    return f"it is there twice, as {first!r} and as {second!r}"


def no_input(name: Any, names: Iterable[str]) -> str:
    """Say that there is no input of a name, and which one may be meant."""
    near = meant(name, names)
    return f"the model has no such input{f'; did you mean {near}?' if near else ''}"


def meant(name: Any, names: Iterable[str]) -> str | None:
    """Return the name that is nearly a wrong one, if there is any."""
    near = get_close_matches(str(name), list(names), n=1)
    return near[0] if near else None


def refuse_uneven(columns: Mapping[str, Any], rows: int) -> None:
    """Raise an error if a column has more rows than were asked for, or fewer."""
    for name, column in columns.items():
        if len(column) != rows:
            fault = f"expected {rows} rows, as many as there are instances, got {len(column)}"
            raise InvalidError([Violation(name, fault)])
