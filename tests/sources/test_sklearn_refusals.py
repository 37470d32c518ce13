"""Files that are no models of scikit-learn, broken ones and hostile ones: refused in a line."""

import bz2
import contextlib
import lzma
import random
import struct
import time
import zipfile
import zlib
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
from stand_ins import HEAD, TREE, Stand, pickled

from grpc_ml_template.sources.common.opening import SourceError
from grpc_ml_template.sources.common.signature import Signature
from grpc_ml_template.sources.sklearn.reader import read_pickle, read_skops

MODELS = Path(__file__).parent / "models"
NAMES = sorted(folder.name for folder in MODELS.glob("sklearn_*"))


def read_file(path: Path) -> Signature:
    """What a file says."""
    return read_skops(path) if path.suffix == ".skops" else read_pickle(path)


def refusal(path: Path, content: bytes) -> str:
    """The line that says why a file with that content is refused."""
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        read_file(path)
    assert len(str(caught.value).splitlines()) == 1
    assert caught.value.fault
    assert caught.value.fix
    return str(caught.value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"model": TREE, "threshold": 0.5}, 'joblib.dump(saved["model"], "model.joblib")'),
        ([TREE], "a list with a DecisionTreeRegressor in it"),
        ((1, TREE), "joblib.dump(saved[1]"),
        ({"a": 1}, "a dict with 0 models"),
        ({"w": Stand("torch._utils._rebuild_tensor_v2", {})}, "torch.export.save"),
        (Stand("xgboost.sklearn.XGBClassifier", {}), 'model.save_model("model.ubj")'),
        (Stand("lightgbm.sklearn.LGBMClassifier", {}), 'booster_.save_model("model.txt")'),
        (Stand("catboost.core.CatBoostClassifier", {}), 'save_model("model.cbm")'),
        (Stand("keras.src.models.sequential.Sequential", {}), 'model.save("model.keras")'),
        (Stand("pandas.core.frame.DataFrame", {}), "to_parquet"),
        (Stand("__main__.Model", {}), "it holds a __main__.Model"),
        (OrderedDict, "collections.OrderedDict, a class or a function"),
        (len, "builtins.len, a class or a function"),
        ("text", "it holds a str"),
        (None, "it holds a NoneType"),
        (Stand("sklearn.cluster._dbscan.DBSCAN", {"labels_": [1]}), "DBSCAN has no answer"),
        (Stand("sklearn.linear_model._logistic.LogisticRegression", {"C": 1}), "never fitted"),
        (
            Stand("sklearn.neighbors._lof.LocalOutlierFactor", {"offset_": 1}),
            "novelty=True",
        ),
        (
            Stand("sklearn.model_selection._search.GridSearchCV", {"cv_results_": {}}),
            "refit=True",
        ),
        (
            Stand("sklearn.pipeline.Pipeline", {"steps": [("a", Stand("my.Model", {"b_": 1}))]}),
            "ends with a my.Model",
        ),
        (
            Stand("sklearn.feature_extraction._dict_vectorizer.DictVectorizer", {"a_": 1}),
            "takes dicts",
        ),
    ],
)
def test_what_is_no_model_is_refused_with_what_to_do(
    tmp_path: Path, value: Any, words: str
) -> None:
    assert words in refusal(tmp_path / "model.pkl", pickled(value))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04rest", "a zip archive"),
        (b"\x04\x22M\x18rest", "LZ4"),
        (b"ZF0x1", "joblib 0.9"),
        (b"\x89HDF\r\n", "HDF5"),
        (b"import this\n", "no pickle"),
        (HEAD + b"Q.", "no pickle"),
        (HEAD + b"NQ.", "torch.export.save"),
        (b"", "empty"),
    ],
)
def test_other_files_are_refused_with_what_to_do(
    tmp_path: Path, content: bytes, words: str
) -> None:
    assert words in refusal(tmp_path / "model.pkl", content)


def sized(step: bytes, layout: str, size: int) -> bytes:
    """A step that says how long what follows it is."""
    return HEAD + step + struct.pack(layout, size)


