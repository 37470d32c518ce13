"""What a file of LightGBM tells, and what it cannot do to its reader."""

import random
import time
from functools import partial
from pathlib import Path

import faults
import pytest

from grpc_ml_template.sources.boosters.lightgbm import read
from grpc_ml_template.sources.common.signature import Part, Signature

fault_of = partial(faults.fault_of, read)
refusal = partial(faults.refusal, read)

MODELS = Path(__file__).parent / "models"


def model_of(name: str) -> Path:
    return MODELS / f"lightgbm_{name}" / "model.txt"


def read_changed(tmp_path: Path, name: str, *changes: tuple[str, str]) -> Signature:
    """What a model says once texts in its file were replaced."""
    content = model_of(name).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in content
        content = content.replace(old, new)
    path = tmp_path / "model.txt"
    path.write_text(content, encoding="utf-8")
    return read(path)


def test_columns_without_names_are_one_tensor_that_may_have_gaps() -> None:
    signature = read(model_of("binary"))
    assert signature.inputs == (Part("features", "double", (4,), default="nan"),)
    assert signature.outputs == (Part("probability", "double", about="The probability of class 1"),)
    assert signature.runtime is not None
    assert signature.runtime.facts == {
        "columns": None,
        "categories": {},
        "answer": "probability",
        "libgomp": True,
    }


def test_columns_tell_their_categories_and_what_training_saw() -> None:
    signature = read(model_of("categories"))
    radius, visits, member, color, zone = signature.inputs
    assert (radius.name, radius.type, radius.default) == ("mean_radius", "double", "nan")
    assert radius.about.endswith(" in training")
    assert visits.about == "0 to 8 in training"
    assert member.type == "double"
    assert (color.type, color.labels) == ("enum", ("blue", "green", "light blue", "red"))
    assert (zone.type, zone.default) == ("int64", None)
    assert signature.runtime is not None
    assert signature.runtime.facts["categories"]["zone"] == [10, 20, 30]


def test_a_user_is_told_that_blanks_in_names_are_lost() -> None:
    assert any("writes _ for blanks" in note for note in read(model_of("categories")).notes)
    assert not any("writes _ for blanks" in note for note in read(model_of("binary")).notes)


def test_probabilities_of_classes_are_a_tensor_since_the_labels_are_lost(tmp_path: Path) -> None:
    expected = (Part("probabilities", "double", (3,), about="Of each class"),)
    assert read(model_of("multiclass")).outputs == expected
    one_vs_all = ("objective=multiclass num_class:3", "objective=multiclassova num_class:3")
    assert read_changed(tmp_path, "multiclass", one_vs_all).outputs == expected


@pytest.mark.parametrize(
    ("objective", "name"),
    [
        ("regression sqrt", "prediction"),
        ("lambdarank", "score"),
        ("cross_entropy", "probability"),
        ("of_tomorrow", "prediction"),
    ],
)
def test_an_answer_is_called_what_the_objective_makes_it(
    tmp_path: Path, objective: str, name: str
) -> None:
    change = ("objective=regression\n", f"objective={objective}\n")
    (output,) = read_changed(tmp_path, "regression", change).outputs
    assert (output.name, output.type, output.dims) == (name, "double", None)


def test_scores_of_an_objective_of_ones_own_are_called_so(tmp_path: Path) -> None:
    one = read_changed(tmp_path, "regression", ("objective=regression\n", ""))
    assert [part.name for part in one.outputs] == ["score"]
    assert any("function of one's own" in note for note in one.notes)
    three = read_changed(tmp_path, "multiclass", ("objective=multiclass num_class:3\n", ""))
    assert [(part.name, part.dims) for part in three.outputs] == [("scores", (3,))]


def test_forests_and_linear_trees_are_read_too(tmp_path: Path) -> None:
    change = ("objective=regression\n", "objective=regression\naverage_output\n")
    linear = ("is_linear=0", "is_linear=1")
    signature = read_changed(tmp_path, "regression", change, linear)
    assert signature.outputs == read(model_of("regression")).outputs


def test_categories_given_as_numbers_are_codes(tmp_path: Path) -> None:
    kept = model_of("categories").read_text(encoding="utf-8").splitlines()
    lists = next(line for line in kept if line.startswith("pandas_categorical:"))
    signature = read_changed(tmp_path, "categories", (lists, "pandas_categorical:null"))
    assert [part.type for part in signature.inputs][3:] == ["int64", "int64"]
    assert any('does not list the categories of "color", "zone"' in n for n in signature.notes)


