"""All that follows from the answers, computed once for the templates to print."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from ..language.fields import Field
from ..language.schema import Schema
from ..printing.text import one_line
from ..sources.onnx.reader import RUNTIME
from .catboost_page import CatboostPage
from .enums import Enum, name_enums
from .examples import Example
from .hub_page import HubPage
from .iris import fits_iris
from .model_page import ModelPage
from .onnx_page import OnnxPage
from .proto import Proto
from .python import InputField, OutputField
from .readme import Readme
from .schema_module import SchemaModule
from .schemas import parse_schema
from .service import Service
from .source import Source, source_in
from .sourcing import load_source
from .table_page import BoosterPage, PyfuncPage, SklearnPage
from .torch_page import TorchPage

# What the modules print that call a model, for each kind of runtime.
PAGES: Mapping[str, type[ModelPage]] = {
    "catboost": CatboostPage,
    "hub": HubPage,
    "lightgbm": BoosterPage,
    "onnx": OnnxPage,
    "pyfunc": PyfuncPage,
    "sklearn": SklearnPage,
    "torch": TorchPage,
    "xgboost": BoosterPage,
}


def load_project(answers: Mapping[str, Any]) -> "Project":
    """The project that the answers describe. They have been checked before."""
    source = load_source(answers)
    return _load(
        answers["inputs"],
        answers["outputs"],
        *_words(answers),
        keeps=bool(answers.get("_keeps_example")),
        source=source.json if source else "",
        takes=str(answers.get("_takes") or ""),
    )


def new_project(answers: Mapping[str, Any], inputs: Schema, outputs: Schema) -> "Project":
    """The project that schemas and the other answers describe."""
    return Project(inputs, outputs, *_words(answers))


@lru_cache(maxsize=8)
def _load(
    inputs: str, outputs: str, *words: str, keeps: bool, source: str, takes: str
) -> "Project":
    return Project(
        parse_schema(inputs, "inputs", outputs=False),
        parse_schema(outputs, "outputs", outputs=True),
        *words,
        keeps_example=keeps,
        source=source_in(source),
        takes=takes,
    )


def _words(answers: Mapping[str, Any]) -> tuple[str, ...]:
    """The answers beside the schemas, as they are printed."""
    return (
        one_line(answers["model_name"]),
        one_line(answers["description"]),
        answers["project_slug"],
        answers["package_name"],
        one_line(answers["author"]),
    )


@dataclass(frozen=True)
class Project(Service):
    """A service, and what the files of its project print of it.

    `keeps_example` says that it was made with the example model, which an update leaves in it.
    `source` is the model that it was made for, and `takes` what its probe has found out.
    """

    keeps_example: bool = field(default=False, kw_only=True)
    source: Source | None = field(default=None, kw_only=True)
    takes: str = field(default="", kw_only=True)

    @cached_property
    def _enums(self) -> dict[Field, Enum]:
        return name_enums(self.fields, f"{self.class_name}Service")

    def _enum_of(self, field: Field, schema: Schema) -> Enum | None:
        """The enum of a field's labels, of which a vector has a value each."""
        enum = schema.named(field.labels_of) if field.labels_of else field
        return self._enums.get(enum)

    @cached_property
    def inputs(self) -> list[InputField]:
        """The inputs in Python."""
        return [InputField(f, self._enum_of(f, self.input_schema)) for f in self.input_fields]

    @cached_property
    def outputs(self) -> list[OutputField]:
        """The outputs in Python."""
        return [OutputField(f, self._enum_of(f, self.output_schema)) for f in self.output_fields]

    @cached_property
    def is_iris(self) -> bool:
        """Whether it has the example model: that fits the schema, or is there already."""
        if self.source:
            return False
        return self.keeps_example or fits_iris(self.input_fields, self.output_fields)

    @cached_property
    def page(self) -> str:
        """Which page of Python calls the model."""
        if self.source:
            return self.source.kind
        return "iris" if self.is_iris else "placeholder"

    @cached_property
    def model(self) -> ModelPage:
        """What that page prints of a model from a source."""
        assert self.source
        return PAGES[self.source.kind](self.source, self.inputs, self.outputs, self.takes)

    @property
    def kept(self) -> dict[str, Any]:
        """What a project keeps of its model, so that it can be updated."""
        source = {"source": self.source.__dict__} if self.source else {}
        return source | ({"takes": self.takes} if self.takes else {})

    @cached_property
    def server_packages(self) -> list[str]:
        """What the server needs that depends on the schema or the model, and what stands beside it."""
        packages = ["pydantic-settings>=2.12", "rich>=14", "typer>=0.20"]
        packages += [RUNTIME] if self.is_iris else []
        packages += ["pillow>=12"] if self.has_images else []
        return sorted([*packages, *(self.source.packages if self.source else ())])

    # What one file prints, or a few

    @cached_property
    def proto(self) -> Proto:
        """What is in service.proto."""
        return Proto(self, self._enums)

    @cached_property
    def schema(self) -> SchemaModule:
        """What is in schema.py beside the fields."""
        return SchemaModule(self.inputs, self.outputs)

    @cached_property
    def examples(self) -> list[Example]:
        """Examples of the inputs."""
        known = self.source.known if self.source else {}
        return [Example(field, known.get(field.original, ())) for field in self.inputs]

    @cached_property
    def readme(self) -> Readme:
        """What is in the README."""
        return Readme(self, self.examples)
