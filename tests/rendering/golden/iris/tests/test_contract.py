"""The files that must say the same: the proto, the stubs, and schema.py."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from iris_classifier.schema import (
    SCHEMA,
    SPECIES_LABELS,
    Inputs,
    Instance,
    Outputs,
    Prediction,
    Predictions,
)
from iris_classifier.v1 import service_pb2 as pb

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
        (SPECIES_LABELS, "setosa", pb.SPECIES_SETOSA),
        (SPECIES_LABELS, "versicolor", pb.SPECIES_VERSICOLOR),
        (SPECIES_LABELS, "virginica", pb.SPECIES_VIRGINICA),
    ],
)
def test_a_label_stands_where_its_number_in_the_proto_says(
    labels: tuple[str, ...], label: str, number: int
) -> None:
    assert labels[number - 1] == label


@pytest.mark.parametrize(
    ("labels", "enum"),
    [
        (SPECIES_LABELS, pb.Species),
    ],
)
def test_every_number_but_0_has_a_label(labels: tuple[str, ...], enum: Any) -> None:
    assert enum.values() == list(range(len(labels) + 1))