@pytest.mark.parametrize("lists", ['[["lo", "hi"]]', '[["a", "b"], [1, 2], ["lo", "hi"]]'])
def test_categories_that_could_be_of_another_column_are_refused(tmp_path: Path, lists: str) -> None:
    content = model_of("categories").read_text(encoding="utf-8")
    start = content[: content.index("pandas_categorical:")]
    path = tmp_path / "model.txt"
    path.write_text(f"{start}pandas_categorical:{lists}\n", encoding="utf-8")
    assert "does not say which ones" in refusal(path)
    assert "unordered categories of pandas" in refusal(path)


def test_categories_of_several_kinds_are_refused(tmp_path: Path) -> None:
    content = model_of("categories").read_text(encoding="utf-8")
    path = tmp_path / "model.txt"
    path.write_text(content.replace("[10, 20, 30]", '[10, "20", 30]'), encoding="utf-8")
    assert '"zone" are of several kinds; make all of them texts' in refusal(path)


def test_a_column_that_training_saw_no_change_in_keeps_its_categories(tmp_path: Path) -> None:
    content = model_of("categories").read_text(encoding="utf-8")
    infos = next(line for line in content.splitlines() if line.startswith("feature_infos="))
    changed = " ".join([*infos.split(" ")[:-1], "none"])
    signature = read_changed(tmp_path, "categories", (infos, changed))
    assert signature.inputs == read(model_of("categories")).inputs


def test_what_is_no_such_file_is_refused_with_the_call_that_writes_one(tmp_path: Path) -> None:
    path = tmp_path / "model.txt"
    for content in ('{"name": "tree"}', "tree\nversion=v4\n", "a,b\n1,2\n"):
        path.write_text(content, encoding="utf-8")
        assert 'save it with model.save_model("model.txt")' in refusal(path)


def test_a_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    whole = model_of("categories").read_bytes()
    path = tmp_path / "model.txt"
    for length in range(1, len(whole) - 3, 61):
        path.write_bytes(whole[:length])
        assert refusal(path)


def test_no_change_to_a_file_breaks_its_reader(tmp_path: Path) -> None:
    whole = model_of("categories").read_bytes()
    seeded = random.Random(4)
    path = tmp_path / "model.txt"
    for turn in range(300):
        content = bytearray(whole)
        for _ in range(seeded.randint(1, 4)):
            place = seeded.randrange(300) if turn % 3 else -1 - seeded.randrange(120)
            content[place] = seeded.choice(b'0123456789 :=[],"\n-eE\x00\xff' + bytes(range(32, 99)))
        path.write_bytes(content)
        assert "\n" not in fault_of(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("max_feature_idx=4", f"max_feature_idx={'9' * 5000}"),
        ("max_feature_idx=4", "max_feature_idx=-1"),
        ("num_class=1", "num_class=999999999999"),
        ("num_class=1", "num_class=0"),
        ("[0:8]", f"[0:{'9' * 5000}]"),
        ("pandas_categorical:", f"pandas_categorical:{'[' * 100_000}"),
        ("pandas_categorical:[", "pandas_categorical:[3, "),
        ("[10, 20, 30]", "[[10], [20], [30]]"),
        ("[10, 20, 30]", "[10, 20, 20]"),
        ('"light blue"', '"\\ud800"'),
        ("[categorical_feature: 3,4]", "[categorical_feature: 3,999999]"),
        ("[categorical_feature: 3,4]", f"[categorical_feature: {'9' * 5000}]"),
    ],
)
def test_numbers_and_depths_that_cannot_be_are_refused_at_once(
    tmp_path: Path, old: str, new: str
) -> None:
    began = time.process_time()
    content = model_of("categories").read_text(encoding="utf-8")
    path = tmp_path / "model.txt"
    path.write_text(content.replace(old, new, 1), encoding="utf-8")
    fault = fault_of(path)
    assert not fault or "no whole model" in fault or "categories of" in fault
    assert time.process_time() - began < 2


def test_the_trees_of_a_large_file_are_not_read(tmp_path: Path) -> None:
    whole = model_of("binary").read_bytes()
    path = tmp_path / "model.txt"
    trees, rest = whole.index(b"\nTree=0"), whole.index(b"\nend of trees")
    with path.open("wb") as file:
        file.write(whole[: trees + 8])
        file.seek(1 << 30)
        file.write(whole[rest:])
    began = time.process_time()
    assert read(path).outputs == read(model_of("binary")).outputs
    assert time.process_time() - began < 2
