"""What clients make of odd Python values, and of answers that do not fit their schema."""

import decimal
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pandas as pd
import polars as pl
import pytest
from baking import bake, compile_stubs
from packages import Package
from samples import SAMPLES
from serving import importable
from strategies import png

INSTANCE: dict[str, Any] = {
    "age": 40,
    "height": 1.8,
    "weight": 70.5,
    "small": 5,
    "flag": True,
    "opt_flag": False,
    "name": "Ada",
    "nick": "a",
    "blob": b"x",
    "optblob": b"y",
    "kind": "b c",
    "colour": "red",
    "vec": [0.5, 0.25, 1],
    "mat": [[1, 2, 3], [4, 5, 6]],
    "words": ["a", "b"],
    "tokens": [1, 2],
    "seq": [[1], [2], [3]],
    "ragged": [[0.5]],
    "strs": ["a"],
    "photo": png(np.zeros((8, 8, 3), np.uint8)),
    "free": png(np.zeros((2, 3, 3), np.uint8)),
    "mask": [True, False, True, False],
    "pix": [[1, 2], [3, 4]],
    "big": 2**63,
}
ODD: list[Any] = [
    None,
    pd.NA,
    pd.NaT,
    math.nan,
    math.inf,
    0,
    1,
    5,
    -1,
    300,
    2**40,
    2**70,
    1.0,
    5.0,
    5.5,
    -0.0,
    1e300,
    True,
    "",
    "5",
    "5.1",
    "a",
    "red",
    "\ud800",
    b"",
    b"x",
    b"\xff",
    bytearray(b"x"),
    1j,
    decimal.Decimal("5"),
    np.float32(5),
    np.float32(5.5),
    np.float16(5),
    np.float64("nan"),
    np.int64(5),
    np.uint8(5),
    np.bool_(True),
    np.str_("a"),
    np.bytes_(b"a"),
    np.datetime64(5, "s"),
    np.timedelta64(5, "s"),
    np.array(5),
    np.array(5.0),
    np.array([5.0]),
    [],
    [5],
    [5.0],
    ["a"],
    ["a", "b"],
    [b"a", b"b"],
    [None, 1.0, 2.0],
    [0.5, math.nan, 1.0],
    [0.5, 1, 1e300],
    [True, False, True, False],
    ["1", "2", "3"],
    (1, 0, 1),
    [[1, 2], [3]],
    [[1, 2], [3, 4]],
    [[1.5, 2.0], [3.0, 4.0]],
    [[1, 2], [3, 300]],
    np.zeros((0, 64)),
    np.zeros((3, 0)),
    np.zeros((3, 2)),
    np.zeros((2, 3), np.int64),
    {},
    {"a": 1},
    {1, 2},
    range(3),
    object(),
]


@contextmanager
def imported(folder: Path, name: str, answers: dict[str, str]) -> Iterator[Package]:
    """Bake and compile a project, and import its package."""
    project = bake(folder, **answers, model_name="Box", package_name=name)
    compile_stubs(project)
    with importable(project):
        yield Package(name)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Package]:
    """A package whose schema has every kind of field."""
    folder = tmp_path_factory.mktemp("values")
    with imported(folder, "box_of_values", SAMPLES["kitchen"]) as package:
        yield package


Outcome = tuple[str, list[Any]]


def one(package: Package, instance: dict[str, Any], name: str) -> Outcome:
    """Return what comes of an instance alone: the faults, or what the model sees of the field."""
    try:
        message = package.conversion.to_instance(instance)
    except package.error as error:
        return "refused", list(error.violations)
    if faults := package.batches.check(message):
        return "refused", [(f"instance.{field}", fault) for field, fault in faults]
    return "taken", [getattr(package.batches.gather([message]), name).tolist()]


def many(package: Package, columns: dict[str, Any], name: str) -> Outcome:
    """Return what comes of a batch of one row, with paths like those of an instance."""
    try:
        message = package.conversion.to_columns(columns)
    except package.error as error:
        return "refused", [in_one(*found) for found in error.violations]
    try:
        read = package.batches.read(message)
    except package.InvalidError as error:
        return "refused", [in_one(f"instances.{field}", fault) for field, fault in error.violations]
    return "taken", [getattr(read[0], name).tolist()]


def in_one(path: str, fault: str) -> tuple[str, str]:
    """Return a fault of the first row of columns as one of an instance."""
    assert path.startswith("instances.")
    return re.sub(r"^instances\.(\w+)\[0\]", r"instance.\1", path), fault


def element_left_out(outcome: Outcome) -> Outcome:
    """Leave out which element of a tensor is wrong: columns of flat tensors only tell the row."""
    kind, found = outcome
    if kind == "taken":
        return kind, found
    return kind, list(dict.fromkeys((re.sub(r"\[.*", "", path), fault) for path, fault in found))


