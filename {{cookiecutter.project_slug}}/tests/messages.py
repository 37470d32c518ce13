"""What the tests make messages and batches with."""

from typing import Any

from {{ cookiecutter.package_name }}.engine.calling.conversion import Conversion
from {{ cookiecutter.package_name }}.engine.serving.batches import Batches
from {{ cookiecutter.package_name }}.schema import SCHEMA, Instance
from {{ cookiecutter.package_name }}.v1 import service_pb2 as pb

from .examples import INSTANCE

BATCHES, CONVERSION = Batches(SCHEMA), Conversion(SCHEMA)
ROW_BYTES = BATCHES.row_bytes
SERVICE_NAME = SCHEMA.service_name


def to_instance(instance: Instance) -> pb.Instance:
    """Return the message of an instance."""
    message: pb.Instance = CONVERSION.to_instance(instance)
    return message


def changed(instance: Instance, name: str, value: Any) -> pb.Instance:
    """Return the message of an instance with another value, as messages have it, for one field."""
    message = to_instance(instance)
    message.ClearField(name)
    message.MergeFrom(pb.Instance(**{name: value}))
    return message


def to_columns(columns: dict[str, Any]) -> pb.InstanceColumns:
    """Return the message of columns."""
    message: pb.InstanceColumns = CONVERSION.to_columns(columns)
    return message


# What a row takes up, with its answer, and whether thousands of them fit into a call: a request may
# have 64 MiB, and take up nearly three times as much memory.
INSTANCE_BYTES = BATCHES.bytes_of(to_instance(INSTANCE)) + to_instance(INSTANCE).ByteSize()
ARE_SMALL = INSTANCE_BYTES <= 20_000
