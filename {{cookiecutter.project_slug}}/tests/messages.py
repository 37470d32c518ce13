{% set s = service(cookiecutter) %}
"""What the tests make messages and batches with."""

from typing import Any

from {{ s.package }}.engine.calling.conversion import Conversion
from {{ s.package }}.engine.serving.batches import Batches
from {{ s.package }}.schema import SCHEMA, Instance
from {{ s.package }}.v1 import service_pb2 as pb

BATCHES, CONVERSION = Batches(SCHEMA), Conversion(SCHEMA)
ROW_BYTES = BATCHES.row_bytes
SERVICE_NAME = SCHEMA.service_name


def to_instance(instance: Instance) -> pb.Instance:
    """Return the message of an instance."""
    message: pb.Instance = CONVERSION.to_instance(instance)
    return message


def to_columns(columns: dict[str, Any]) -> pb.InstanceColumns:
    """Return the message of columns."""
    message: pb.InstanceColumns = CONVERSION.to_columns(columns)
    return message
