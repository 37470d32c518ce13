"""Tells what kind of source a path names, by its first bytes and then by its suffix, and reads it."""

from collections.abc import Callable, Iterator
from pathlib import Path

from .boosters import catboost, lightgbm, xgboost
from .common.opening import SourceError, opened
from .common.signature import Signature
from .common.zips import unzipped
from .hub import reader as hub
from .mlflow import reader as mlflow
from .onnx import reader as onnx
from .samples import csv_files as samples_csv
from .samples import json_rows as samples_json
from .samples import json_schema, numpy_files, parquet
from .sklearn import reader as sklearn
from .torch import export as torch_export
from .torch import script as torchscript

Reader = Callable[[Path], Signature]
KINDS = (
    "name an ONNX file, a scikit-learn model (.joblib, .pkl, .skops), an XGBoost model (.ubj, .json), "
    "a LightGBM model (.txt), a CatBoost model (.cbm), a PyTorch program (.pt2, .pt), an MLflow "
    "folder, a folder of a tokenizer and an ONNX file, or a sample of inputs (.csv, .parquet, "
    ".jsonl, .npy, .npz, JSON Schema)"
)
TO_ONNX = "export it to ONNX"
TO_PROGRAM = 'save it with torch.export.save(torch.export.export(model, args), "model.pt2")'
# How files begin that are no model to be read, what they are, and what to do instead.
REFUSED = (
    (b"GGUF", "a GGUF language model", "serve it with a server for language models"),
    (b"\x89HDF", "a Keras model in HDF5", 'save it with model.export("model.onnx", format="onnx")'),
    (b"binf", "an XGBoost model of the old format", 'save it with model.save_model("model.ubj")'),
    (b"\x04\x22\x4d\x18", "a file compressed with LZ4", "save it with compress=3, which is zlib"),
)
# How compressed pickles begin, as joblib writes them: zlib, gzip, bzip2, xz and lzma.
COMPRESSED = (b"\x78", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x5d\x00\x00")
PICKLE = b"\x80"
HEAD = 64


def read(path: Path, fragment: str = "") -> Signature:
    """What a source says.

    Args:
        path: A file of a model, a folder of a model, or a sample of inputs.
        fragment: Which part of a document is meant, as in ``openapi.json#/components/schemas/Row``.

    Raises:
        SourceError: If it cannot be read, or is none that can be served.
    """
    if path.is_dir():
        return _read_folder(path)
    with opened(path) as view:
        head = bytes(view[:HEAD])
    if fragment:
        return json_schema.read(path, fragment)
    for start, what, instead in REFUSED:
        if head.startswith(start):
            raise SourceError(f"it is {what}", instead)
    reader = next(filter(None, (by(path, head) for by in (_by_start, _by_suffix))), None)
    if reader is None:
        raise SourceError("it is no model and no sample that is known", KINDS)
    return reader(path)


def _read_folder(path: Path) -> Signature:
    if (path / "MLmodel").is_file():
        return mlflow.read(path)
    if (path / "saved_model.pb").is_file():
        raise SourceError(
            "it is a TensorFlow SavedModel",
            "export it with python -m tf2onnx.convert --saved-model FOLDER --output model.onnx",
        )
    if any((path / name).is_file() for name in hub.NAMES):
        return hub.read(path)
    raise SourceError("the folder has no model that is known", KINDS)


def _by_start(path: Path, head: bytes) -> Reader | None:
    """The reader for files that begin so, if that says enough."""
    if head.startswith(b"PK\x03\x04"):
        return _zip_reader(path)
    if head.startswith(b"CBM1"):
        return catboost.read
    if head.startswith(b"PAR1"):
        return parquet.read
    if head.startswith(b"\x93NUMPY"):
        return numpy_files.read
    if head.startswith(PICKLE):
        return sklearn.read_pickle
    if head.startswith((b"tree\n", b"tree\r\n")):
        return lightgbm.read
    if head.startswith(b"{") and head[1:2] in b"iUIlL" and len(head) > 1:
        return xgboost.read
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return _json_reader(path)
    if head[8:9] == b"{" and not any(head[4:8]):
        raise SourceError("it is a safetensors file, weights without a model", TO_ONNX)
    return None


def _by_suffix(path: Path, head: bytes) -> Reader | None:
    """The reader for files that are called so."""
    suffix = path.suffix.lower()
    if suffix in (".onnx", ".ort") or head.startswith(b"\x08"):
        return onnx.read
    if head.startswith(COMPRESSED) or suffix in (".pkl", ".pickle", ".joblib"):
        return sklearn.read_pickle
    if suffix in (".csv", ".tsv", ".txt"):
        return samples_csv.read
    if suffix in (".yaml", ".yml"):
        return json_schema.read
    return None


def _json_reader(path: Path) -> Reader | None:
    with opened(path) as view:
        kind = samples_json.json_kind(view)
    readers = {
        "rows": samples_json.read,
        "schema": json_schema.read,
        "openapi": json_schema.read,
        "xgboost": xgboost.read,
    }
    return readers.get(kind)


def _zip_reader(path: Path) -> Reader | None:
    """The reader for an archive, by the names in it."""
    with unzipped(path) as archive:
        names = [entry.filename for entry in archive.infolist()]
    if "schema.json" in names:
        return sklearn.read_skops
    if any(name.endswith("/models/model.json") for name in names):
        return torch_export.read
    if any("/code/__torch__" in name for name in names):
        return torchscript.read
    if names and all(name.endswith(".npy") for name in names):
        return numpy_files.read
    for fault, instead in _refused_zips(names):
        raise SourceError(fault, instead)
    return None


def _refused_zips(names: list[str]) -> Iterator[tuple[str, str]]:
    last = {name.rpartition("/")[2] for name in names}
    if "config.json" in last and "model.weights.h5" in last:
        yield "it is a Keras model", 'save it with model.export("model.onnx", format="onnx")'
    if "serialized_exported_program.json" in last:
        yield "it is a PyTorch program of an old format", TO_PROGRAM
    if any("/data/aotinductor/" in name for name in names):
        yield "it is a PyTorch model compiled for one machine", TO_PROGRAM
    if "data.pkl" in last:
        yield "it holds PyTorch's weights or a pickled module, not a program", TO_PROGRAM
    if "workbook.xml" in last:
        yield "it is a spreadsheet", "save it as CSV"
