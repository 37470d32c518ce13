"""The files that must say the same: the proto, the stubs, schema.py, and the examples."""

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from types import GenericAlias
from typing import Any, Literal, get_type_hints

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import EnumDescriptorProto, FieldDescriptorProto
from numpy.typing import ArrayLike, NDArray

from iris_classifier.engine.fields import (
    Flag,
    Image,
    Label,
    LabelVector,
    Number,
    Tensor,
    VaryingTensor,
)
from iris_classifier.engine.fields.field import Field
from iris_classifier.schema import (
    SCHEMA,
    Inputs,
    Instance,
    Outputs,
    Prediction,
    Predictions,
)
from iris_classifier.service import Service
from iris_classifier.v1 import service_pb2 as pb

from .examples import INSTANCE, OTHER
from .values import each, wire_type

ROOT = Path(__file__).parent.parent
PROTO = Path("proto") / pb.DESCRIPTOR.name
[SERVICE] = pb.DESCRIPTOR.services_by_name.values()
INPUTS = {field.name: field for field in SCHEMA.inputs}
OUTPUTS = {field.name: field for field in SCHEMA.outputs}
FIELDS = {
    **{f"input {name}": ("Instance", field) for name, field in INPUTS.items()},
    **{f"output {name}": ("Prediction", field) for name, field in OUTPUTS.items()},
}
LABELLED = {title: case for title, case in FIELDS.items() if isinstance(case[1], Label)}
VECTORS = {title: case for title, case in FIELDS.items() if isinstance(case[1], LabelVector)}
PYTHON_TYPES = {"b": bool, "f": float, "i": int, "u": int}
# A value of an enum, with the label that it stands for in the line before it.
LABEL = re.compile(r'^ *// "(.*)"\.\n *(\w+) = \d+;', re.MULTILINE)


def test_the_stubs_are_what_protoc_makes_of_the_proto(tmp_path: Path) -> None:
    command = [sys.executable, "scripts/compile_proto.py", "--out", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=30)
    stubs = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]
    assert stubs
    for stub in stubs:
        old, new = ROOT / "src" / stub, tmp_path / stub
        assert old.read_text() == new.read_text(), f"{stub} is stale: make proto"


@pytest.mark.parametrize("rpc", [each.name for each in SERVICE.methods])
def test_every_rpc_of_the_proto_has_its_method(rpc: str) -> None:
    by_protoc = next(each for each in Service.__mro__ if each.__module__.endswith("_pb2_grpc"))
    is_there = getattr(Service, rpc) is not getattr(by_protoc, rpc)
    assert is_there, f"Service in service.py lacks {rpc}, an rpc of {PROTO}"


# Names


def names_in_proto(message: str) -> list[str]:
    """Return the names of a message's fields, in the order of the proto."""
    return [field.name for field in pb.DESCRIPTOR.message_types_by_name[message].fields]


@pytest.mark.parametrize(
    ("place", "names"),
    [
        (f"message Instance in {PROTO}", names_in_proto("Instance")),
        (f"message InstanceColumns in {PROTO}", names_in_proto("InstanceColumns")),
        ("Instance in schema.py", list(Instance.__annotations__)),
        ("Inputs in schema.py", [field.name for field in fields(Inputs)]),
        ("INSTANCE in tests/examples.py", list(INSTANCE)),
        ("OTHER in tests/examples.py", list(OTHER)),
    ],
)
def test_inputs_are_those_of_the_table(place: str, names: list[str]) -> None:
    fault = difference(place, names, "inputs", [*INPUTS])
    assert not fault, fault


@pytest.mark.parametrize(
    ("place", "names"),
    [
        (f"message Prediction in {PROTO}", names_in_proto("Prediction")),
        (f"message PredictionColumns in {PROTO}", names_in_proto("PredictionColumns")),
        ("Outputs in schema.py", [field.name for field in fields(Outputs)]),
    ],
)
def test_outputs_are_those_of_the_table(place: str, names: list[str]) -> None:
    fault = difference(place, names, "outputs", [*OUTPUTS])
    assert not fault, fault


