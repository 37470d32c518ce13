"""Messages of every kind, and a small schema with a servicer and a model."""

from dataclasses import dataclass
from typing import Any, TypedDict

import grpc
import numpy as np
from engine.calling.conversion import Conversion
from engine.fields import Label, Number, Schema, VaryingTensor
from engine.project import Serving
from engine.serving.batches import Batches
from engine.serving.handlers import Handlers
from numpy.typing import NDArray

# Compiled now, in memory, from the file beside this one.
pb, pb_grpc = grpc.protos_and_services("contract.proto")


def columns_of(field: Any, values: Any) -> Any:
    """Return a message of columns with the values of one field, as clients send it."""
    message = pb.Columns()
    field.pack_column(message, values)
    return pb.Columns.FromString(message.SerializeToString())


def row_of(field: Any, value: Any) -> Any:
    """Return a message with the value of one field, as clients send it."""
    message = pb.Row()
    field.pack(message, value)
    return pb.Row.FromString(message.SerializeToString())


def gathered(field: Any, *values: Any) -> Any:
    """Return instances with these values of a field as a column; they have to be right."""
    rows = [row_of(field, value) for value in values]
    assert [field.check(row) for row in rows] == [None] * len(rows)
    for row in rows:
        one, expected = field.column_of(row), field.gather([row])
        assert one.dtype == expected.dtype
        np.testing.assert_array_equal(one, expected)
    return field.gather(rows)


def read(field: Any, values: Any) -> Any:
    """Return a column with these values of a field, as the server reads it."""
    message = columns_of(field, values)
    return field.read(message, field.rows(message))


def unpacked(field: Any, column: Any) -> list[Any]:
    """Return what clients get of the model's column, one by one."""
    messages = [pb.Row() for _ in column]
    field.write(messages, field.fit(column, len(column)))
    return [field.unpack(pb.Row.FromString(each.SerializeToString())) for each in messages]


def unpacked_column(field: Any, column: Any) -> Any:
    """Return what clients get of the model's column, all at once."""
    message = pb.Columns()
    field.append(message, field.kept(field.fit(column, len(column))))
    return field.unpack_column(pb.Columns.FromString(message.SerializeToString()))


class Instance(TypedDict):
    """What the small model is asked about."""

    x: float
    count: int | None
    series: Any


@dataclass(frozen=True, slots=True)
class Inputs:
    """A batch of instances."""

    x: NDArray[np.float32]
    count: NDArray[np.int32]
    series: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Outputs:
    """The predictions for a batch."""

    y: NDArray[np.float32]
    colour: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Prediction:
    """The prediction for one instance."""

    y: float
    colour: str
    model_version: str


@dataclass(frozen=True, slots=True)
class Predictions:
    """The predictions for many."""

    y: NDArray[np.float32]
    colour: list[str]
    model_version: str


SCHEMA = Schema(
    name="Small",
    description="A small model",
    messages=pb,
    inputs=[
        Number("x", np.float32, low=0, high=100),
        Number("count", np.int32, default=3),
        VaryingTensor("series", np.float32, (None,)),
    ],
    outputs=[Number("y", np.float32), Label("colour", ("red", "green"))],
    Instance=Instance,
    Inputs=Inputs,
    Outputs=Outputs,
    Prediction=Prediction,
    Predictions=Predictions,
)
BATCHES, CONVERSION = Batches(SCHEMA), Conversion(SCHEMA)


def columns_of_answers(*parts: Any) -> Any:
    """Return a message of columns with the rows of parts of an answer that were kept."""
    columns = pb.PredictionColumns()
    BATCHES.append(columns, parts)
    return columns


# Two instances, and the model's answers to them.
COLUMNS = {"x": [1.0, 2.0], "count": [1, 2], "series": [[1.0], [2.0]]}
INPUTS = Inputs(np.ones(1, np.float32), np.ones(1, np.int32), np.ones((1, 1), np.float32))
OUTPUTS = Outputs(np.array([10, 20], np.float32), np.array([0, 1]))


class Service(pb_grpc.SmallServiceServicer):  # type: ignore[misc, name-defined]
    """A servicer that is added to servers as those of projects are, and answers nothing."""

    def __init__(self, handlers: Handlers) -> None:
        """Take the handlers, and leave them alone."""

    def add_to(self, server: Any) -> None:
        """Have a server answer the calls of the service."""
        pb_grpc.add_SmallServiceServicer_to_server(self, server)


class StandIn:
    """Answers with ten times x, and with red and green in turns.

    Attributes:
        batches: What it has been asked, in order.
    """

    version = "1.2.3"
    runtime = "stand-in"

    def __init__(self) -> None:
        self.batches: list[Inputs] = []

    def predict(self, inputs: Inputs) -> Outputs:
        self.batches.append(inputs)
        return Outputs(y=10 * inputs.x, colour=np.arange(len(inputs.x)) % 2)


def serving(load: Any) -> Serving:
    """Return what it takes to serve a model."""
    return Serving(SCHEMA, load, Service)
