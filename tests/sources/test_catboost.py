"""What a file of CatBoost tells, and what it cannot do to its reader."""

import json
import random
import time
from functools import partial
from pathlib import Path

import faults
import pytest

from grpc_ml_template.sources.boosters.catboost import read
from grpc_ml_template.sources.common.signature import Part, Signature

fault_of = partial(faults.fault_of, read)

MODELS = Path(__file__).parent / "models"


def model_of(name: str) -> Path:
    return MODELS / f"catboost_{name}" / "model.cbm"


def read_as(tmp_path: Path, name: str, loss: bytes) -> Signature:
    """What a model says once its file names another loss, in as many bytes."""
    content = model_of(name).read_bytes()
    start = content.index(b'"loss_function":{"type":"') + len(b'"loss_function":{"type":"')
    end = content.index(b'"', start)
    longer = len(loss) - (end - start)
    before, after = content[:start], content[end:]
    if longer > 0:
        before = before.replace(b":false", b":true", longer)
    path = tmp_path / "model.cbm"
    path.write_bytes(before + loss + b'"' + b" " * -longer + after[1:])
    assert len(path.read_bytes()) == len(content)
    return read(path)


def answers_of(signature: Signature) -> object:
    assert signature.runtime is not None
    return signature.runtime.facts["answers"]


def test_columns_keep_their_order_and_categories_are_texts() -> None:
    signature = read(model_of("categories"))
    about = "A category, as text"
    assert signature.inputs == (
        Part("mean radius", "float", default="nan"),
        Part("visits", "float"),
        Part("member", "float"),
        Part("color", "string", about=about),
        Part("zone", "string", about=about),
    )
    assert signature.runtime is not None
    assert not signature.runtime.needs_trust
    assert signature.runtime.facts == {
        "columns": ["mean radius", "visits", "member", "color", "zone"],
        "cells": True,
        "answers": [{"type": "Class", "place": None}, {"type": "Probability", "place": None}],
    }
    assert any('categories of "color", "zone"' in note for note in signature.notes)


def test_only_numbers_that_had_gaps_in_training_may_be_missing() -> None:
    assert [part.default for part in read(model_of("categories")).inputs][:3] == ["nan", None, None]
    assert read(model_of("multiclass")).inputs == (Part("features", "float", (4,)),)


def test_columns_of_words_are_texts() -> None:
    radius, color, note = read(model_of("texts")).inputs
    assert (radius.type, color.type, note.type) == ("float", "string", "string")
    assert (color.about, note.about) == ("A category, as text", "")


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("categories", ("no", "yes")),
        ("texts", ("False", "True")),
        ("multiclass", ("0.0", "1.5", "3.0")),
    ],
)
def test_classes_are_the_labels_that_the_library_answers(
    name: str, labels: tuple[str, ...]
) -> None:
    assert read(model_of(name)).outputs == (
        Part("label", "enum", labels=labels),
        Part("probabilities", "double", labels_of="label"),
    )
    answers = json.loads(model_of(name).with_name("answers.json").read_text("utf-8"))
    assert {row["label"] for row in answers["answers"]} <= set(labels)


def test_counts_are_asked_for_as_exponents() -> None:
    signature = read(model_of("counts"))
    assert signature.outputs == (Part("prediction", "double"),)
    assert answers_of(signature) == [{"type": "Exponent", "place": None}]


def test_a_model_that_knows_how_sure_it_is_tells_the_variance() -> None:
    signature = read(model_of("uncertain"))
    assert [part.name for part in signature.outputs] == ["prediction", "variance"]
    kind = "RMSEWithUncertainty"
    assert answers_of(signature) == [{"type": kind, "place": 0}, {"type": kind, "place": 1}]


def test_what_ranks_answers_with_scores(tmp_path: Path) -> None:
    signature = read_as(tmp_path, "counts", b"YetiRank")
    assert [part.name for part in signature.outputs] == ["score"]
    assert answers_of(signature) == [{"type": "RawFormulaVal", "place": None}]


