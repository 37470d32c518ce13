"""What the answers describe: a model behind gRPC."""

from dataclasses import dataclass

from ..language.fields import Field
from ..language.schema import Schema
from ..language.spelling import pascal


@dataclass(frozen=True)
class Service:
    """A model behind gRPC."""

    input_schema: Schema
    output_schema: Schema
    model_name: str
    description: str
    slug: str
    package: str
    author: str

    @property
    def input_fields(self) -> tuple[Field, ...]:
        """The inputs."""
        return self.input_schema.fields

    @property
    def output_fields(self) -> tuple[Field, ...]:
        """The outputs."""
        return self.output_schema.fields

    @property
    def fields(self) -> tuple[Field, ...]:
        """The inputs, then the outputs."""
        return (*self.input_fields, *self.output_fields)

    @property
    def class_name(self) -> str:
        """What the name of the gRPC service begins with."""
        return pascal(self.model_name)

    @property
    def full_name(self) -> str:
        """The name of the gRPC service, in its package."""
        return f"{self.package}.v1.{self.class_name}Service"

    @property
    def has_images(self) -> bool:
        """Whether the server reads or writes pictures."""
        return any(field.kind == "image" for field in self.fields)
