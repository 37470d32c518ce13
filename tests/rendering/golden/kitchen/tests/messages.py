"""What the tests make messages and batches with."""

from typing import Any

from kitchen.engine.calling.conversion import Conversion
from kitchen.engine.serving.batches import Batches
from kitchen.schema import SCHEMA, Instance
from kitchen.v1 import service_pb2 as pb

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
