"""Writes small ONNX models of many kinds, each with the answers of onnxruntime to a few rows.

uv run --no-project --with onnx==1.23.2 --with onnxruntime==1.32.0 --with skl2onnx==1.20.0 \
  --with scikit-learn==1.9.1 --with pandas python tests/helpers/zoo/make_onnx.py FOLDER
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

Rows = list[dict[str, Any]]
Feeds = Callable[[Mapping[str, Any]], dict[str, np.ndarray]]
Answer = Callable[[list[Any]], dict[str, Any]]

RNG = np.random.default_rng(0)
X, Y = load_iris(return_X_y=True)
X = X.astype(np.float32)
SPECIES = np.array(["setosa", "versicolor", "virginica"])
FLOWERS = [{"X": X[row].tolist()} for row in (0, 60, 77, 120, 149)]


def write(
    folder: Path, model: onnx.ModelProto, rows: Rows, feeds: Feeds, answer: Answer, **how: Any
) -> None:
    """Save a model, and what it answers to each row alone."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "model.onnx", **how)
    session = onnxruntime.InferenceSession(folder / "model.onnx" if how else in_c_locale(model))
    answers = [answer(session.run(None, feeds(row))) for row in rows]
    made_by = f"onnxruntime {onnxruntime.__version__}"
    content = {"made_by": made_by, "rows": rows, "answers": answers}
    (folder / "answers.json").write_text(json.dumps(content, indent=1) + "\n")


def in_c_locale(model: onnx.ModelProto) -> bytes:
    """The model with a locale that every system has."""
    copy = onnx.ModelProto.FromString(model.SerializeToString())
    for node in copy.graph.node:
        if node.op_type == "StringNormalizer":
            node.attribute.append(helper.make_attribute("locale", "C.UTF-8"))
    return bytes(copy.SerializeToString())


def array(name: str, dtype: type = np.float32) -> Feeds:
    """One row of one input, with a leading 1."""
    return lambda row: {name: np.array([row[name]], dtype)}


def write_iris(folder: Path) -> None:
    """Classifiers of the same flowers: with maps, with an array, and for one at a time."""
    by_name = LogisticRegression().fit(X, SPECIES[Y])
    write(
        folder / "onnx_iris_zipmap",
        to_onnx(by_name, X[:1], target_opset=17),
        FLOWERS,
        array("X"),
        lambda got: {
            "output_label": got[0][0],
            "output_probability": [float(got[1][0][each]) for each in SPECIES],
        },
    )
    by_place = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y * 10 - 10)
    write(
        folder / "onnx_iris_tensor",
        to_onnx(by_place, X[:1], options={"zipmap": False}, target_opset=17),
        FLOWERS,
        array("X"),
        lambda got: {"label": str(got[0][0]), "probabilities": got[1][0].tolist()},
    )
    tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, SPECIES[Y])
    fixed = to_onnx(tree, X[:1], options={"zipmap": False}, target_opset=17)
    for value in (*fixed.graph.input, *fixed.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = 1
    write(
        folder / "onnx_iris_fixed",
        fixed,
        FLOWERS,
        array("X"),
        lambda got: {"label": got[0][0], "probabilities": got[1][0].tolist()},
    )


def write_iris_again(folder: Path) -> None:
    """The classifier with an array once more: trained otherwise, and with a label more."""
    large = X[:, 2] > 6
    for name, labels, strength in (
        ("again", Y * 10 - 10, 1e-3),
        ("more", np.where(large, 20, Y * 10 - 10), 1),
    ):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=strength)).fit(X, labels)
        write(
            folder / f"onnx_iris_{name}",
            to_onnx(model, X[:1], options={"zipmap": False}, target_opset=17),
            FLOWERS,
            array("X"),
            lambda got: {"label": str(got[0][0]), "probabilities": got[1][0].tolist()},
        )


def write_columns(folder: Path) -> None:
    """A pipeline with numbers, whole numbers and text, an input each."""
    table = pd.DataFrame(
        {
            "age": X[:, 0],
            "kids": (X[:, 1] * 2).astype(np.int64),
            "city": np.where(X[:, 2] > 3, "Oslo", "Roma"),
        }
    )
    split = ColumnTransformer(
        [
            ("numbers", StandardScaler(), ["age"]),
            ("words", OneHotEncoder(handle_unknown="ignore"), ["city"]),
        ]
    )
    model = make_pipeline(split, LogisticRegression()).fit(table, np.where(Y > 0, "yes", "no"))
    rows: Rows = [
        {"age": 5.25, "kids": 7, "city": "Oslo"},
        {"age": 4.0, "kids": 0, "city": "Roma"},
        {"age": 6.5, "kids": 2, "city": "Bern"},
    ]
    write(
        folder / "onnx_columns",
        to_onnx(model, table, options={"zipmap": False}, target_opset=17),
        rows,
        lambda row: {
            "age": np.array([[row["age"]]], np.float32),
            "kids": np.array([[row["kids"]]], np.int64),
            "city": np.array([[row["city"]]], object),
        },
        lambda got: {"label": got[0][0], "probabilities": got[1][0].tolist()},
    )


