"""What a folder of MLflow tells, and what it cannot do to its reader."""

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import faults
import pytest

from grpc_ml_template.sources.common.signature import Part
from grpc_ml_template.sources.mlflow.folder import files_of
from grpc_ml_template.sources.mlflow.reader import read

refusal = partial(faults.refusal, read)

MODELS = Path(__file__).parent / "models"


def model_of(name: str) -> Path:
    return MODELS / f"mlflow_{name}" / "model"


def column(type_: str, name: str | None = None, **more: Any) -> dict[str, Any]:
    return {"type": type_, **({"name": name} if name else {}), **more}


def tensor(dtype: str, shape: list[int], name: str | None = None) -> dict[str, Any]:
    return column("tensor", name, **{"tensor-spec": {"dtype": dtype, "shape": shape}})


def folder(
    tmp_path: Path,
    inputs: Any = (),
    outputs: Any = ({"type": "double"},),
    params: Any = None,
    flavors: str = "{python_function: {loader_module: mlflow.pyfunc.model, python_version: 3.11.7}}",
) -> Path:
    """A folder with such a signature, of a model that only MLflow can load."""
    lines = [f"flavors: {flavors}", "mlflow_version: 3.17.2", "signature:"]
    for key, value in (("inputs", inputs), ("outputs", outputs), ("params", params)):
        written = "null" if value is None else json.dumps(json.dumps(list(value)))
        lines.append(f"  {key}: {written}")
    (tmp_path / "MLmodel").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def test_a_model_of_scikit_learn_is_served_by_it_with_its_labels() -> None:
    signature = read(model_of("sklearn"))
    assert [(part.name, part.type) for part in signature.inputs] == [
        ("mean radius", "double"),
        ("visits", "int64"),
    ]
    assert signature.outputs[0].labels == ("no", "yes")
    assert signature.runtime is not None
    assert signature.runtime.kind == "sklearn"
    assert [file.place for file in signature.runtime.files] == ["model.skops"]


def test_the_signature_names_columns_whose_names_the_file_has_lost() -> None:
    signature = read(model_of("xgboost"))
    assert signature.inputs == tuple(
        Part(name, "float", default="nan") for name in ("a", "b b", "c", "d")
    )
    assert signature.runtime is not None
    assert signature.runtime.facts["columns"] == ["a", "b b", "c", "d"]
    assert not signature.notes


@pytest.mark.parametrize("columns", ["mean radius", "mean_radius"])
def test_the_signature_restores_blanks_and_whole_numbers_for_lightgbm(
    tmp_path: Path, columns: str
) -> None:
    flavors = "{python_function: {loader_module: mlflow.lightgbm}, lightgbm: {data: model.lgb}}"
    inputs = [
        column("float", columns),
        column("long", "visits"),
        column("boolean", "member"),
        column("string", "color"),
        column("long", "zone"),
    ]
    path = folder(tmp_path, inputs, flavors=flavors)
    shutil.copy(MODELS / "lightgbm_categories" / "model.txt", path / "model.lgb")
    signature = read(path)
    assert [(part.name, part.type) for part in signature.inputs] == [
        (columns, "double"),
        ("visits", "int64"),
        ("member", "bool"),
        ("color", "enum"),
        ("zone", "int64"),
    ]
    assert signature.runtime is not None
    assert signature.runtime.facts["columns"][0] == columns
    assert not any("blanks" in note for note in signature.notes)


def test_a_signature_in_another_order_renames_nothing(tmp_path: Path) -> None:
    flavors = "{python_function: {loader_module: mlflow.xgboost}, xgboost: {data: model.ubj}}"
    names = ("zone", "color", "member", "visits", "mean radius")
    path = folder(tmp_path, [column("long", name) for name in names], flavors=flavors)
    shutil.copy(MODELS / "xgboost_categories_ubj" / "model.ubj", path)
    signature = read(path)
    assert [part.name for part in signature.inputs] == list(reversed(names))


def test_any_other_model_is_loaded_by_mlflow_from_its_folder() -> None:
    signature = read(model_of("pyfunc"))
    assert signature.inputs == (Part("mean radius", "float"), Part("visits", "int64"))
    assert signature.outputs == (Part("twice", "float"), Part("visitor", "string"))
    runtime = signature.runtime
    assert runtime is not None
    assert runtime.facts == {
        "folder": True,
        "takes": "frame",
        "columns": [
            {"name": "mean radius", "dtype": "float32"},
            {"name": "visits", "dtype": "int64"},
        ],
        "named": True,
        "gives": "frame",
        "answers": [
            {"name": "twice", "dtype": "float32"},
            {"name": "visitor", "dtype": "object"},
        ],
    }
    assert runtime.needs_trust
    assert runtime.imports == ("mlflow.pyfunc.model",)
    assert runtime.packages == ("pandas", "mlflow-skinny==3.17.2")
    assert runtime.foreign == runtime.packages
    assert runtime.files[0].place == "MLmodel"
    assert {file.place for file in runtime.files} >= {"python_model.pkl", "requirements.txt"}
    assert any("Python 3.11" in note for note in signature.notes)


