"""The files that must say the same: the proto, the stubs, and schema.py."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from kitchen.schema import (
    COLOUR_LABELS,
    KIND_LABEL_LABELS,
    KIND_LABELS,
    LABEL_LABELS,
    SCHEMA,
    Inputs,
    Instance,
    Outputs,
    Prediction,
    Predictions,
)
from kitchen.v1 import service_pb2 as pb

ROOT = Path(__file__).parent.parent


def test_the_stubs_are_what_protoc_makes_of_the_proto(tmp_path: Path) -> None:
    command = [sys.executable, "scripts/compile_proto.py", "--out", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=30)
    stubs = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]
    assert stubs
    for stub in stubs:
        old, new = ROOT / "src" / stub, tmp_path / stub
        assert old.read_text() == new.read_text(), f"{stub} is stale: make proto"


@pytest.mark.parametrize("message", [pb.Instance, pb.InstanceColumns])
def test_inputs_are_the_same_in_the_proto_and_in_python(message: Any) -> None:
    names = list(message.DESCRIPTOR.fields_by_name)
    assert [field.name for field in SCHEMA.inputs] == names
    assert [field.name for field in fields(Inputs)] == names
    assert list(Instance.__annotations__) == names


@pytest.mark.parametrize("message", [pb.Prediction, pb.PredictionColumns])
def test_outputs_are_the_same_in_the_proto_and_in_python(message: Any) -> None:
    names = list(message.DESCRIPTOR.fields_by_name)
    assert [field.name for field in SCHEMA.outputs] == names
    assert [field.name for field in fields(Outputs)] == names
    assert [field.name for field in fields(Prediction)] == [*names, "model_version"]
    assert [field.name for field in fields(Predictions)] == [*names, "model_version"]


@pytest.mark.parametrize(
    ("labels", "label", "number"),
    [
        (KIND_LABELS, "a", pb.KIND_A),
        (KIND_LABELS, "b c", pb.KIND_B_C),
        (KIND_LABELS, "ü/ö", pb.KIND_U_O),
        (COLOUR_LABELS, "red", pb.COLOUR_RED),
        (COLOUR_LABELS, "green", pb.COLOUR_GREEN),
        (LABEL_LABELS, "x", pb.LABEL_X),
        (LABEL_LABELS, "y", pb.LABEL_Y),
        (LABEL_LABELS, "z z", pb.LABEL_Z_Z),
        (KIND_LABEL_LABELS, "p", pb.KIND_LABEL_P),
        (KIND_LABEL_LABELS, "q", pb.KIND_LABEL_Q),
    ],
)
def test_a_label_stands_where_its_number_in_the_proto_says(
    labels: tuple[str, ...], label: str, number: int
) -> None:
    assert labels[number - 1] == label


@pytest.mark.parametrize(
    ("labels", "enum"),
    [
        (KIND_LABELS, pb.Kind),
        (COLOUR_LABELS, pb.Colour),
        (LABEL_LABELS, pb.Label),
        (KIND_LABEL_LABELS, pb.KindLabel),
    ],
)
def test_every_number_but_0_has_a_label(labels: tuple[str, ...], enum: Any) -> None:
    assert enum.values() == list(range(len(labels) + 1))