def write_regressors(folder: Path) -> None:
    """One number an instance, and two that the file gives a wrong width."""
    for name, targets in (("regressor", X[:, 3]), ("regressor_two", X[:, 2:])):
        forest = RandomForestRegressor(3, max_depth=3, random_state=0).fit(X[:, :2], targets)
        write(
            folder / f"onnx_{name}",
            to_onnx(forest, X[:1, :2], target_opset=17),
            [{"X": X[row, :2].tolist()} for row in (0, 60, 120)],
            array("X"),
            lambda got: {
                "variable": got[0][0, 0].item() if got[0].size == 1 else got[0][0].tolist()
            },
        )


def write_text(folder: Path) -> None:
    """Words counted whatever their case, which needs a locale."""
    texts = ["Good movie", "bad film", "GREAT stuff", "awful thing"] * 5
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, ["pos", "neg"] * 10)
    inputs = [("text", StringTensorType([None, 1]))]
    write(
        folder / "onnx_text",
        to_onnx(model, initial_types=inputs, options={"zipmap": False}, target_opset=17),
        [{"text": "good stuff"}, {"text": "An AWFUL film"}, {"text": "nothing known"}],
        lambda row: {"text": np.array([[row["text"]]], object)},
        lambda got: {"label": got[0][0], "probabilities": got[1][0].tolist()},
    )


def value(name: str, kind: int, dims: list[Any]) -> onnx.ValueInfoProto:
    """An input or an output."""
    return helper.make_tensor_value_info(name, kind, dims)


def graph(
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    outputs: list[onnx.ValueInfoProto],
    **constants: np.ndarray,
) -> onnx.ModelProto:
    """A model of these nodes."""
    tensors = [numpy_helper.from_array(content, name) for name, content in constants.items()]
    made = helper.make_graph(nodes, "tiny", inputs, outputs, tensors)
    opsets = [helper.make_opsetid("", 17)]
    model = helper.make_model(made, opset_imports=opsets, ir_version=8)
    onnx.checker.check_model(model)
    return model


def write_linear(folder: Path) -> None:
    """A linear layer: with its weights in another file, and in half precision."""
    for name, kind, dtype in (
        ("external", TensorProto.FLOAT, np.float32),
        ("half", TensorProto.FLOAT16, np.float16),
    ):
        model = graph(
            [helper.make_node("MatMul", ["x", "weights"], ["y"])],
            [value("x", kind, ["batch", 4])],
            [value("y", kind, ["batch", 3])],
            weights=RNG.normal(size=(4, 3)).astype(dtype),
        )
        how: dict[str, Any] = {}
        if name == "external":
            how = {"save_as_external_data": True, "location": "weights/w.bin", "size_threshold": 0}
            (folder / f"onnx_{name}" / "weights").mkdir(parents=True, exist_ok=True)
            (folder / f"onnx_{name}" / "weights" / "w.bin").unlink(missing_ok=True)
        rows = [{"x": RNG.normal(size=4).astype(dtype).tolist()} for _ in range(3)]
        write(
            folder / f"onnx_{name}",
            model,
            rows,
            array("x", dtype),
            lambda got: {"y": got[0][0].tolist()},
            **how,
        )


def write_whole(folder: Path) -> None:
    """A sum of tables of one size, as an export of an example of three rows is."""
    model = graph(
        [helper.make_node("Add", ["a", "b"], ["sum"])],
        [value("a", TensorProto.FLOAT, [3, 4]), value("b", TensorProto.FLOAT, [3, 4])],
        [value("sum", TensorProto.FLOAT, [3, 4])],
    )
    tables = [RNG.normal(size=(2, 3, 4)).astype(np.float32).tolist() for _ in range(2)]
    write(
        folder / "onnx_whole",
        model,
        [{"a": a, "b": b} for a, b in tables],
        lambda row: {name: np.array(row[name], np.float32) for name in ("a", "b")},
        lambda got: {"sum": got[0].tolist()},
    )


def write_state(folder: Path) -> None:
    """A detector of speech in small: sound, a state with the batch in its middle, and a rate."""
    model = graph(
        [
            helper.make_node("ReduceMean", ["input"], ["loudness"], axes=[1], keepdims=1),
            helper.make_node("Cast", ["sr"], ["rate"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["loudness", "rate"], ["output"]),
            helper.make_node("Unsqueeze", ["output", "first"], ["change"]),
            helper.make_node("Add", ["state", "change"], ["stateN"]),
        ],
        [
            value("input", TensorProto.FLOAT, [None, None]),
            value("state", TensorProto.FLOAT, [2, None, 4]),
            value("sr", TensorProto.INT64, []),
        ],
        [
            value("output", TensorProto.FLOAT, [None, 1]),
            value("stateN", TensorProto.FLOAT, [None, None, None]),
        ],
        first=np.array([0], np.int64),
    )
    rows = [
        {
            "input": RNG.normal(size=size).astype(np.float32).tolist(),
            "state": RNG.normal(size=(2, 4)).astype(np.float32).tolist(),
            "sr": rate,
        }
        for size, rate in ((6, 8), (6, 8), (6, 16), (9, 8))
    ]
    write(
        folder / "onnx_state",
        model,
        rows,
        lambda row: {
            "input": np.array([row["input"]], np.float32),
            "state": np.array(row["state"], np.float32)[:, None],
            "sr": np.array(row["sr"], np.int64),
        },
        lambda got: {"output": got[0].item(), "stateN": got[1][:, 0].tolist()},
    )


def main(folder: Path) -> None:
    """Write all of them."""
    write_iris(folder)
    write_iris_again(folder)
    write_columns(folder)
    write_regressors(folder)
    write_text(folder)
    write_linear(folder)
    write_whole(folder)
    write_state(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
