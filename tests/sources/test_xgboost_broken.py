"""What a broken or hostile file of XGBoost cannot do to its reader."""

import random
import time
from functools import partial
from pathlib import Path

import faults
import pytest

from grpc_ml_template.sources.boosters import ubjson
from grpc_ml_template.sources.boosters.xgboost import read

fault_of = partial(faults.fault_of, read)
refusal = partial(faults.refusal, read)

MODELS = Path(__file__).parent / "models"
FORMATS = ("ubj", "json")


def model_of(name: str, form: str) -> Path:
    return MODELS / f"xgboost_{name}_{form}" / f"model.{form}"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"binf\x00\x00\x00?" + bytes(100), "old binary format"),
        (b"\x80\x04\x95" + bytes(100), "it is a pickle"),
        (b'[{"nodeid": 0}]', "no model of XGBoost"),
        (b'{"learner": {}}', "no trees begin"),
    ],
)
def test_what_is_no_such_file_is_refused_with_the_call_that_writes_one(
    tmp_path: Path, content: bytes, fault: str
) -> None:
    path = tmp_path / "model.ubj"
    path.write_bytes(content)
    message = refusal(path)
    assert fault in message
    assert 'save it with model.save_model("model.ubj")' in message


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, form: str) -> None:
    whole = model_of("categories", form).read_bytes()
    path = tmp_path / "model"
    for length in range(1, len(whole) - 1, 61):
        path.write_bytes(whole[:length])
        assert refusal(path)


@pytest.mark.parametrize("form", FORMATS)
def test_no_change_to_a_file_breaks_its_reader(tmp_path: Path, form: str) -> None:
    whole = model_of("categories", form).read_bytes()
    seeded = random.Random(4)
    path = tmp_path / "model"
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(seeded.randint(1, 6)):
            # Nearly all of the reading is of what is before the trees.
            content[seeded.randrange(min(len(content), 1200))] = seeded.randrange(256)
        path.write_bytes(content)
        assert "\n" not in fault_of(path)


def key(name: bytes) -> bytes:
    return b"L" + len(name).to_bytes(8, "big") + name


@pytest.mark.parametrize(
    "value",
    [
        b"[$l#L" + (1 << 40).to_bytes(8, "big"),
        b"[$Z#L" + (1 << 40).to_bytes(8, "big"),
        b"[#L" + (1 << 40).to_bytes(8, "big"),
        b"[#L" + (-1).to_bytes(8, "big", signed=True),
        b"SL" + (1 << 40).to_bytes(8, "big"),
        b"[" * 100_000,
        b"{" + key(b"a") * 1000,
        b"H",
    ],
)
def test_sizes_and_depths_that_cannot_be_are_refused_at_once(tmp_path: Path, value: bytes) -> None:
    path = tmp_path / "model.ubj"
    start = b"{" + key(b"learner") + b"{" + key(b"attributes")
    end = key(b"trees") + b"[]" + key(b"learner_model_param") + b"{}}}"
    path.write_bytes(start + value + end)
    began = time.process_time()
    assert "no whole model" in refusal(path)
    assert time.process_time() - began < 2


def test_the_trees_of_a_large_file_are_not_read(tmp_path: Path) -> None:
    whole = model_of("binary", "ubj").read_bytes()
    path = tmp_path / "model.ubj"
    trees = whole.index(key(b"trees")) + len(key(b"trees"))
    rest = whole.index(key(b"learner_model_param"))
    with path.open("wb") as file:
        file.write(whole[:trees] + b"[")
        file.seek(1 << 30)
        file.write(whole[rest:])
    began = time.process_time()
    assert read(path).outputs == read(model_of("binary", "ubj")).outputs
    assert time.process_time() - began < 2


def test_every_kind_of_value_is_read() -> None:
    content = (
        b"{" + key(b"a") + b"[i\xffU\xffI\x01\x00l\x00\x01\x00\x00TFZ]" + key(b"b") + b"[$d#i\x01"
        b"\x3f\x80\x00\x00" + key(b"c") + b"Si\x02\xc3\xa9" + key(b"d") + b"D\x3f\xf0" + bytes(6)
    )
    values = {"a": [-1, 255, 256, 65536, True, False, None], "b": [1.0], "c": "é", "d": 1.0}
    assert ubjson.read(content + b"}rest") == (values, len(content) + 1)