def as_object_array(value: Any) -> Any:
    column = np.empty(1, np.object_)
    column[0] = value
    return column


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", INSTANCE)
def test_a_value_is_taken_or_refused_alone_as_it_is_in_a_batch(package: Package, name: str) -> None:
    columns = {other: [value] for other, value in INSTANCE.items()}
    # Any Python list; an array of objects, as text columns of data frames are; a pandas column.
    forms: list[Callable[[Any], Any]] = [lambda value: [value], as_object_array, as_series]
    taken = 0
    for value in [INSTANCE[name], *ODD]:
        alone = element_left_out(one(package, {**INSTANCE, name: value}, name))
        taken += alone[0] == "taken"
        for form in forms:
            batch = element_left_out(many(package, {**columns, name: form(value)}, name))
            assert repr(batch) == repr(alone), f"{value!r} in {form(value)!r}"
    assert taken


def as_series(value: Any) -> Any:
    return pd.Series(as_object_array(value), dtype=object)


def typed_columns() -> Iterator[Any]:
    """Yield columns of one row that data frames and arrays have a type of their own for."""
    for dtype in ("float32", "float64", "int8", "int64", "uint64", "bool"):
        yield np.ones(1, dtype)
        yield pd.Series(np.ones(1, dtype))
    yield np.full(1, np.nan)
    yield np.full(1, 1e300)
    yield np.full(1, 5.5)
    for kind in ("Int64", "Float64", "boolean", "string"):
        yield pd.array([None], kind)
        yield pd.Series([None], dtype=kind)
    yield pd.Series([1], dtype="Int64")
    yield pd.Series([1.5], dtype="Float64")
    yield pd.Series(["a"], dtype="category")
    for polars_type in (pl.Float64, pl.Float32, pl.Int64, pl.Boolean, pl.String, pl.Binary):
        yield pl.Series([None], dtype=polars_type)
    yield pl.Series([1.5])
    yield pl.Series([1])
    yield pl.Series([True])
    yield pl.Series(["a"])
    yield pl.Series([b"a"])


@pytest.mark.parametrize("name", [n for n, v in INSTANCE.items() if not isinstance(v, list)])
def test_a_typed_column_is_taken_as_its_values_are(package: Package, name: str) -> None:
    columns = {other: [value] for other, value in INSTANCE.items()}
    for column in typed_columns():
        [value] = list(column)
        alone = element_left_out(one(package, {**INSTANCE, name: value}, name))
        batch = element_left_out(many(package, {**columns, name: column}, name))
        assert repr(batch) == repr(alone), repr(column)


def rows_of(count: int, **columns: Any) -> dict[str, Any]:
    """Return so many rows of all inputs; these columns take the place of what they hold."""
    return {name: [value] * count for name, value in INSTANCE.items()} | columns


def test_a_column_that_is_wider_than_one_value_a_row_is_refused_with_its_shape(
    package: Package,
) -> None:
    for name in ("height", "small", "name", "colour"):
        with pytest.raises(package.error) as caught:
            package.conversion.to_columns(rows_of(2, **{name: np.zeros((2, 3))}))
        fault = "expected one value a row, got a column of shape 2 x 3"
        assert caught.value.violations == ((f"instances.{name}", fault),)


@pytest.mark.parametrize("column", [{1: 2}, {1, 2}, np.array(5), "text", b"bytes", 5, None])
def test_what_is_no_column_is_refused(package: Package, column: Any) -> None:
    for name in ("height", "small", "colour", "vec"):
        with pytest.raises(package.error, match=f"instances.{name}: expected a column, got "):
            package.conversion.to_columns({name: column})


def test_a_value_that_is_missing_in_a_column_is_the_default(package: Package) -> None:
    message = package.conversion.to_columns(
        {
            "age": [None, 5],
            "weight": pl.Series([None, 5.0]),
            "opt_flag": [None, False],
            "nick": pd.Series([None, "a"], dtype=object),
            "optblob": [None, b"x"],
            "kind": [None, "b c"],
            "mat": [None, np.ones((2, 3))],
        }
    )
    assert list(message.age) == [30, 5]
    assert [*map(str, message.weight)] == ["nan", "5.0"]
    assert list(message.opt_flag) == [True, False]
    assert list(message.nick) == ["it's", "a"]
    assert list(message.optblob) == [b"a'b\"c", b"x"]
    assert list(message.kind) == [1, 2]
    assert list(message.mat) == [0.5] * 6 + [1] * 6


