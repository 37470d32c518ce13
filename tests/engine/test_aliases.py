"""Data may call an input as it was called where the model was made."""

import dataclasses
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import typer
from contract import SCHEMA, Predictions, pb
from engine.calling.conversion import Conversion
from engine.calling.errors import CallError
from engine.commands.csv_files import predict_csv
from engine.commands.json_files import read_json
from engine.fields import Label, Number, VaryingTensor

INPUTS = [
    Number("x", np.float32, alias="mean x; in cm"),
    Number("count", np.int32, default=3, alias="0"),
    VaryingTensor("series", np.float32, (None,)),
]
OUTPUTS = [Number("y", np.float32, alias="y_hat"), Label("colour", ("red", "green"))]
NAMED = dataclasses.replace(SCHEMA, inputs=INPUTS, outputs=OUTPUTS)
CONVERSION = Conversion(NAMED)


def faults(error: pytest.ExceptionInfo[CallError]) -> dict[str, str]:
    """Return what is wrong, by its path."""
    return dict(error.value.violations)


def test_an_instance_and_columns_may_have_names_or_aliases() -> None:
    expected = pb.Instance(x=1, count=2, series=[1])
    assert CONVERSION.to_instance({"mean x; in cm": 1.0, "0": 2, "series": [1]}) == expected
    assert CONVERSION.to_instance({"x": 1.0, "0": 2, "series": [1]}) == expected
    frame = pd.DataFrame({"0": [2], "mean x; in cm": [1.0], "series": [[1.0]]})
    columns = pd.DataFrame({"x": [1.0], "count": [2], "series": [[1.0]]})
    assert CONVERSION.to_columns(frame) == CONVERSION.to_columns(columns)


def test_an_input_by_both_its_names_is_refused() -> None:
    with pytest.raises(CallError) as caught:
        CONVERSION.to_instance({"mean x; in cm": 1.0, "x": 1.0, "series": [1]})
    told = "it is there twice, as 'mean x; in cm' and as 'x'"
    assert faults(caught) == {"instance.x": told}


def test_a_name_that_is_neither_is_refused_with_the_nearest_of_both() -> None:
    with pytest.raises(CallError) as caught:
        CONVERSION.to_instance({"mean x, in cm": 1.0, "series": [1]})
    told = "the model has no such input; did you mean mean x; in cm?"
    assert faults(caught) == {"instance.mean x, in cm": told}


def test_faults_are_told_by_the_name_of_the_field() -> None:
    with pytest.raises(CallError) as caught:
        CONVERSION.to_columns({"mean x; in cm": ["one"], "series": [[1.0]]})
    assert faults(caught) == {"instances.x[0]": "expected float, got 'one'"}


def test_the_metadata_has_all_aliases_by_path() -> None:
    assert NAMED.aliases == {
        "instance.x": "mean x; in cm",
        "instance.count": "0",
        "prediction.y": "y_hat",
    }


class Echo:
    """Answers each row with its own x."""

    def batch_predict(self, columns: dict[str, list[Any]]) -> Predictions:
        xs = columns["x"]
        return Predictions(y=xs, colour=["red"] * len(xs), model_version="1")  # type: ignore[arg-type]


def test_a_csv_file_may_have_aliases_in_its_header(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("series,mean x; in cm\n[1],0.5\n[2],1.5\n")
    predict_csv(Echo(), NAMED, path, ignore_unknown=False)
    rows = pd.read_csv(StringIO(capsys.readouterr().out))
    assert [*rows.columns] == ["series", "mean x; in cm", "y", "colour"]
    assert rows["y"].tolist() == [0.5, 1.5]


def test_a_csv_file_of_one_column_is_not_taken_for_one_with_other_delimiters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("mean x; in cm\n0.5\n")
    predict_csv(Echo(), NAMED, path, ignore_unknown=False)
    assert "0.5,0.5,red" in capsys.readouterr().out


def test_a_csv_file_with_both_names_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("x,mean x; in cm\n1,2\n")
    with pytest.raises(typer.Exit):
        predict_csv(Echo(), NAMED, path, ignore_unknown=False)
    told = "x: it is there twice, as 'x' and as 'mean x; in cm'"
    assert told in " ".join(capsys.readouterr().err.split())


def test_a_json_file_may_have_aliases(tmp_path: Path) -> None:
    path = tmp_path / "instance.json"
    path.write_text('{"mean x; in cm": 0.5, "series": [1]}')
    assert CONVERSION.to_instance(read_json(NAMED, path)) == pb.Instance(x=0.5, series=[1])
