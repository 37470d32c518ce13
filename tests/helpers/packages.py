"""The package of a baked project, imported into the tests."""

from importlib import import_module
from types import ModuleType
from typing import Any


class Package:
    """What tests use of a package; its project has to be importable by now.

    Attributes:
        pb: The module of the messages.
        schema: The table of fields.
        conversion: Makes messages of values and values of messages, as clients do.
        batches: Makes batches of messages and messages of batches, as the server does.
        error: What clients raise.
        InvalidError: What batches raise.
    """

    def __init__(self, name: str) -> None:
        def module(path: str) -> ModuleType:
            return import_module(f"{name}.{path}")

        self.pb: Any = module("v1.service_pb2")
        self.schema: Any = module("schema").SCHEMA
        self.conversion: Any = module("engine.calling.conversion").Conversion(self.schema)
        self.batches: Any = module("engine.serving.batches").Batches(self.schema)
        self.error: type[Any] = module("engine.calling.errors").CallError
        self.InvalidError: type[Any] = module("engine.fields.violations").InvalidError