def test_several_numbers_without_names_are_a_tensor(tmp_path: Path) -> None:
    (output,) = read_as(tmp_path, "uncertain", b"MultiRMSE").outputs
    assert output == Part("predictions", "double", (2,))


def test_labels_that_may_all_be_true_are_a_probability_each(tmp_path: Path) -> None:
    (output,) = read_as(tmp_path, "multiclass", b"MultiLogloss").outputs
    about = "Of each label: 0.0, 1.5, 3.0"
    assert output == Part("probabilities", "double", (3,), about=about)


def test_a_share_without_names_of_classes_is_the_probability_of_class_1(tmp_path: Path) -> None:
    signature = read_as(tmp_path, "counts", b"Logloss")
    assert [part.name for part in signature.outputs] == ["probability"]
    assert answers_of(signature) == [{"type": "Probability", "place": 1}]


def test_what_is_no_such_file_is_refused_with_the_call_that_writes_one(tmp_path: Path) -> None:
    path = tmp_path / "model.cbm"
    for content in (b"CBM1", b"CBM1" + bytes(60), b"CBM1\xff\xff\xff\xff" + bytes(600), b"tree\n"):
        path.write_bytes(content)
        assert 'save it with model.save_model("model.cbm")' in fault_of(path)


def test_a_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    whole = model_of("categories").read_bytes()
    size = int.from_bytes(whole[4:8], "little") + 8
    path = tmp_path / "model.cbm"
    for length in range(1, size, 53):
        path.write_bytes(whole[:length])
        assert fault_of(path)


def test_no_change_to_a_file_breaks_its_reader(tmp_path: Path) -> None:
    whole = model_of("categories").read_bytes()
    seeded = random.Random(5)
    path = tmp_path / "model.cbm"
    for turn in range(500):
        content = bytearray(whole)
        for _ in range(seeded.randint(1, 6)):
            place = seeded.randrange(8, 1200 if turn % 2 else len(content))
            content[place] = seeded.choice(b"\x00\x01\x04\xff\xfe\x7f" + bytes(range(256)))
        path.write_bytes(content)
        assert "\n" not in fault_of(path)


def test_offsets_that_lead_to_one_place_again_and_again_are_bounded(tmp_path: Path) -> None:
    began = time.process_time()
    path = tmp_path / "model.cbm"
    for kind in (4, 5, 12):
        path.write_bytes(bomb(kind))
        assert "no whole model" in fault_of(path)
    assert time.process_time() - began < 6


def bomb(kind: int, count: int = 150_000) -> bytes:
    """A file with a column again and again, whose name has a million letters."""
    number = kind == 5
    vtable = (14).to_bytes(2, "little") + (12).to_bytes(2, "little")
    places = [0, 0, 0, 0, 8] if number else [0, 0, 8, 0, 0]
    vtable += b"".join(each.to_bytes(2, "little") for each in places)
    # The root, its trees, the list of columns, a column and its name, one after the other.
    trees_at, list_at = 40, 120
    column_at = list_at + 4 + 4 * count + 20
    name_at = column_at + 12
    content = bytearray(name_at + 4 + 1_000_000)

    def put(place: int, *numbers: int, size: int = 4) -> None:
        for step, value in enumerate(numbers):
            start = place + size * step
            content[start : start + size] = value.to_bytes(size, "little")

    put(0, 16)
    put(8, 8, 8, 0, 4, size=2)  # The fields of the root: its trees are the second.
    put(16, 8, trees_at - 20)
    fields = [0] * 19
    fields[kind] = 4
    put(trees_at + 8, 4 + 2 * 19, 8, *fields, size=2)
    put(trees_at, (trees_at - (trees_at + 8)) % 2**32, list_at - trees_at - 4)
    put(list_at, count)
    for each in range(count):
        start = list_at + 4 + 4 * each
        content[start : start + 4] = (column_at - start).to_bytes(4, "little")
    content[column_at - 14 : column_at] = vtable
    put(column_at, 14, 0, name_at - column_at - 8)
    put(name_at, 1_000_000)
    content[name_at + 4 :] = b"a" * 1_000_000
    return b"CBM1" + len(content).to_bytes(4, "little") + bytes(content)
