"""Models of scikit-learn, saved with joblib, pickle or skops: their fields and how to load them."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from stand_ins import TREE, Stand, pickled

from grpc_ml_template.sources.common.signature import Part, Signature
from grpc_ml_template.sources.sklearn.labels import Column, category_column
from grpc_ml_template.sources.sklearn.reader import read_pickle, read_skops

MODELS = Path(__file__).parent / "models"
NAMES = sorted(folder.name for folder in MODELS.glob("sklearn_*"))
SPECIES = ("setosa", "versicolor", "virginica")


def read(name: str) -> Signature:
    """What one of the models says."""
    return read_file(next((MODELS / name).glob("model.*")))


def read_file(path: Path) -> Signature:
    """What a file says."""
    return read_skops(path) if path.suffix == ".skops" else read_pickle(path)


@pytest.mark.parametrize("name", NAMES)
def test_the_fields_are_those_that_the_library_takes_and_gives(name: str) -> None:
    signature = read(name)
    content = json.loads((MODELS / name / "answers.json").read_text())
    for row in content["rows"]:
        assert set(row) == {part.name for part in signature.inputs}
        for part in signature.inputs:
            check_value(part, row[part.name], signature.inputs)
    for answer in content["answers"]:
        assert set(answer) == {part.name for part in signature.outputs}
        for part in signature.outputs:
            check_value(part, answer[part.name], signature.outputs)


def check_value(part: Part, value: Any, side: tuple[Part, ...]) -> None:
    """Whether a field can hold a value."""
    if part.type == "enum":
        assert value in part.labels
    elif part.labels_of:
        (enum,) = (each for each in side if each.name == part.labels_of)
        assert len(value) == len(enum.labels)
    elif part.dims is not None:
        assert part.dims in ((None,), (len(value),))
    elif value == "nan":
        assert part.default == "nan"
    else:
        kinds = {"double": float, "int64": int, "int32": int, "bool": bool, "string": str}
        assert type(value) is kinds[part.type]


@pytest.mark.parametrize("name", NAMES)
def test_the_scikit_learn_that_saved_a_model_is_pinned(name: str) -> None:
    signature = read(name)
    assert signature.runtime is not None
    content = json.loads((MODELS / name / "answers.json").read_text())
    version = content["made_by"].removeprefix("scikit-learn ")
    assert f"scikit-learn=={version}" in signature.runtime.packages
    assert not any("version" in note for note in signature.notes)


@pytest.mark.parametrize("name", ["sklearn_columns", "sklearn_columns_skops"])
def test_a_pipeline_takes_the_columns_that_it_was_fitted_with(name: str) -> None:
    signature = read(name)
    assert signature.inputs == (
        Part("mean radius", "double", default="nan"),
        Part("class", "enum", labels=("first", "second", "third class")),
        Part("A b", "double", default="nan"),
        Part("a_b", "int64", about="Trained with 0, 1, 2, 3, 4", known=(0, 1, 2, 3, 4)),
        Part("city", "string", about="Trained with Köln, Paris", known=("Köln", "Paris")),
        Part("is member", "bool"),
    )
    assert signature.outputs == (
        Part("label", "enum", labels=("high", "low")),
        Part("probabilities", "double", labels_of="label"),
    )
    assert signature.runtime is not None
    assert signature.runtime.facts["takes"] == "frame"
    assert "pandas>=2" in signature.runtime.packages
    assert signature.notes == (
        "The model makes nothing of these columns, so they are no inputs: note.",
    )


def test_a_model_of_an_array_takes_one_tensor() -> None:
    signature = read("sklearn_iris")
    assert signature.inputs == (Part("features", "double", (4,)),)
    assert signature.outputs == (
        Part("label", "enum", labels=SPECIES),
        Part("probabilities", "double", labels_of="label"),
    )


def test_a_model_of_an_array_of_texts_and_numbers_takes_its_columns_by_place() -> None:
    signature = read("sklearn_cells")
    assert [(part.name, part.type) for part in signature.inputs] == [
        ("0", "enum"),
        ("1", "double"),
        ("2", "enum"),
    ]
    assert signature.runtime is not None
    assert signature.runtime.facts["takes"] == "columns"


def test_a_pipeline_that_begins_with_a_vectorizer_takes_a_text() -> None:
    signature = read("sklearn_texts")
    assert signature.inputs == (Part("text", "string"),)
    assert signature.runtime is not None
    assert signature.runtime.facts["takes"] == "texts"


@pytest.mark.parametrize(
    ("name", "labels", "kind"),
    [
        ("sklearn_integers", ("0", "1", "2"), "int"),
        ("sklearn_bools", ("False", "True"), "bool"),
        ("sklearn_search", SPECIES, "str"),
    ],
)
def test_classes_of_any_kind_are_labels(name: str, labels: tuple[str, ...], kind: str) -> None:
    signature = read(name)
    assert signature.runtime is not None
    assert signature.outputs[0].labels == labels
    assert signature.runtime.facts["answers"][0]["labels"] == kind


def test_a_classifier_without_probabilities_gives_none() -> None:
    assert [part.name for part in read("sklearn_bools").outputs] == ["label"]


@pytest.mark.parametrize(
    ("name", "outputs"),
    [
        ("sklearn_forest", (Part("prediction", "double"),)),
        ("sklearn_ridge", (Part("prediction", "double", (2,)),)),
        ("sklearn_clusters", (Part("cluster", "int32"),)),
        ("sklearn_outliers", (Part("inlier", "bool"), Part("score", "double"))),
        ("sklearn_components", (Part("output", "double", (2,)),)),
    ],
)
def test_what_tells_no_classes_gives_what_it_is_for(name: str, outputs: tuple[Part, ...]) -> None:
    assert read(name).outputs == outputs


def test_each_of_several_outputs_is_a_field() -> None:
    signature = read("sklearn_outputs")
    assert [part.name for part in signature.outputs] == [
        "label_0",
        "probabilities_0",
        "label_1",
        "probabilities_1",
    ]
    assert signature.outputs[2].labels == ("narrow", "wide")
    assert signature.outputs[3].labels_of == "label_1"


def test_a_pickle_needs_trust_and_says_what_it_imports() -> None:
    runtime = read("sklearn_texts").runtime
    assert runtime is not None
    assert runtime.needs_trust
    assert "sklearn.pipeline.Pipeline" in runtime.imports
    assert "numpy._core.multiarray._reconstruct" in runtime.imports
    assert runtime.facts["loader"] == "pickle"
    assert runtime.files[0].place == "model.pkl"


def test_a_skops_file_of_types_of_scikit_learn_needs_no_trust() -> None:
    runtime = read("sklearn_columns_skops").runtime
    assert runtime is not None
    assert not runtime.needs_trust
    assert runtime.imports == ()
    assert "sklearn.compose._column_transformer.ColumnTransformer" in runtime.facts["trusted"]
    assert runtime.files[0].place == "model.skops"


def changed_skops(path: Path, old: bytes, new: bytes) -> Path:
    """A copy of a .skops file with another schema."""
    source = MODELS / "sklearn_components" / "model.skops"
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(path, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            copy.writestr(name, content.replace(old, new) if name == "schema.json" else content)
    return path


def test_a_skops_file_with_a_function_of_others_needs_trust(tmp_path: Path) -> None:
    node = b'{"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"}'
    path = changed_skops(
        tmp_path / "model.skops", b'"whiten": {', b'"odd": ' + node + b', "whiten": {'
    )
    runtime = read_skops(path).runtime
    assert runtime is not None
    assert runtime.needs_trust
    assert runtime.imports == ("os.system",)
    assert "os.system" not in runtime.facts["trusted"]


@pytest.mark.parametrize("name", ["joblib.load", "sklearn.datasets.fetch_openml", "numpy.load"])
def test_no_function_is_trusted_for_the_package_that_it_is_in(tmp_path: Path, name: str) -> None:
    module, _, function = name.rpartition(".")
    node = {"__class__": function, "__module__": module, "__loader__": "FunctionNode"}
    path = changed_skops(
        tmp_path / "model.skops",
        b'"whiten": {',
        b'"odd": ' + json.dumps(node).encode() + b', "whiten": {',
    )
    runtime = read_skops(path).runtime
    assert runtime is not None
    assert runtime.imports == (name,)


def test_a_booster_may_end_a_pipeline(tmp_path: Path) -> None:
    scaler = Stand("sklearn.preprocessing._data.StandardScaler", {"n_features_in_": 2, "var_": 1})
    last = Stand("xgboost.sklearn.XGBClassifier", {"n_classes_": 3})
    state = {"steps": [("a", scaler), ("b", last)], "_sklearn_version": "1.9.1"}
    path = tmp_path / "model.pkl"
    path.write_bytes(pickled(Stand("sklearn.pipeline.Pipeline", state)))
    signature = read_pickle(path)
    assert signature.outputs[0] == Part("label", "enum", labels=("0", "1", "2"))
    assert signature.runtime is not None
    assert signature.runtime.packages == ("scikit-learn==1.9.1", "xgboost>=2")


def columns(*parts: tuple[str, Any, Any]) -> Stand:
    """A ColumnTransformer."""
    return Stand(
        "sklearn.compose._column_transformer.ColumnTransformer",
        {"transformers_": list(parts), "feature_names_in_": ["a", "b", "c"], "n_features_in_": 3},
    )


def test_a_column_that_any_part_uses_is_required(tmp_path: Path) -> None:
    encoder = Stand(
        "sklearn.preprocessing._encoders.OneHotEncoder",
        {"categories_": [["no", "yes"]], "handle_unknown": "error"},
    )
    parts = [
        ("x", columns(("scaled", Stand("my.Scaler", {}), ["a"]), ("rest", "drop", ["b", "c"]))),
        ("y", columns(("encoded", encoder, ["b"]), ("rest", "drop", ["a", "c"]))),
    ]
    union = Stand("sklearn.pipeline.FeatureUnion", {"transformer_list": parts})
    path = tmp_path / "model.pkl"
    path.write_bytes(
        pickled(Stand("sklearn.pipeline.Pipeline", {"steps": [("u", union), ("m", TREE)]}))
    )
    signature = read_pickle(path)
    assert signature.inputs == (Part("a", "double"), Part("b", "enum", labels=("no", "yes")))
    assert signature.notes[-1] == (
        "The model makes nothing of these columns, so they are no inputs: c."
    )


def test_a_model_that_encodes_categories_by_itself_takes_texts_and_gaps(tmp_path: Path) -> None:
    encoder = Stand(
        "sklearn.preprocessing._encoders.OrdinalEncoder",
        {"categories_": [["no", "yes"]], "handle_unknown": "use_encoded_value"},
    )
    numbers = Stand("sklearn.preprocessing._function_transformer.FunctionTransformer", {})
    parts = (("encoder", encoder, [False, True, False]), ("rest", numbers, [True, False, True]))
    names = {"feature_names_in_": ["a", "b", "c"], "n_features_in_": 3, "classes_": ["x", "y"]}
    name = "sklearn.ensemble._hist_gradient_boosting.gradient_boosting"
    state = {**names, "_preprocessor": columns(*parts)}
    path = tmp_path / "model.pkl"
    path.write_bytes(pickled(Stand(f"{name}.HistGradientBoostingClassifier", state)))
    signature = read_pickle(path)
    assert [(part.type, part.default) for part in signature.inputs] == [
        ("double", "nan"),
        ("string", '""'),
        ("double", "nan"),
    ]
    assert signature.inputs[1].known == ("no", "yes")
    assert signature.runtime is not None
    assert signature.runtime.facts["gaps"] == ["b"]


def test_what_fills_none_alone_has_no_gaps_that_a_caller_could_send(tmp_path: Path) -> None:
    for missing, default in ((float("nan"), "nan"), (None, None)):
        imputer = Stand("sklearn.impute._base.SimpleImputer", {"missing_values": missing})
        path = tmp_path / "model.pkl"
        path.write_bytes(
            pickled(
                Stand(
                    "sklearn.pipeline.Pipeline",
                    {"steps": [("c", columns(("i", imputer, ["a"]))), ("m", TREE)]},
                )
            )
        )
        assert read_pickle(path).inputs[0].default == default


def test_classes_of_ones_own_are_named_in_a_note(tmp_path: Path) -> None:
    steps_ = [("a", Stand("my.Scaler", {"n_features_in_": 3})), ("b", TREE)]
    path = tmp_path / "model.pkl"
    state = {"steps": steps_, "_sklearn_version": "1.9.1"}
    path.write_bytes(pickled(Stand("sklearn.pipeline.Pipeline", state)))
    signature = read_pickle(path)
    (note,) = signature.notes
    assert "needs my" in note
    assert signature.runtime is not None
    assert "my.Scaler" in signature.runtime.imports


def test_classes_that_no_enum_can_hold_are_numbers_or_texts(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    name = "sklearn.linear_model._logistic.LogisticRegression"
    for classes, kind in ((list(range(10_001)), "int64"), (["", "yes"], "string")):
        path.write_bytes(pickled(Stand(name, {"classes_": classes, "n_features_in_": 2})))
        outputs = read_pickle(path).outputs
        assert outputs[0] == Part("label", kind)
        assert outputs[1] == Part("probabilities", "double", (len(classes),))


def test_a_text_may_be_missing_where_the_model_fills_gaps_in_it() -> None:
    assert category_column(["a", float("nan")], is_open=True).default == '""'
    assert category_column(["a", "b"], is_open=True).default is None


def test_a_gap_that_is_none_is_none_that_a_caller_could_send() -> None:
    for known in (["a", None], [1.5, None], [True, False, None]):
        assert category_column(known, is_open=True).default is None


def test_what_a_model_was_trained_with_is_told_where_it_takes_other_values_too() -> None:
    assert category_column(["a", "b"], is_open=False) == Column("enum", ("a", "b"))
    assert category_column(["a", "b"], is_open=True) == Column(
        "string", about="Trained with a, b", known=("a", "b")
    )
    assert category_column([3, 4], is_open=False) == Column(
        "int64", about="Trained with 3, 4", known=(3, 4)
    )
    assert category_column([0.5, float("nan")], is_open=True) == Column(
        "double", default="nan", about="Trained with 0.5", known=(0.5,)
    )
    many = category_column([f"street {number}" for number in range(200)], is_open=True)
    assert many.about == (
        "Trained with street 0, street 1, street 2, street 3, street 4 and 195 more"
    )
    assert len(many.known) == 50


def test_what_cannot_be_shown_is_not_told() -> None:
    long, hidden = "x" * 25, "a\u202eb"
    column = category_column([long, hidden, "fine"], is_open=True)
    assert column.about == "Trained with fine and 2 more"
    assert category_column([long], is_open=True).about == ""
