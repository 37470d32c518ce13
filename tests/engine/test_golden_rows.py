"""Golden rows are kept so that people can read them, and come back as they were."""

import json
from pathlib import Path

import numpy as np
import pytest
from contract import SCHEMA, Inputs
from engine.fields import Tensor
from engine.models.golden import Golden, example, original, read_golden, write_golden
from engine.models.retraining import fitting

INSTANCES: list[dict[str, object]] = [{"x": 1.5, "count": None, "series": [1.0, 2.0]}]


def kept(
    path: Path, instances: list[dict[str, object]], answers: list[dict[str, object]]
) -> Golden:
    """Return golden rows after they have been written and read."""
    write_golden(path, Golden("library 1.0", instances, answers))
    return read_golden(path)


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "golden.json"
    answers: list[dict[str, object]] = [{"y": np.float64(0.1), "colour": "red"}]
    assert kept(path, INSTANCES, answers) == Golden("library 1.0", INSTANCES, answers)
    assert [each.name for each in tmp_path.iterdir()] == ["golden.json"]


def test_a_row_is_a_line_and_its_floats_are_as_short_as_they_can_be(tmp_path: Path) -> None:
    path = tmp_path / "golden.json"
    rows: list[dict[str, object]] = [{"x": np.array([0.1, 0.25], np.float32)}] * 2
    golden = kept(path, rows, [{"y": np.float32(0.1)}] * 2)
    lines = [line for line in path.read_text().splitlines() if "instance" in line]
    assert lines[0] == '    {"instance": {"x": [0.1, 0.25]}, "answer": {"y": 0.1}},'
    assert len(lines) == 2
    assert np.float32(golden.answers[0]["y"]) == np.float32(0.1)


def test_large_arrays_and_bytes_come_back_to_the_last_bit(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).random((32, 32), np.float32)
    row: dict[str, object] = {"x": picture, "data": b"\x00\xff"}
    golden = kept(tmp_path / "golden.json", [row], [{"y": 1}])
    [found] = golden.instances
    assert found["data"] == b"\x00\xff"
    assert found["x"].dtype == np.float32
    np.testing.assert_array_equal(found["x"], picture)


def test_rows_without_answers_are_rows_that_people_have_put_there(tmp_path: Path) -> None:
    path = tmp_path / "golden.json"
    path.write_text(json.dumps({"rows": [{"instance": INSTANCES[0]}]}))
    assert read_golden(path) == Golden("", INSTANCES, [])
    assert read_golden(tmp_path / "none.json") == Golden()


def test_values_that_a_model_knows_stay_until_rows_are_made_of_them(tmp_path: Path) -> None:
    path = tmp_path / "golden.json"
    path.write_text(json.dumps({"known": {"count": [3, 4]}, "rows": []}))
    golden, dropped = fitting(SCHEMA, read_golden(path))
    assert golden.known == {"count": [3, 4]}
    assert not dropped


@pytest.mark.parametrize(
    "text", ["", "[]", '{"rows": [], "known": 3}', '{"rows": 3}', '{"rows": [{"answer": {}}]}', "{"]
)
def test_another_file_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "golden.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"golden\.json"):
        read_golden(path)


def test_what_is_missing_has_its_default_for_the_library() -> None:
    fields = [*SCHEMA.inputs, Tensor("z", np.float64, (2,), default=np.nan, alias="Z")]
    found = original(fields, {**INSTANCES[0], "z": None})
    assert found["count"] == 3
    assert found["series"] == [1.0, 2.0]
    np.testing.assert_array_equal(found["Z"], [np.nan, np.nan])


def test_the_first_row_is_the_example_and_without_one_it_is_made_up(tmp_path: Path) -> None:
    path = tmp_path / "golden.json"
    assert isinstance(example(SCHEMA, path), Inputs)
    write_golden(path, Golden("library", INSTANCES, [{"y": 1, "colour": "red"}]))
    found = example(SCHEMA, path)
    assert found.x.tolist() == [1.5]
    assert found.count.tolist() == [3]
    assert found.series.tolist() == [[1, 2]]
