"""What a file of XGBoost tells, and what it cannot do to its reader."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grpc_ml_template.sources.boosters.xgboost import decoded, read
from grpc_ml_template.sources.common.signature import Part, Signature

MODELS = Path(__file__).parent / "models"
FORMATS = ("ubj", "json")
Change = Callable[[dict[str, Any]], None]


def model_of(name: str, form: str = "json") -> Path:
    return MODELS / f"xgboost_{name}_{form}" / f"model.{form}"


def read_changed(tmp_path: Path, name: str, change: Change) -> Signature:
    """What a model says once its file was written anew with a change."""
    model = json.loads(model_of(name).read_text(encoding="utf-8"))
    change(model["learner"])
    path = tmp_path / "model.json"
    path.write_text(json.dumps(model), encoding="utf-8")
    return read(path)


@pytest.mark.parametrize("form", FORMATS)
def test_columns_without_names_are_one_tensor_that_may_have_gaps(form: str) -> None:
    signature = read(model_of("binary", form))
    assert signature.inputs == (Part("features", "float", (4,), default="nan"),)
    assert signature.runtime is not None
    assert signature.runtime.facts["columns"] is None
    assert "as one list" in signature.notes[0]


@pytest.mark.parametrize("form", FORMATS)
def test_columns_keep_their_names_types_and_categories(form: str) -> None:
    signature = read(model_of("categories", form))
    assert [(part.name, part.type, part.default) for part in signature.inputs] == [
        ("mean radius", "float", "nan"),
        ("visits", "int64", None),
        ("member", "bool", None),
        ("color", "enum", None),
        ("zone", "int64", None),
    ]
    assert signature.inputs[3].labels == ("blue", "green", "light blue", "red")
    assert signature.runtime is not None
    assert signature.runtime.facts["categories"] == {
        "color": ["blue", "green", "light blue", "red"],
        "zone": [10, 20, 30],
    }


def test_both_formats_say_the_same() -> None:
    for name in ("binary", "multiclass", "regression", "categories"):
        first, second = (read(model_of(name, form)) for form in FORMATS)
        assert first.inputs == second.inputs
        assert first.outputs == second.outputs
        assert first.notes == second.notes


def test_probabilities_of_classes_are_a_tensor_since_the_labels_are_lost() -> None:
    signature = read(model_of("multiclass"))
    assert signature.outputs == (Part("probabilities", "float", (3,), about="Of each class"),)
    assert any("no names of classes" in note for note in signature.notes)


@pytest.mark.parametrize(
    ("objective", "type_", "name"),
    [
        ("binary:logistic", "float", "probability"),
        ("binary:hinge", "int32", "label"),
        ("binary:logitraw", "float", "score"),
        ("reg:absoluteerror", "float", "prediction"),
        ("count:poisson", "float", "prediction"),
        ("rank:ndcg", "float", "score"),
        ("survival:cox", "float", "hazard_ratio"),
        ("reg:of_tomorrow", "float", "prediction"),
    ],
)
def test_an_answer_is_called_what_the_objective_makes_it(
    tmp_path: Path, objective: str, type_: str, name: str
) -> None:
    def change(learner: dict[str, Any]) -> None:
        learner["objective"]["name"] = objective

    (output,) = read_changed(tmp_path, "regression", change).outputs
    assert (output.name, output.type, output.dims) == (name, type_, None)


def test_the_class_of_softmax_is_a_whole_number(tmp_path: Path) -> None:
    def change(learner: dict[str, Any]) -> None:
        learner["objective"]["name"] = "multi:softmax"

    signature = read_changed(tmp_path, "multiclass", change)
    assert [(part.name, part.type) for part in signature.outputs] == [("label", "int32")]
    assert signature.runtime is not None
    assert signature.runtime.facts["whole"] is True


def test_several_quantiles_and_targets_are_tensors(tmp_path: Path) -> None:
    def quantiles(learner: dict[str, Any]) -> None:
        learner["learner_model_param"]["num_target"] = "3"
        learner["objective"] = {
            "name": "reg:quantileerror",
            "quantile_loss_param": {"quantile_alpha": "[1E-1,5E-1,9E-1]"},
        }

    def targets(learner: dict[str, Any]) -> None:
        learner["learner_model_param"]["num_target"] = "2"

    assert read_changed(tmp_path, "regression", quantiles).outputs == (
        Part("quantiles", "float", (3,), about="At 0.1, 0.5, 0.9"),
    )
    assert read_changed(tmp_path, "regression", targets).outputs == (
        Part("predictions", "float", (2,)),
    )


def test_dart_and_linear_models_are_read_too(tmp_path: Path) -> None:
    def dart(learner: dict[str, Any]) -> None:
        inner = learner["gradient_booster"]
        learner["gradient_booster"] = {"gbtree": inner, "name": "dart", "weight_drop": [1.0]}

    def linear(learner: dict[str, Any]) -> None:
        model = {"boosted_rounds": 3, "weights": [0.5, 1, 2, 3, 4]}
        learner["gradient_booster"] = {"model": model, "name": "gblinear"}

    assert read_changed(tmp_path, "categories", dart).inputs == read(model_of("categories")).inputs
    signature = read_changed(tmp_path, "regression", linear)
    assert signature.inputs == (Part("features", "float", (4,)),)
    assert signature.runtime is not None
    assert signature.runtime.facts["linear"] is True


def test_categories_that_the_file_does_not_list_are_codes(tmp_path: Path) -> None:
    def change(learner: dict[str, Any]) -> None:
        del learner["gradient_booster"]["model"]["cats"]

    signature = read_changed(tmp_path, "categories", change)
    assert [part.type for part in signature.inputs][3:] == ["int64", "int64"]
    assert any('does not list the categories of "color", "zone"' in n for n in signature.notes)


def test_an_empty_category_makes_a_column_of_strings(tmp_path: Path) -> None:
    def change(learner: dict[str, Any]) -> None:
        learner["gradient_booster"]["model"]["cats"]["enc"][3] = {
            "offsets": [0, 0, 3],
            "values": [97, 98, 99],
        }

    signature = read_changed(tmp_path, "categories", change)
    assert (signature.inputs[3].type, signature.inputs[3].labels) == ("string", ())
    assert signature.runtime is not None
    assert signature.runtime.facts["categories"]["color"] == ["", "abc"]


def test_early_stopping_answers_with_the_rounds_that_the_library_takes(tmp_path: Path) -> None:
    def own(learner: dict[str, Any]) -> None:
        learner["attributes"] = {"best_iteration": "1", "scikit_learn": "{}"}

    def native(learner: dict[str, Any]) -> None:
        learner["attributes"] = {"best_iteration": "1"}

    for change, rounds in ((own, 2), (native, 0)):
        signature = read_changed(tmp_path, "regression", change)
        assert signature.runtime is not None
        assert signature.runtime.facts["rounds"] == rounds
        assert any("stopped early" in note for note in signature.notes)


def test_more_columns_than_fields_travel_as_one_list(tmp_path: Path) -> None:
    def change(learner: dict[str, Any]) -> None:
        learner["feature_names"] = [f"word {place}" for place in range(5000)]
        learner["feature_types"] = ["float"] * 5000
        learner["learner_model_param"]["num_feature"] = "5000"

    signature = read_changed(tmp_path, "regression", change)
    assert signature.inputs == (Part("features", "float", (5000,), default="nan"),)


def test_the_library_is_as_new_as_the_file() -> None:
    signature = read(model_of("binary"))
    assert signature.runtime is not None
    assert signature.runtime.packages == (
        "xgboost-cpu>=3.2,<4; sys_platform != 'darwin'",
        "xgboost>=3.2,<4; sys_platform == 'darwin'",
    )


def test_categories_that_the_library_cuts_off_are_not_known() -> None:
    # XGBoost 3.2 counts the characters of "Köln" and "Ulm", and writes so many bytes of them.
    enc = {"offsets": [0, 4, 7], "values": [75, -61, -74, 108, 110, 85, 108]}
    assert decoded(enc) == []
    plain = {"offsets": [0, 4, 7], "values": [*b"KoelUlm"]}
    assert decoded(plain) == ["Koel", "Ulm"]
