"""What the modules print that load and call a model from a source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from ..printing.text import python_call, python_string, python_tuple
from .python import InputField, OutputField, PythonField
from .source import Source

Fact = Mapping[str, Any]
# The engine's room of what modules of models share.
MODELS = ".engine.models"
AnyField = TypeVar("AnyField", bound=PythonField)


@dataclass(frozen=True)
class ModelPage:
    """A model from a source, with the fields that stand for what it takes and returns."""

    # Whether how the model takes many instances has to be found out.
    has_takes: ClassVar[bool] = False

    source: Source
    inputs: Sequence[InputField]
    outputs: Sequence[OutputField]
    takes_found: str

    @property
    def facts(self) -> Fact:
        """What is known of the model."""
        return self.source.facts

    def path_line(self, constant: str) -> str:
        """The statement that finds the model's file, and gives it a name."""
        arguments = ["__file__", f'"{self.source.file}"']
        # That of a folder's first file is not that of the folder, which is what is loaded.
        is_file = "." in self.source.file
        arguments += [f'"{self.source.checksum}"'] if self.source.checksum and is_file else []
        return python_call(0, f"{constant} = model_path(", arguments)

    @property
    def first(self) -> InputField:
        """The field of the model's first input, wherever the schema has it."""
        return by_original(self.inputs).get(self.source.inputs[0], self.inputs[0])

    @property
    def version_path(self) -> str:
        """The expression of what the version is the checksum of: the file, or its folder."""
        return "MODEL_FILE.parent" if "/" in self.source.file else "MODEL_FILE"

    @property
    def takes(self) -> str:
        """How the model takes many instances: as found out, or one by one until it is."""
        return self.takes_found or "takes.OneByOne()"

    @property
    def input_facts(self) -> Iterator[tuple[Fact, InputField]]:
        """What is known of each input of the model, and its field."""
        yield from _matched(self.facts["inputs"], self.inputs)

    @property
    def output_facts(self) -> Iterator[tuple[Fact, OutputField]]:
        """What is known of each output of the model, and its field."""
        yield from _matched(self.facts["outputs"], self.outputs)

    @property
    def alike(self) -> str:
        """The inputs that have one value a call, as a tuple; empty if there are none."""
        names = [fact["name"] for fact, _ in self.input_facts if self.is_shared(fact)]
        return python_tuple(map(python_string, names)) if names else ""

    def is_shared(self, fact: Fact) -> bool:
        """Whether an input has one value a call, beside others that have one an instance."""
        return bool(self.facts["takes"] != "whole" and fact["axis"] is None)


def by_original(fields: Sequence[AnyField]) -> dict[str, AnyField]:
    """Fields by what they are called where the model was made."""
    return {field.original: field for field in fields}


def _matched(facts: Sequence[Fact], fields: Sequence[AnyField]) -> Iterator[tuple[Fact, AnyField]]:
    """Pairs of what is known, and the field that is called so; one that is gone is left out."""
    by_name = by_original(fields)
    for fact in facts:
        if fact["name"] in by_name:
            yield fact, by_name[fact["name"]]