@pytest.mark.parametrize("view", [Prediction, Predictions])
def test_predictions_are_the_outputs_of_the_table_and_the_version(view: Any) -> None:
    names = [field.name for field in fields(view)]
    place = f"{view.__name__} in schema.py"
    fault = difference(place, names, "outputs", [*OUTPUTS, "model_version"])
    assert not fault, fault


def difference(place: str, names: Sequence[str], table: str, expected: Sequence[str]) -> str:
    """Say how the names of a place differ from those of a table in SCHEMA; nothing if they agree."""
    lacking = [name for name in expected if name not in names]
    unknown = [name for name in names if name not in expected]
    if lacking or unknown:
        faults = [f"lacks {name}" for name in lacking]
        faults += [f"has {name}, which SCHEMA.{table} lacks" for name in unknown]
        return f"{place} {', and '.join(faults)}"
    if list(names) != list(expected):
        return f"{place} has the order {', '.join(names)}; SCHEMA has {', '.join(expected)}"
    return ""


# The proto


@each("message, field", FIELDS)
def test_a_field_of_a_message_is_of_its_kind(message: str, field: Field) -> None:
    single, column = single_words(field), column_words(field)
    for name, expected in ((message, single), (f"{message}Columns", column)):
        found = pb.DESCRIPTOR.message_types_by_name[name].fields_by_name.get(field.name)
        assert found, f"message {name} in {PROTO} lacks {field.name}"
        place = f"{name}.{field.name} in {PROTO} is {words_of(found)}"
        assert words_of(found) == expected, f"{place}; {field_words(field)} takes {expected}"


def single_words(field: Field) -> str:
    """Return how Instance or Prediction declares a field."""
    if isinstance(field, LabelVector):
        return f"repeated {wire_type(field)}"
    if isinstance(field, Tensor | VaryingTensor):
        ragged = field.dims.count(None) > 1
        return tensor_words(field) if ragged else f"repeated {wire_type(field)}"
    return f"optional {wire_type(field)}"


def column_words(field: Field) -> str:
    """Return how a message of columns declares a field."""
    is_tensor = isinstance(field, VaryingTensor | LabelVector)
    element = tensor_words(field) if is_tensor else wire_type(field)
    return f"repeated {element}"


def tensor_words(field: Field) -> str:
    """Return how the message of an array of any shape is declared."""
    return f"message (repeated int64 shape, repeated {wire_type(field)} values)"


def words_of(field: FieldDescriptor) -> str:
    """Return how the proto declares a field: a message by what is in it, an enum as such."""
    name = FieldDescriptorProto.Type.Name(field.type)  # type: ignore[arg-type]
    words = name.removeprefix("TYPE_").lower()
    if field.message_type:
        inner = (f"{words_of(each)} {each.name}" for each in field.message_type.fields)
        words = f"message ({', '.join(inner)})"
    if field.is_repeated:
        return f"repeated {words}"
    return f"optional {words}" if field.has_presence and not field.message_type else words


def field_words(field: Field) -> str:
    """Return a field as the table in schema.py has it, in short."""
    kind = type(field).__name__
    return f"{kind}({field.name!r}, dtype={field.dtype}, dims={field.dims}) in SCHEMA"


@each("message, field", LABELLED)
def test_labels_are_those_of_the_enum(message: str, field: Label) -> None:
    labels = {name: label for label, name in LABEL.findall((ROOT / PROTO).read_text("utf-8"))}
    found = pb.DESCRIPTOR.message_types_by_name[message].fields_by_name.get(field.name)
    assert found, f"message {message} in {PROTO} lacks {field.name}"
    assert found.enum_type, f"{message}.{field.name} in {PROTO} is no enum"
    place = f"enum {found.enum_type.name} in {PROTO}"
    unset, *values = found.enum_type.values
    assert unset.number == 0, f"{place} begins with {unset.name}, which is not 0"
    assert unset.name.endswith("_UNSPECIFIED"), f"{place} has {unset.name} for no label"
    in_proto = {value.number: labels.get(value.name) for value in values}
    labelled = zip(field.numbers, field.labels, strict=True)
    in_schema = {number: " ".join(label.split()) for number, label in labelled}
    for number in sorted(in_proto.keys() | in_schema.keys()):
        one, other = in_proto.get(number), in_schema.get(number)
        assert one == other, f"{place} says {one!r} of {number}; {field.name} in SCHEMA, {other!r}"


