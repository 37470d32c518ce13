"""What the tests of a project know of the schema beside the examples."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..printing.imports import from_import
from ..printing.text import python_string
from .enums import Enum
from .examples import display
from .python import InputField, OutputField


@dataclass(frozen=True)
class Checks:
    """What the tests of one project are held against."""

    package: str
    inputs: Sequence[InputField]
    outputs: Sequence[OutputField]
    enums: Sequence[Enum]

    @property
    def label_lines(self) -> list[str]:
        """Each label with the place where it stands and its number in the proto."""
        return [
            display(8, "(", [enum.constant, python_string(value.label), f"pb.{value.name}"], ",")
            for enum in self.enums
            for value in enum.values
        ]

    @property
    def enum_lines(self) -> list[str]:
        """The labels of each enum beside the enum itself."""
        return [display(8, "(", [enum.constant, f"pb.{enum.name}"], ",") for enum in self.enums]

    @property
    def import_views(self) -> str:
        """What the test of the contract compares with the proto."""
        views = ("SCHEMA", "Inputs", "Instance", "Outputs", "Prediction", "Predictions")
        labels = (enum.constant for enum in self.enums)
        return from_import(f"{self.package}.schema", [*views, *labels])

    @property
    def outputs_vary(self) -> bool:
        """Whether some outputs differ in shape from row to row."""
        return any(field.varies for field in self.outputs)

    @property
    def outputs_have_floats(self) -> bool:
        """Whether predictions are equal but for rounding."""
        return any(field.field.element.kind == "float" for field in self.outputs)

    @property
    def misfit_input(self) -> InputField | None:
        """The first input of which only protobuf finds that a value is of the wrong type."""
        plain = (field for field in self.inputs if field.field.kind in ("scalar", "image"))
        return next(plain, None)