def test_the_example_of_the_inputs_is_there_as_rows() -> None:
    rows = read(model_of("pyfunc")).rows
    answers = json.loads((model_of("pyfunc").parent / "answers.json").read_text("utf-8"))
    assert list(rows) == answers["rows"]


def test_a_gap_in_the_example_is_nan_where_the_field_takes_it(tmp_path: Path) -> None:
    path = folder(tmp_path, [column("double", "a", required=False), column("string", "b")])
    data = [[None, "x"], [1.5, None], [2, "y"]]
    example = {"dataframe_split": {"columns": ["a", "b"], "data": data}}
    (path / "serving_input_example.json").write_text(json.dumps(example), encoding="utf-8")
    assert str(read(path).rows) == "({'a': nan, 'b': 'x'}, {'a': 2, 'b': 'y'})"


def test_each_type_of_column_has_its_field(tmp_path: Path) -> None:
    words = ("double", "float", "integer", "long", "boolean", "string", "binary")
    path = folder(tmp_path, [column(word, word, required=True) for word in words])
    assert [part.type for part in read(path).inputs] == [
        "double",
        "float",
        "int32",
        "int64",
        "bool",
        "string",
        "bytes",
    ]


def test_an_optional_column_has_a_default_only_if_it_is_a_float(tmp_path: Path) -> None:
    inputs = [column("double", "a", required=False), column("long", "b", required=False)]
    first, second = read(folder(tmp_path, inputs)).inputs
    assert (first.default, second.default) == ("nan", None)
    assert "MLflow takes it as missing too" in second.about


@pytest.mark.parametrize("word", ["datetime", "object", "array", "map", "any"])
def test_a_type_that_no_field_has_is_refused_by_its_name(tmp_path: Path, word: str) -> None:
    message = refusal(folder(tmp_path, [column(word, "when")]))
    assert f'its column "when" is of the type "{word}"' in message


def test_tensors_have_their_shapes_without_the_axis_of_instances(tmp_path: Path) -> None:
    inputs = [tensor("float32", [-1, 3, 4], "a"), tensor("uint8", [-1, -1], "b")]
    outputs = [tensor("int64", [-1]), tensor("float64", [-1, 2])][1:]
    signature = read(folder(tmp_path, inputs, outputs))
    assert signature.inputs == (Part("a", "float", (3, 4)), Part("b", "uint8", (None,)))
    assert signature.outputs == (Part("prediction", "double", (2,)),)
    assert signature.runtime is not None
    assert (signature.runtime.facts["takes"], signature.runtime.facts["gives"]) == (
        "tensors",
        "array",
    )


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        (tensor("float32", [8, 3]), "no axis of instances"),
        (tensor("float32", []), "no axis of instances"),
        (tensor("complex64", [-1]), 'is of "complex64"'),
        (tensor("float32", [-1, 0]), "has a size of 0"),
    ],
)
def test_tensors_that_no_field_holds_are_refused(tmp_path: Path, spec: Any, fault: str) -> None:
    assert fault in refusal(folder(tmp_path, [spec]))


def test_columns_and_answers_without_names_get_some(tmp_path: Path) -> None:
    one = read(folder(tmp_path, [column("string")], [column("string")]))
    assert [part.name for part in (*one.inputs, *one.outputs)] == ["input", "prediction"]
    several = read(folder(tmp_path, [column("double")] * 3))
    assert [part.name for part in several.inputs] == ["0", "1", "2"]
    assert several.runtime is not None
    assert several.runtime.facts["named"] is False


def test_parameters_stay_at_their_defaults_and_a_user_is_told(tmp_path: Path) -> None:
    params = [{"name": "k", "default": 0.5, "shape": None, "type": "double"}]
    notes = read(folder(tmp_path, [column("double", "a")], params=params)).notes
    assert "Its parameters stay at their defaults (k = 0.5): a schema has none." in notes


def test_a_model_without_signature_is_refused_with_the_call_that_adds_one(tmp_path: Path) -> None:
    assert "no signature of what it takes" in refusal(folder(tmp_path, None))
    message = refusal(folder(tmp_path, [column("double", "a")], None))
    assert "no signature of what it answers" in message
    assert "infer_signature(inputs, model.predict(inputs))" in message


def test_a_file_that_its_own_reader_refuses_is_left_to_mlflow(tmp_path: Path) -> None:
    flavors = (
        "{python_function: {loader_module: mlflow.xgboost}, xgboost: {data: model.xgb, "
        "model_class: xgboost.sklearn.XGBClassifier}}"
    )
    path = folder(tmp_path, [column("double", "a")], flavors=flavors)
    (path / "model.xgb").write_bytes(b"binf" + bytes(100))
    signature = read(path)
    assert signature.runtime is not None
    assert (signature.runtime.kind, signature.runtime.needs_trust) == ("pyfunc", True)
    assert any("since it is in XGBoost's old binary format" in note for note in signature.notes)


def test_what_is_gits_is_none_of_the_models(tmp_path: Path) -> None:
    path = folder(tmp_path, [column("long", "x")])
    for name in (".git/config", ".gitignore", "code/.gitattributes", "code/it.py"):
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_text("")
    assert [place for place in files_of(path) if place != "MLmodel"] == ["code/it.py"]