@each("message, field", VECTORS)
def test_vectors_have_a_place_for_each_number_of_a_label(message: str, field: LabelVector) -> None:
    fields = (f for name, f in FIELDS.values() if name == message and isinstance(f, Label))
    same = [f for f in fields if (f.labels, f.numbers) == (field.labels, field.numbers)]
    place = f"{field.name} in SCHEMA"
    assert same, f"{place} has labels and numbers that no field of labels beside it has"
    widths = {width_of(message, each.name) for each in same}
    assert field.width in widths, f"{place} has width {field.width}; its labels had {widths}"


def width_of(message: str, name: str) -> int:
    """Return the largest number that a label of a field has in the proto, or had."""
    found = pb.DESCRIPTOR.message_types_by_name[message].fields_by_name.get(name)
    assert found, f"message {message} in {PROTO} lacks {name}"
    assert found.enum_type, f"{message}.{name} in {PROTO} is no enum"
    enum = EnumDescriptorProto()
    found.enum_type.CopyToProto(enum)
    gone = [number for part in enum.reserved_range for number in (part.start, part.end)]
    return max(gone + [value.number for value in enum.value])


# The views


@each("field", INPUTS)
def test_an_input_may_be_left_out_if_it_has_a_default(field: Field) -> None:
    is_required = field.name in Instance.__required_keys__
    need = "has a default" if field.optional else "has no default"
    place = f"Instance.{field.name} in schema.py is {'Required' if is_required else 'NotRequired'}"
    assert is_required != field.optional, f"{place}, and the field {need} in SCHEMA"


@each("field", INPUTS)
def test_an_input_has_its_types_in_the_views(field: Field) -> None:
    value = ArrayLike if isinstance(field, Tensor | VaryingTensor) else value_type(field)
    if isinstance(field, LabelVector):
        value = mapping_type(Mapping, field)
    given = value | None if field.optional else value
    require_type(Instance, field, given)
    require_type(Inputs, field, array_type(field))


@each("field", OUTPUTS)
def test_an_output_has_its_types_in_the_views(field: Field) -> None:
    array = array_type(field)
    is_array = isinstance(field, Tensor | VaryingTensor)
    single = array if is_array else value_type(field)
    if isinstance(field, LabelVector):
        single = mapping_type(dict, field)
    is_column = isinstance(field, Number | Flag | Tensor)
    require_type(Outputs, field, GenericAlias(Sequence, (array,)) if field.varies else array)
    require_type(Prediction, field, single)
    require_type(Predictions, field, array if is_column else GenericAlias(list, (single,)))


def require_type(view: Any, field: Field, expected: Any) -> None:
    """Check the type that a view in schema.py has for a field."""
    found = get_type_hints(view).get(field.name)
    place = f"{view.__name__}.{field.name} in schema.py is {found}"
    assert found == expected, f"{place}; {field_words(field)} takes {expected}"


def array_type(field: Field) -> Any:
    """Return the type of the arrays of a field."""
    element: Any = field.dtype.type
    return NDArray[element]


def mapping_type(kind: Any, field: LabelVector) -> Any:
    """Return the type of a mapping of labels to numbers."""
    return GenericAlias(kind, (Literal[field.labels], PYTHON_TYPES[field.dtype.kind]))


def value_type(field: Field) -> Any:
    """Return the type of one value."""
    if isinstance(field, Label):
        return Literal[field.labels]
    if isinstance(field, Image):
        return bytes
    return field.text_type or PYTHON_TYPES[field.dtype.kind]