HOSTILE = {
    "a terabyte of bytes": sized(b"\x8e", "<Q", 1 << 40),
    "a terabyte of text": sized(b"\x8d", "<Q", 1 << 40),
    "a terabyte of bytearray": sized(b"\x96", "<Q", 1 << 40),
    "the longest bytearray": sized(b"\x96", "<Q", (1 << 64) - 1),
    "four gigabytes of bytes": sized(b"B", "<I", (1 << 32) - 1),
    "four gigabytes of text": sized(b"X", "<I", (1 << 32) - 1),
    "a long number": sized(b"\x8b", "<i", (1 << 31) - 1),
    "a negative number": sized(b"\x8b", "<i", -1),
    "a terabyte of frame": sized(b"\x95", "<Q", 1 << 40),
    "many lists": HEAD + b"]" * 600_000,
    "many marks": HEAD + b"(" * 10_000,
    "many places": HEAD + b"N" + b"\x94" * 2_100_000,
    "a key of tuples": HEAD + b"})" + b"2\x86" * 200 + b"Ns.",
    "a set of tuples": HEAD + b"\x8f()" + b"2\x86" * 200 + b"\x90.",
    "nested tuples": HEAD + b")" + b"\x85" * 100_000 + b".",
    "a line of digits": b"I" + b"9" * 1_000_000 + b"\n.",
    "a place of many digits": b"Np" + b"9" * 4_000 + b"\n.",
    "a long name": b"c" + b"a" * 1_000 + b"\nb\n.",
    "a name with a blank": b"ca b\nc\n.",
    "an extension": HEAD + b"\x82\x01.",
    "buffers elsewhere": HEAD + b"\x97\x98.",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_pickles_are_refused_at_once(tmp_path: Path, kind: str) -> None:
    start = time.process_time()
    refusal(tmp_path / "model.pkl", HOSTILE[kind])
    assert time.process_time() - start < 2


@pytest.mark.parametrize("compress", [zlib.compress, bz2.compress, lzma.compress])
def test_bombs_are_refused_at_once(tmp_path: Path, compress: Any) -> None:
    content = compress(sized(b"B", "<I", (1 << 32) - 1) + bytes(80 << 20))
    start = time.process_time()
    assert "more in it" in refusal(tmp_path / "model.joblib", content)
    assert time.process_time() - start < 2


def test_nothing_that_a_pickle_names_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    for content in (
        f"cos\nsystem\n(S'touch {mark}'\ntR.".encode(),
        pickled(Stand("builtins.eval", {}))[:-1] + b".",
        b"cbuiltins\nopen\n(S'" + str(mark).encode() + b"'\nS'w'\ntR.",
        b"(S'" + str(mark).encode() + b"'\nS'w'\nibuiltins\nopen\n.",
    ):
        refusal(tmp_path / "model.pkl", content)
    assert not mark.exists()


def archive_of(path: Path, schema: str) -> bytes:
    """A .skops file with a schema."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", schema)
    return path.read_bytes()


NEST = '{"__loader__":"ListNode","__class__":"list","__module__":"builtins","content":['


SCHEMAS = {
    "nothing": "",
    "a list": "[]",
    "a dict": "{}",
    "null": "null",
    "nested lists": "[" * 1_000_000,
    "many lists": "[" + "[]," * 600_000 + "[]]",
    "blanks": " " * (60 << 20),
    "digits": "9" * 100_000,
    "a long schema": " " * (50 << 20) + "{}",
    "lists in a text": '{"__loader__":"JsonNode","__class__":"str","__module__":"builtins",'
    '"content":"' + "\\u005b" * 100_000 + '"}',
    "nested nodes": NEST * 300 + "]}" * 300,
    "a name of two lines": '{"__loader__":"ListNode","__class__":"a\\nb","__module__":"c","content":[]}',
}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_hostile_schemas_of_skops_are_refused_at_once(tmp_path: Path, kind: str) -> None:
    content = archive_of(tmp_path / "made.zip", SCHEMAS[kind])
    start = time.process_time()
    refusal(tmp_path / "model.skops", content)
    assert time.process_time() - start < 2


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_ends_early_is_refused(tmp_path: Path, name: str) -> None:
    path = next((MODELS / name).glob("model.*"))
    content = path.read_bytes()
    for end in range(1, len(content) * 9 // 10, max(len(content) // 40, 1)):
        refusal(tmp_path / path.name, content[:end])


@pytest.mark.parametrize("name", NAMES)
def test_mutated_files_are_read_or_refused(tmp_path: Path, name: str) -> None:
    path = next((MODELS / name).glob("model.*"))
    content = path.read_bytes()
    draw = random.Random(name)
    target = tmp_path / path.name
    for _ in range(100):
        mutant = bytearray(content)
        for _ in range(draw.choice([1, 1, 4])):
            mutant[draw.randrange(len(mutant))] = draw.choice([0, 1, 40, 46, 82, 255])
        target.write_bytes(mutant)
        with contextlib.suppress(SourceError):
            read_file(target)