@pytest.mark.parametrize("missing", [None, math.nan, np.nan, pd.NA], ids=repr)
@pytest.mark.parametrize("dtype", [object, "str", "category", None], ids=str)
def test_what_pandas_has_for_a_missing_value_is_the_default(
    package: Package, missing: Any, dtype: Any
) -> None:
    frame = pd.DataFrame({"kind": pd.Series(["b c", missing], dtype=dtype)})
    assert list(package.conversion.to_columns(frame).kind) == [2, 1]
    frame = pd.DataFrame({"nick": pd.Series(["a", missing], dtype=dtype)})
    assert list(package.conversion.to_columns(frame).nick) == ["a", "it's"]


def test_a_gap_in_a_column_of_integers_is_the_default(package: Package) -> None:
    for column in (
        pd.Series([5, None]),
        np.array([5.0, math.nan]),
        pd.Series([5, None], dtype="Int64"),
    ):
        assert list(package.conversion.to_columns({"age": column}).age) == [5, 30]
    with pytest.raises(package.error) as caught:
        package.conversion.to_columns(rows_of(2, small=np.array([5.0, math.nan])))
    assert caught.value.violations == (("instances.small[1]", "required"),)


def test_a_value_that_is_missing_in_a_required_column_is_named_by_its_row(package: Package) -> None:
    for name, column in {
        "height": [1.5, None],
        "small": [1, None],
        "colour": ["red", None],
    }.items():
        with pytest.raises(package.error) as caught:
            package.conversion.to_columns(rows_of(2, **{name: column}))
        assert caught.value.violations == ((f"instances.{name}[1]", "required"),)


def test_a_wrong_name_is_refused_with_the_one_that_may_be_meant(package: Package) -> None:
    with pytest.raises(package.error) as caught:
        package.conversion.to_columns({"heigth": [1], "quite_other": [2]})
    assert caught.value.violations == (
        ("instances.heigth", "the model has no such input; did you mean height?"),
        ("instances.quite_other", "the model has no such input"),
    )


@pytest.mark.parametrize(
    ("name", "value", "shape"),
    [
        ("tokens", [], "0"),
        ("strs", np.array([], np.object_), "0"),
        ("seq", np.zeros((3, 0)), "3 x 0"),
        ("ragged", np.zeros((0, 64)), "0 x 64"),
    ],
)
def test_a_tensor_without_values_is_told_from_one_that_is_missing(
    package: Package, name: str, value: Any, shape: str
) -> None:
    sends: dict[str, Callable[[], object]] = {
        f"instance.{name}": lambda: package.conversion.to_instance({**INSTANCE, name: value}),
        f"instances.{name}[0]": lambda: package.conversion.to_columns(
            rows_of(1, **{name: [value]})
        ),
    }
    for path, send in sends.items():
        with pytest.raises(package.error) as caught:
            send()
        fault = f"expected at least one value along each dimension, got shape {shape}"
        assert caught.value.violations == ((path, fault),)


def test_the_server_asks_for_a_value_where_it_cannot_tell_empty_from_missing(
    package: Package,
) -> None:
    message = package.conversion.to_instance(INSTANCE)
    message.ClearField("tokens")
    message.ragged.Clear()
    message.ragged.shape.extend([0, 64])
    assert package.batches.check(message) == [
        ("tokens", "at least one value is required"),
        ("ragged", "expected at least one value along each dimension, got shape 0 x 64"),
    ]


# Answers


def prediction(package: Package) -> Any:
    """Return an answer that fits."""
    pb = package.pb
    return pb.Prediction(
        y=1,
        label=1,
        kind=2,
        note="n",
        raw=b"r",
        n=3,
        ok=True,
        probs=[1, 2, 3],
        words=["a", "b"],
        boxes=[1, 2, 3, 4],
        dense=pb.DoubleTensor(shape=[1, 2], values=[1, 2]),
        texts=["t"],
        pic=b"p",
        thumb=b"q",
        scores=[1, 2, 3],
    )


def predictions(package: Package) -> Any:
    """Return an answer of two rows that fits."""
    pb = package.pb
    return pb.PredictionColumns(
        y=[1, 2],
        label=[1, 3],
        kind=[2, 1],
        note=["n", "m"],
        raw=[b"r", b"s"],
        n=[3, 4],
        ok=[True, False],
        probs=[1, 2, 3] * 2,
        words=["a", "b"] * 2,
        boxes=[pb.FloatTensor(shape=[1, 4], values=[1, 2, 3, 4])] * 2,
        dense=[pb.DoubleTensor(shape=[1, 2], values=[1, 2])] * 2,
        texts=[pb.StringTensor(values=["t"])] * 2,
        pic=[b"p"] * 2,
        thumb=[b"q"] * 2,
        scores=[pb.FloatTensor(values=[1, 2, 3])] * 2,
    )


