"""What schema.py is made of beside the lines of its fields."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..printing.imports import blocks, from_import
from .python import InputField, OutputField


@dataclass(frozen=True)
class SchemaModule:
    """The module that says in Python what the contract says."""

    inputs: Sequence[InputField]
    outputs: Sequence[OutputField]

    @property
    def imports(self) -> str:
        """What the module imports from other packages."""
        fields = [*self.inputs, *self.outputs]
        typing, arrays = ["TypedDict"], ["NDArray"]
        if not all(field.field.required for field in self.inputs):
            typing += ["NotRequired"]
        if any(field.enum for field in fields):
            typing += ["Literal", "get_args"]
        if any(field.field.kind == "tensor" for field in self.inputs):
            arrays += ["ArrayLike"]
        kinds = ["Mapping"] if any(field.is_vector for field in self.inputs) else []
        kinds += ["Sequence"] if any(field.varies for field in self.outputs) else []
        return blocks(
            [
                from_import("collections.abc", kinds) if kinds else "",
                "from dataclasses import dataclass",
                from_import("typing", typing),
            ],
            ["import numpy as np", from_import("numpy.typing", arrays)],
            [from_import(".engine.fields", ["Schema", *(field.kind for field in fields)])],
        )
