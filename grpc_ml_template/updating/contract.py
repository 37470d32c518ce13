"""The contract of a project: what its committed proto declares, held against what a schema makes."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)
from grpc_tools import protoc

from ..language.schema import Numbers, Taken
from ..project.project import Project
from .errors import UpdateError

# The messages that follow from the inputs, and from the outputs.
MESSAGES = {
    "inputs": ("Instance", "InstanceColumns"),
    "outputs": ("Prediction", "PredictionColumns"),
}
DECLARED = re.compile(r"^  ((?:optional |repeated )?[\w.]+) (\w+) = (\d+);", re.MULTILINE)
RESERVED = re.compile(r"^  reserved (?:(\d+)|\"(\w+)\");", re.MULTILINE)


@dataclass(frozen=True)
class Message:
    """What a message or an enum declares.

    Attributes:
        fields: The type and the number of each field, or the number of each value, by its name.
        reserved: The numbers and names that nothing has.
    """

    fields: Mapping[str, tuple[str, int]]
    reserved: frozenset[str]


Contract = Mapping[str, Message]


def read_contract(proto: bytes) -> Contract:
    """What a proto declares of the schema.

    Raises:
        UpdateError: If protoc does not take it.
    """
    file = _compiled(proto)
    messages = {message.name: message for message in file.message_type}
    enums = {enum.name: enum for enum in file.enum_type}
    names = [name for pair in MESSAGES.values() for name in pair]
    lacking = [name for name in names if name not in messages]
    if lacking:
        raise UpdateError(f"the committed proto has no message {lacking[0]}")
    found = {name: _message(messages[name]) for name in names}
    used = {field.type_name for name in names for field in messages[name].field}
    return found | {
        name: _enum(enum) for name, enum in enums.items() if f".{file.package}.{name}" in used
    }


def _compiled(proto: bytes) -> FileDescriptorProto:
    with tempfile.TemporaryDirectory(prefix="proto-") as folder:
        source, compiled = Path(folder, "service.proto"), Path(folder, "compiled")
        source.write_bytes(proto)
        included = str(Path(protoc.__file__).parent / "_proto")
        arguments = ["protoc", f"-I{folder}", f"-I{included}", f"--descriptor_set_out={compiled}"]
        compile_proto: Any = protoc.main
        if compile_proto([*arguments, str(source)]):
            raise UpdateError("protoc does not take the committed proto, as it says above")
        return FileDescriptorSet.FromString(compiled.read_bytes()).file[0]


def _message(message: DescriptorProto) -> Message:
    fields = {field.name: (_type(field), field.number) for field in message.field}
    return Message(fields, _reserved(message))


def _type(field: FieldDescriptorProto) -> str:
    words = FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    kind = field.type_name.rsplit(".", 1)[-1] or words
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return f"repeated {kind}"
    return f"optional {kind}" if field.proto3_optional else kind


def _enum(enum: EnumDescriptorProto) -> Message:
    values = {value.name: ("", value.number) for value in enum.value if value.number}
    return Message(values, _reserved(enum))


def _reserved(message: DescriptorProto | EnumDescriptorProto) -> frozenset[str]:
    is_enum = isinstance(message, EnumDescriptorProto)  # Whose ranges have their ends in them.
    numbers = (
        str(number)
        for part in message.reserved_range
        for number in range(part.start, part.end + is_enum)
    )
    return frozenset([*numbers, *message.reserved_name])


def contract_of(project: Project) -> Contract:
    """What the proto of a project declares."""
    proto = project.proto
    texts = {
        "Instance": proto.instance,
        "InstanceColumns": proto.instance_columns,
        "Prediction": proto.prediction,
        "PredictionColumns": proto.prediction_columns,
    }
    return {name: _printed(text) for name, text in texts.items()} | {
        enum.name: Message(
            {value.name: ("", value.number) for value in enum.values},
            frozenset(part for gone in enum.removed for part in (gone.name, str(gone.number))),
        )
        for enum in proto.enums
    }


def _printed(text: str) -> Message:
    fields = {name: (kind, int(number)) for kind, name, number in DECLARED.findall(text)}
    return Message(fields, frozenset(number or name for number, name in RESERVED.findall(text)))


def taken(contract: Contract, schema: str) -> Taken:
    """The numbers of the fields that a contract has for the inputs, or for the outputs."""
    message = contract[MESSAGES[schema][0]]
    return Taken(Numbers({name: number for name, (_, number) in message.fields.items()}))


def differences(found: Contract, expected: Contract) -> Iterator[str]:
    """Say how a proto differs from what a schema's text makes."""
    for name in dict.fromkeys([*expected, *found]):
        if name not in found or name not in expected:
            yield f"{name} is in the {'text' if name in expected else 'proto'} only"
            continue
        yield from _differences(name, found[name], expected[name])


def _differences(name: str, found: Message, expected: Message) -> Iterator[str]:
    for field in dict.fromkeys([*expected.fields, *found.fields]):
        one, other = found.fields.get(field), expected.fields.get(field)
        if one is None or other is None:
            yield f"{name}.{field} is in the {'text' if other else 'proto'} only"
        elif one != other:
            yield f"{name}.{field} is {_words(one)} in the proto, and {_words(other)} by the text"
    for each in sorted(found.reserved ^ expected.reserved):
        where = "proto" if each in found.reserved else "text"
        yield f"{each} is gone from {name} in the {where} only"


def _words(declared: tuple[str, int]) -> str:
    kind, number = declared
    return f"{kind} = {number}".strip()
