"""Folders that MLflow saved a model into: ``MLmodel`` and what it names.

A model of a library that has a reader of its own is served by that library; the signature adds
names and types that the library's file has lost. Any other model is loaded by
``mlflow.pyfunc.load_model``, with facts such as::

    {
        "folder": true,                                     # what is loaded is the folder itself
        "takes": "frame",                                   # or "array", or "tensors" by name
        "columns": [{"name": "age", "dtype": "float64"}],   # as MLflow insists on them, in order
        "named": true,                                      # false: a frame's columns have places
        "gives": "array",                                   # or "frame", or "tensors"
        "answers": [{"name": "prediction", "dtype": "float32"}]
    }
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...language.errors import quoted
from ...language.fields import SCALARS
from ..boosters import lightgbm, xgboost
from ..common.opening import SourceError
from ..common.plain import mapping, text
from ..common.signature import ModelFile, Part, Runtime, Signature
from ..onnx import reader as onnx
from ..sklearn import reader as sklearn
from .example import rows
from .folder import broken, example_of, files_of, main_of, packages_of
from .overlay import overlaid
from .signature import INFER, Side, params_note, side

PYFUNC = "python_function"
# The flavors with readers of their own, each with the key that names its file.
FLAVORS = {"sklearn": "pickled_model", "xgboost": "data", "lightgbm": "data", "onnx": "data"}


def read(path: Path) -> Signature:
    """Read the folder of a model.

    Raises:
        SourceError: If it is none, or one that cannot be served.
    """
    files = files_of(path)
    main = main_of(files)
    try:
        return _signature(files, main)
    except (KeyError, ValueError):
        raise broken() from None


def _signature(files: Mapping[str, ModelFile], main: Mapping[str, Any]) -> Signature:
    signature = mapping(main.get("signature") or {})
    takes = side(signature.get("inputs"), "input")
    gives = side(signature.get("outputs"), "prediction")
    notes = params_note(signature.get("params"))
    flavors = mapping(main["flavors"])
    model, fault = _native(files, flavors)
    if model:
        model = overlaid(model, takes)
        notes += _class_note(flavors)
    else:
        model = _pyfunc(files, main, takes, gives)
        notes += [f"MLflow itself loads it, since {fault}."] if fault else []
    return replace(model, notes=(*model.notes, *notes), rows=rows(example_of(files), model.inputs))


def _native(
    files: Mapping[str, ModelFile], flavors: Mapping[str, Any]
) -> tuple[Signature | None, str]:
    """What the reader of the model's own library says, or else why it cannot."""
    function = mapping(flavors.get(PYFUNC) or {})
    name = text(function.get("loader_module", "")).removeprefix("mlflow.")
    if name not in FLAVORS or name not in flavors or function.get("code"):
        return None, ""
    place = text(mapping(flavors[name]).get(FLAVORS[name], ""))
    if place not in files:
        raise SourceError(
            f"the folder has no file {quoted(place)}", "save the model again with mlflow"
        )
    try:
        return _reader(name, place)(files[place].path), ""
    except SourceError as error:
        return None, error.fault


def _class_note(flavors: Mapping[str, Any]) -> list[str]:
    """What to tell of a classifier whose file has no more than its trees."""
    if "Classifier" not in str(mapping(flavors.get("xgboost") or {}).get("model_class", "")):
        return []
    return ["MLflow answers with a class; the service, with what that is decided by."]


def _reader(name: str, place: str) -> Callable[[Path], Signature]:
    if name == "sklearn":
        return sklearn.read_skops if place.endswith(".skops") else sklearn.read_pickle
    if name == "xgboost":
        return xgboost.read
    return lightgbm.read if name == "lightgbm" else onnx.read


def _pyfunc(
    files: Mapping[str, ModelFile], main: Mapping[str, Any], takes: Side | None, gives: Side | None
) -> Signature:
    """What the signature says of a model that only MLflow can load."""
    flavor = mapping(mapping(main["flavors"]).get(PYFUNC) or {})
    loader = text(flavor.get("loader_module", ""))
    if not all(word.isidentifier() for word in loader.split(".")):
        raise SourceError("MLflow has no Python function for it", "save it with a flavor that has")
    if not takes or not gives:
        what = "takes" if not takes else "answers"
        raise SourceError(f"it has no signature of what it {what}", INFER)
    facts = {
        "folder": True,
        "takes": takes.form,
        "columns": [_dtype(part) for part in takes.parts],
        "named": takes.named,
        "gives": gives.form,
        "answers": [_dtype(part) for part in gives.parts],
    }
    packages, notes = packages_of(files, main)
    if version := str(flavor.get("python_version") or ""):
        notes.append(
            f"It was saved by Python {version[:20]}: pickled code may not load in another version."
        )
    # Whatever they are called, installing them may run code of theirs.
    runtime = Runtime("pyfunc", facts, packages, tuple(files.values()), (loader,), True, packages)
    outputs = tuple(replace(part, default=None, about="") for part in gives.parts)
    return Signature(takes.parts, outputs, runtime, tuple(notes))


def _dtype(part: Part) -> dict[str, str]:
    return {"name": part.name, "dtype": SCALARS[part.type].dtype}
