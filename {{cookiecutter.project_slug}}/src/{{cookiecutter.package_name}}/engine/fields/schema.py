"""A schema: the table of fields, and the types that hold their values."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .field import Field
from .violations import InvalidError, Violation

# Does something with a field, such as to pack it; raises InvalidError if the field is wrong.
FieldTask = Callable[[Field], None]


@dataclass(frozen=True)
class Schema:
    """What the model takes and returns.

    Attributes:
        name: What the model is called.
        description: What it does.
        messages: The module that protoc has made of the proto.
        inputs, outputs: The fields, in the order of the proto.
        Instance: What callers give for one instance: a TypedDict.
        Inputs, Outputs: What the model takes and returns: dataclasses of columns.
        Prediction, Predictions: What callers get for one instance and for many: dataclasses.
    """

    name: str
    description: str
    messages: Any
    inputs: Sequence[Field]
    outputs: Sequence[Field]
    Instance: Any
    Inputs: Any
    Outputs: Any
    Prediction: Any
    Predictions: Any

    @property
    def service_name(self) -> str:
        """The full name of the gRPC service, the first of the proto."""
        name: str = self._service.full_name
        return name

    @property
    def streams(self) -> list[str]:
        """The full names of the methods that take streams."""
        return [each.full_name for each in self._service.methods if each.client_streaming]

    @property
    def _service(self) -> Any:
        return next(iter(self.messages.DESCRIPTOR.services_by_name.values()))

    @cached_property
    def input_names(self) -> dict[str, str]:
        """The names of the inputs, by each name that data may have for them."""
        names = {field.alias: field.name for field in self.inputs if field.alias}
        return names | {field.name: field.name for field in self.inputs}

    @property
    def aliases(self) -> dict[str, str]:
        """What fields were called before they got their names, by their paths."""
        sides = {"instance": self.inputs, "prediction": self.outputs}
        paths = ((f"{side}.{field.name}", field) for side, all in sides.items() for field in all)
        return {path: field.alias for path, field in paths if field.alias}


def faults_of(task: FieldTask, fields: Iterable[Field]) -> dict[str, Sequence[Violation]]:
    """Do something with every field, and return what is wrong, by the names of the fields."""
    faults: dict[str, Sequence[Violation]] = {}
    for field in fields:
        try:
            task(field)
        except InvalidError as error:
            faults[field.name] = error.violations
    return faults
