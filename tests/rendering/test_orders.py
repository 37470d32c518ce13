"""A model gets its own columns, in its own order, wherever the schema has them."""

import json
from pathlib import Path

import pytest
from baking import bake, compile_stubs, lint
from recorded import model_of, package_of

from grpc_ml_template.project.source import source_of
from grpc_ml_template.project.sourcing import signature_of


def baked(folder: Path, model: str, inputs: str, outputs: str) -> dict[str, str]:
    """Return the modules of a project whose schema has been edited since it was made."""
    path = model_of(model)
    source = source_of(signature_of(str(path)), path.name, "")
    files = {"inputs": inputs, "outputs": outputs}
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text)
    answers = {name: f"@{folder / name}.txt" for name in files}
    project = bake(folder, _source=source.json, model_name="Odd", **answers)
    compile_stubs(project)
    lint(project)
    package = package_of(project)
    assert json.loads((project / "schema" / "template.json").read_text())["source"]
    return {name: (package / name).read_text() for name in ("model.py", "library.py")}


LABELS = "label: enum(high, low)\nprobabilities: double[label]"


@pytest.mark.parametrize(
    "inputs",
    [
        'b as "1": double\na as "0": enum(first, second, "third class")\nc as "2": enum(Köln, Paris)',
        'own: double = 0\na as "0": enum(first, second, "third class")\nb as "1": double\n'
        'c as "2": enum(Köln, Paris)',
    ],
)
def test_columns_without_names_keep_the_order_of_training(tmp_path: Path, inputs: str) -> None:
    found = baked(tmp_path, "sklearn_cells", inputs, LABELS)
    assert 'COLUMNS = ["0", "1", "2"]' in found["model.py"]
    assert "cells(table(SCHEMA.inputs, inputs), COLUMNS)" in found["model.py"]
    assert "[[row[name] for name in COLUMNS]]" in found["library.py"]


@pytest.mark.parametrize(
    ("model", "outputs"),
    [
        (
            "sklearn_iris",
            "label: enum(setosa, versicolor, virginica)\nprobabilities: double[label]",
        ),
        ("xgboost_binary_ubj", "probability: float"),
        ("lightgbm_binary", "probability: double"),
    ],
)
def test_an_input_of_the_projects_own_never_takes_the_place_of_the_models(
    tmp_path: Path, model: str, outputs: str
) -> None:
    found = baked(tmp_path, model, "own: double[4] = 0\nfeatures: double[4]", outputs)
    assert "rows = inputs.features" in found["model.py"]


def test_an_output_of_the_projects_own_never_gets_the_models_answer(tmp_path: Path) -> None:
    outputs = "own: double\nprobability: double"
    found = baked(tmp_path, "lightgbm_binary", "features: double[4]", outputs)
    assert "Outputs(probability=answers)" in found["model.py"]


def test_numbers_for_labels_keep_the_order_of_the_models_where_the_schema_has_another(
    tmp_path: Path,
) -> None:
    found = baked(
        tmp_path,
        "onnx_iris_tensor",
        'x as "X": float[4]',
        'label: enum(10, "-10", 0)\nprobabilities: float[label]',
    )
    assert 'LABEL_ORDER = ["-10", "0", "10"]' in found["model.py"]
    assert "by_label(LABEL_LABELS, LABEL_ORDER, answers[1])" in found["model.py"]
    assert "dict(zip(LABEL_ORDER, answers[1][0], strict=True))" in found["library.py"]


def test_examples_have_values_that_the_model_was_trained_with(tmp_path: Path) -> None:
    path = model_of("lightgbm_categories")
    project = bake(tmp_path, source=str(path), model_name="Odd")
    examples = (project / "tests" / "examples.py").read_text()
    assert '    "zone": 10,' in examples
    assert '    "zone": 20,' in examples
    typed = bake(tmp_path / "typed", source=str(path), inputs='color: string = ""')
    assert '"color": "blue"' in (typed / "tests" / "examples.py").read_text()
    limited = bake(tmp_path / "limited", source=str(path), inputs="zone: int64 15..25")
    assert '"zone": 20' in (limited / "tests" / "examples.py").read_text()