def change(name: str, value: Any) -> Callable[[Any], None]:
    """Return what sets a field of a message to something else."""

    def spoil(message: Any) -> None:
        message.ClearField(name)
        message.MergeFrom(type(message)(**{name: value}))

    return spoil


UNFIT_ANSWERS = [
    ("label", lambda message: message.ClearField("label"), "it is not set"),
    ("label", change("label", 0), "there is no label of number 0"),
    ("label", change("label", 4), "there is no label of number 4"),
    ("kind", change("kind", -1), "there is no label of number -1"),
    ("y", lambda message: message.ClearField("y"), "it is not set"),
    ("pic", lambda message: message.ClearField("pic"), "it is not set"),
    ("probs", change("probs", [1, 2]), "expected shape 3, got 2 values"),
    ("probs", change("probs", []), "expected shape 3, got 0 values"),
    ("words", change("words", ["a"] * 3), "expected shape 2, got 3 values"),
    ("boxes", change("boxes", [1] * 5), "expected shape ? x 4, got 5 values"),
    ("scores", change("scores", [1] * 2), "expected at least 3 values, got 2"),
    ("dense", lambda message: message.ClearField("dense"), "it is not set"),
    (
        "dense",
        change("dense", {"shape": [2], "values": [1, 2]}),
        "expected shape ? x ?, got shape 2",
    ),
    (
        "dense",
        change("dense", {"shape": [2, 2], "values": [1]}),
        "expected shape 2 x 2, got 1 values",
    ),
]


@pytest.mark.parametrize(("name", "spoil", "fault"), UNFIT_ANSWERS)
def test_an_answer_that_does_not_fit_is_an_error_that_names_the_field(
    package: Package, name: str, spoil: Callable[[Any], None], fault: str
) -> None:
    message = prediction(package)
    package.conversion.to_prediction(message, "1")
    spoil(message)
    with pytest.raises(package.error) as caught:
        package.conversion.to_prediction(message, "1")
    assert_unfit(caught.value, f"prediction.{name}", fault)
    result = package.conversion.to_result(package.pb.StreamPredictResponse(prediction=message))
    assert_unfit(result, f"prediction.{name}", fault)


def assert_unfit(error: Any, path: str, fault: str) -> None:
    """Check that an error says this, and what to do."""
    assert error.code is grpc.StatusCode.INTERNAL
    told = f"{fault}; server and client have different schemas; update the older one"
    assert error.violations == ((path, told),)
    assert str(error) == f"INTERNAL: {path}: {told}"


UNFIT_COLUMNS = [
    ("label[1]", change("label", [1, 0]), "there is no label of number 0"),
    ("label[0]", change("label", [4, 1]), "there is no label of number 4"),
    ("label", change("label", []), "expected 2 rows, as many as there are instances, got 0"),
    ("note", change("note", ["a"]), "expected 2 rows, as many as there are instances, got 1"),
    ("probs", change("probs", [1] * 5), "expected shape ? x 3, got 5 values"),
    ("probs", change("probs", [1] * 3), "expected 2 rows, as many as there are instances, got 1"),
    (
        "boxes[1]",
        change("boxes", [{"shape": [1, 4], "values": [1] * 4}, {"shape": [2, 2]}]),
        "expected shape ? x 4, got shape 2 x 2",
    ),
    (
        "dense[0]",
        change("dense", [{"values": [1, 2]}] * 2),
        "expected shape ? x ?, got 2 values",
    ),
]


@pytest.mark.parametrize(("path", "spoil", "fault"), UNFIT_COLUMNS)
def test_columns_that_do_not_fit_are_an_error_that_names_the_field_and_the_row(
    package: Package, path: str, spoil: Callable[[Any], None], fault: str
) -> None:
    message = predictions(package)
    package.conversion.to_predictions(message, "1", rows=2)
    spoil(message)
    with pytest.raises(package.error) as caught:
        package.conversion.to_predictions(message, "1", rows=2)
    assert_unfit(caught.value, f"predictions.{path}", fault)


def test_an_answer_of_wider_integers_than_the_client_knows_is_an_error(tmp_path: Path) -> None:
    outputs = {"inputs": "a: float", "outputs": "y: int8, z: uint8[2]"}
    with imported(tmp_path, "box_of_integers", outputs) as package:
        with pytest.raises(package.error) as caught:
            package.conversion.to_prediction(package.pb.Prediction(y=1, z=[1, 256]), "1")
        assert_unfit(caught.value, "prediction.z", "not every value fits uint8")
        with pytest.raises(package.error) as caught:
            package.conversion.to_predictions(
                package.pb.PredictionColumns(y=[128], z=[1, 2]), "1", rows=1
            )
        assert_unfit(caught.value, "predictions.y", "not every value fits int8")
